import type { Kysely } from 'kysely'
import { isUniqueViolation } from '../database/open.ts'
import type { Tables } from '../database/tables.ts'

export type Passwords = ReturnType<typeof createPasswords>

/** The passwords that people set by the link of an invitation, as argon2id strings. */
export function createPasswords(db: Kysely<Tables>) {
  /** Null unless this very invitation has been taken up. */
  async function find(login: string, invitation: string) {
    const row = await db
      .selectFrom('passwords')
      .select('password')
      .where('login', '=', login)
      .where('invitation', '=', invitation)
      .executeTakeFirst()
    return row?.password ?? null
  }

  /** Takes the invitation up, over what an earlier one has left. False when somebody did so before, even just now. */
  async function set(row: Tables['passwords']) {
    const { numUpdatedRows } = await db
      .updateTable('passwords')
      .set(row)
      .where('login', '=', row.login)
      .where('invitation', '!=', row.invitation)
      .executeTakeFirstOrThrow()
    if (numUpdatedRows > 0n) return true
    try {
      await db.insertInto('passwords').values(row).execute()
      return true
    } catch (error) {
      if (isUniqueViolation(error)) return false
      throw error
    }
  }

  return { find, set }
}
