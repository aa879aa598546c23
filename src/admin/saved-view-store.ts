import type { Kysely } from 'kysely'
import { v7 as uuidv7 } from 'uuid'
import { isUniqueViolation } from '../database/open.ts'
import type { Tables } from '../database/tables.ts'

export interface SavedView {
  id: string
  name: string
  /** The filters, as they stand in the address of the list. */
  query: string
}

/** More of them nobody finds anything in. */
const mostViews = 50

/** The filters that people have named, each his own. @param now unix ms */
export function createSavedViewStore(db: Kysely<Tables>, now: () => number) {
  const views = (login: string) => db.selectFrom('saved_views').where('login', '=', login)

  return {
    list: (login: string): Promise<SavedView[]> =>
      views(login).select(['id', 'name', 'query']).orderBy('name').limit(mostViews).execute(),

    /** Under a name that he has given before it takes the place of the other. False: he has too many. */
    async save(login: string, name: string, query: string) {
      if (await replace(login, name, query)) return true
      const { count } = await views(login)
        .select(({ fn }) => fn.countAll<number | string>().as('count'))
        .executeTakeFirstOrThrow()
      if (Number(count) >= mostViews) return false
      const at = now()
      try {
        await db
          .insertInto('saved_views')
          .values({ id: uuidv7({ msecs: at }), login, name, query, created_at: at })
          .execute()
      } catch (error) {
        if (!isUniqueViolation(error)) throw error
        await replace(login, name, query)
      }
      return true
    },

    /** False: he has another of that name. */
    async rename(login: string, id: string, name: string) {
      try {
        await db.updateTable('saved_views').set({ name }).where('id', '=', id).where('login', '=', login).execute()
        return true
      } catch (error) {
        if (!isUniqueViolation(error)) throw error
        return false
      }
    },

    async remove(login: string, id: string) {
      await db.deleteFrom('saved_views').where('id', '=', id).where('login', '=', login).execute()
    },
  }

  async function replace(login: string, name: string, query: string) {
    const known = await views(login).select('id').where('name', '=', name).executeTakeFirst()
    if (known) await db.updateTable('saved_views').set({ query }).where('id', '=', known.id).execute()
    return known !== undefined
  }
}
