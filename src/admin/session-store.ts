import { createHash } from 'node:crypto'
import { type SessionData, Store } from 'express-session'
import type { Kysely } from 'kysely'
import { clearAway } from '../database/clear-away.ts'
import type { Tables } from '../database/tables.ts'

declare module 'express-session' {
  interface SessionData {
    /** It was in the database when the request began; once gone from there, it has been ended. */
    isStored: boolean
  }
}

/**
 * Sessions in the database, so that every process knows them.
 * The id is kept as a digest: a copy of the table signs nobody in.
 * @param longestMs how long one lasts, however often its person comes by
 * @param now unix ms
 */
export function createSessionStore(db: Kysely<Tables>, longestMs: number, now: () => number): Store {
  async function find(id: string) {
    const row = await db.selectFrom('sessions').selectAll().where('id', '=', digest(id)).executeTakeFirst()
    return row && row.expires_at > now() ? { ...(JSON.parse(row.data) as SessionData), isStored: true } : null
  }

  const expiryOf = ({ cookie, since = now() }: SessionData) =>
    Math.min(now() + (cookie.originalMaxAge ?? 0), since + longestMs)

  async function save(id: string, session: SessionData) {
    const { user, address = null, agent = null, since = null } = session
    // Strangers come in any number, and each may come without his cookie.
    if (!user) return
    const place = { login: user.login, address, agent, created_at: since, seen_at: now() }
    const row = { data: JSON.stringify(session), expires_at: expiryOf(session), ...place }
    const { numUpdatedRows } = await db
      .updateTable('sessions')
      .set(row)
      .where('id', '=', digest(id))
      .executeTakeFirstOrThrow()
    if (numUpdatedRows > 0n || session.isStored) return
    await db
      .insertInto('sessions')
      .values({ id: digest(id), ...row })
      .execute()
    await clearAway(db, 'sessions', now())
  }

  /** Another request may have changed or ended the session meanwhile. */
  async function prolong(id: string, session: SessionData) {
    await db
      .updateTable('sessions')
      .set({ expires_at: expiryOf(session), seen_at: now() })
      .where('id', '=', digest(id))
      .execute()
  }

  async function remove(id: string) {
    await db.deleteFrom('sessions').where('id', '=', digest(id)).execute()
  }

  return new (class extends Store {
    override get(id: string, callback: (error: unknown, session?: SessionData | null) => void) {
      find(id).then((session) => callback(null, session), callback)
    }
    override set(id: string, session: SessionData, callback?: (error?: unknown) => void) {
      save(id, session).then(() => callback?.(), callback)
    }
    override destroy(id: string, callback?: (error?: unknown) => void) {
      remove(id).then(() => callback?.(), callback)
    }
    override touch(id: string, session: SessionData, callback?: () => void) {
      prolong(id, session).then(callback, callback)
    }
  })()
}

/** What a session is called in the database. */
export function digest(id: string) {
  return createHash('sha256').update(id).digest('hex')
}
