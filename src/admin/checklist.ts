import type { Kysely } from 'kysely'
import { isUniqueViolation } from '../database/open.ts'
import type { Tables } from '../database/tables.ts'

/** What only a person can know; `dismissed` is the whole list. */
export const tickable = ['backup', 'dismissed'] as const
type Tickable = (typeof tickable)[number]

/** What people have ticked on the list of first steps. @param now unix ms */
export function createTicks(db: Kysely<Tables>, now: () => number) {
  return {
    async all(): Promise<Partial<Record<Tickable, { at: number; login: string }>>> {
      const rows = await db.selectFrom('checklist').selectAll().execute()
      return Object.fromEntries(rows.map(({ item, at, login }) => [item, { at, login }]))
    },

    /** False when somebody was quicker. */
    async set(item: Tickable, login: string) {
      try {
        await db.insertInto('checklist').values({ item, at: now(), login }).execute()
        return true
      } catch (error) {
        if (isUniqueViolation(error)) return false
        throw error
      }
    },

    /** False when it was not set. */
    async unset(item: Tickable) {
      const { numDeletedRows } = await db.deleteFrom('checklist').where('item', '=', item).executeTakeFirstOrThrow()
      return numDeletedRows > 0n
    },
  }
}
