import type { Kysely, Selectable } from 'kysely'
import { isUniqueViolation } from '../database/open.ts'
import type { Tables } from '../database/tables.ts'
import { takeTurn } from '../database/take-turn.ts'
import { inTransaction } from '../database/transaction.ts'
import { digestOf, linkMs, newToken } from './links.ts'

export type Person = ReturnType<typeof personOf>
export type People = ReturnType<typeof createPeople>

interface NewPerson {
  login: string
  name: string
  roles: string[]
  /** Login of who invites. */
  by: string
}

/** Who may sign in besides those of users.ts. @param now unix ms */
export function createPeople(db: Kysely<Tables>, now: () => number) {
  const rows = (on: Kysely<Tables>) => on.selectFrom('people').selectAll().orderBy('login').execute()

  async function list() {
    return (await rows(db)).map(personOf)
  }

  async function find(login: string) {
    const row = await db.selectFrom('people').selectAll().where('login', '=', login).executeTakeFirst()
    return row ? personOf(row) : null
  }

  /** Whom the link of this token lets set a password, be it over or not. */
  async function findInvited(token: string) {
    const row = await db.selectFrom('people').selectAll().where('invitation', '=', digestOf(token)).executeTakeFirst()
    return row ? personOf(row) : null
  }

  /** Gives the token of the link; null when somebody has that login. */
  async function invite({ login, name, roles, by }: NewPerson) {
    const { token, ...link } = newLink()
    const row = { login, name, roles: JSON.stringify(roles), password: null, created_by: by, ...link }
    return (await add(row)) ? token : null
  }

  /** Gives the token of a new link. The password and the link before are void at once. */
  async function renewLink(login: string) {
    const { token, ...link } = newLink()
    await db
      .updateTable('people')
      .set({ ...link, password: null })
      .where('login', '=', login)
      .execute()
    return token
  }

  function newLink() {
    const token = newToken()
    return { token, invitation: digestOf(token), invited_until: now() + linkMs }
  }

  /** Takes the link up; false when somebody did so before, even just now. @param password argon2id */
  async function takeUp(token: string, password: string) {
    const { numUpdatedRows } = await db
      .updateTable('people')
      .set({ password, invitation: null, invited_until: null })
      .where('invitation', '=', digestOf(token))
      .where('invited_until', '>', now())
      .where('closed_at', 'is', null)
      .executeTakeFirstOrThrow()
    return numUpdatedRows > 0n
  }

  /** Of a person who knows the former one. @param password argon2id */
  async function setPassword(login: string, password: string) {
    await db.updateTable('people').set({ password }).where('login', '=', login).execute()
  }

  const setRoles = (login: string, roles: string[], mayBeSo: (after: Person[]) => boolean) =>
    changeIf(login, { roles: JSON.stringify(roles) }, mayBeSo)

  const close = (login: string, by: string, mayBeSo: (after: Person[]) => boolean) =>
    changeIf(login, { closed_at: now(), closed_by: by }, mayBeSo)

  const reopen = (login: string) => changeIf(login, { closed_at: null, closed_by: null }, () => true)

  /** False, and nothing is changed, when it may not be so with all who are then left. */
  async function changeIf(login: string, change: Partial<Tables['people']>, mayBeSo: (after: Person[]) => boolean) {
    return inTransaction(db, async (transaction) => {
      // Two people cannot shut each other out at once.
      await takeTurn(transaction, 'people')
      const all = await rows(transaction)
      if (!mayBeSo(all.map((row) => personOf(row.login === login ? { ...row, ...change } : row)))) return false
      await transaction.updateTable('people').set(change).where('login', '=', login).execute()
      return true
    })
  }

  /** False when somebody has that login. */
  async function add(row: Omit<Tables['people'], 'created_at' | 'closed_at' | 'closed_by'>, on = db) {
    try {
      await on
        .insertInto('people')
        .values({ ...row, created_at: now(), closed_at: null, closed_by: null })
        .execute()
      return true
    } catch (error) {
      if (isUniqueViolation(error)) return false
      throw error
    }
  }

  return { list, find, findInvited, invite, renewLink, takeUp, setPassword, setRoles, close, reopen, add }
}

function personOf({ roles, ...row }: Selectable<Tables['people']>) {
  return { ...row, roles: JSON.parse(roles) as string[] }
}
