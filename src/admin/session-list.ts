import type { Kysely } from 'kysely'
import type { Tables } from '../database/tables.ts'
import { browserName } from './browser-name.ts'

export type SessionList = ReturnType<typeof createSessionList>

const mostListed = 500

/** Who is signed in from where, and an end to it. What is ended here is so for every process at once. @param now unix ms */
export function createSessionList(db: Kysely<Tables>, now: () => number) {
  /** Those of one person, or of everybody. */
  async function list(login?: string) {
    const lasting = db
      .selectFrom('sessions')
      .select(['id', 'login', 'address', 'agent', 'created_at', 'seen_at'])
      .where('login', 'is not', null)
      .where('expires_at', '>', now())
    const rows = await (login === undefined ? lasting : lasting.where('login', '=', login))
      .orderBy('seen_at', 'desc')
      .limit(mostListed)
      .execute()
    return rows.map(({ agent, ...row }) => ({ ...row, login: row.login ?? '', browser: browserName(agent) }))
  }

  /** Gives whose it was; null when it has ended before, or is not of `login`. */
  async function end(id: string, login?: string) {
    const row = await db.selectFrom('sessions').select('login').where('id', '=', id).executeTakeFirst()
    if (!row?.login || (login !== undefined && row.login !== login)) return null
    await db.deleteFrom('sessions').where('id', '=', id).execute()
    return row.login
  }

  /** All of one person, but the one that is kept. */
  async function endOf(login: string, kept = '') {
    const { numDeletedRows } = await db
      .deleteFrom('sessions')
      .where('login', '=', login)
      .where('id', '!=', kept)
      .where('expires_at', '>', now())
      .executeTakeFirstOrThrow()
    return Number(numDeletedRows)
  }

  /** All of everybody who is signed in. */
  async function endEverybody() {
    const { numDeletedRows } = await db
      .deleteFrom('sessions')
      .where('login', 'is not', null)
      .where('expires_at', '>', now())
      .executeTakeFirstOrThrow()
    return Number(numDeletedRows)
  }

  async function reset() {
    const { all } = await count()
    await db.deleteFrom('sessions').execute()
    return all
  }

  async function count() {
    const { everybody, all } = await db
      .selectFrom('sessions')
      .select(({ fn }) => [fn.count<number>('login').as('everybody'), fn.countAll<number>().as('all')])
      .where('expires_at', '>', now())
      .executeTakeFirstOrThrow()
    return { everybody: Number(everybody), all: Number(all) }
  }

  /** When somebody last did anything; null: never. */
  async function lastSeen(login: string) {
    const session = await db
      .selectFrom('sessions')
      .select('seen_at')
      .where('login', '=', login)
      .orderBy('seen_at', 'desc')
      .executeTakeFirst()
    const deed = await db
      .selectFrom('audit')
      .select('at')
      .where('login', '=', login)
      .where('action', 'not in', ['sign_in_failed', 'password_set'])
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirst()
    return Math.max(session?.seen_at ?? 0, deed?.at ?? 0) || null
  }

  return { list, end, endOf, endEverybody, reset, count, lastSeen }
}
