import type { Kysely, Selectable } from 'kysely'
import { isUniqueViolation } from '../database/open.ts'
import type { Tables } from '../database/tables.ts'
import { digestOf, linkMs, newToken } from '../people/links.ts'

/** A shop, or whoever else sends orders by the order API. */
export type ApiUser = Selectable<Tables['api_users']>
export type ApiUsers = ReturnType<typeof createApiUsers>

interface NewUser {
  name: string
  /** In small letters. */
  email: string
  /** Argon2id; null where only an invitation lets it set one. */
  password: string | null
  /** Login of the administrator who adds it; empty: it registers itself. */
  by: string
}

/** What an administrator decides about a user. */
export type ApiUserSettings = Pick<ApiUser, (typeof settingNames)[number]>
const settingNames = ['name', 'partner_id', 'form', 'rate_requests', 'rate_seconds'] as const

/** Of the 676 pairs of letters: strangers must not use up those of whom an administrator adds. */
const mostUninvited = 500

/** Who may send orders by the order API. @param now unix ms */
export function createApiUsers(db: Kysely<Tables>, now: () => number) {
  const list = () => db.selectFrom('api_users').selectAll().orderBy('created_at').orderBy('source').execute()

  /** Fails when the database is out of order. */
  const ping = () => db.selectFrom('api_users').select('source').limit(1).execute()

  async function find(source: string) {
    return (await db.selectFrom('api_users').selectAll().where('source', '=', source).executeTakeFirst()) ?? null
  }

  async function findByEmail(email: string) {
    const user = await db
      .selectFrom('api_users')
      .selectAll()
      .where('email', '=', email.toLowerCase())
      .executeTakeFirst()
    return user ?? null
  }

  /** Gives its source; null when somebody has that e-mail. Throws NoPrefixLeftError. */
  async function add({ name, email, password, by }: NewUser): Promise<string | null> {
    for (;;) {
      const others = await db.selectFrom('api_users').select(['source', 'created_by']).execute()
      const taken = new Set(others.map(({ source }) => source))
      const source = sourcesFor(email).find((each) => !taken.has(each))
      const uninvited = others.filter(({ created_by }) => created_by === '').length
      if (!source || (by === '' && uninvited >= mostUninvited)) throw new NoPrefixLeftError()
      const row = { source, name, email: email.toLowerCase(), password, created_at: now(), created_by: by }
      try {
        await db.insertInto('api_users').values(row).execute()
        return source
      } catch (error) {
        if (!isUniqueViolation(error)) throw error
        // Else somebody else has just got the prefix.
        if (await findByEmail(email)) return null
      }
    }
  }

  /** What people call each, by its source. */
  async function names() {
    const all = await db.selectFrom('api_users').select(['source', 'name']).execute()
    return new Map(all.map(({ source, name }) => [source, name]))
  }

  /** False when the settings are not (or no longer) as whoever changes them has seen them. */
  async function change(source: string, settings: ApiUserSettings, seen?: ApiUserSettings) {
    let query = db.updateTable('api_users').set(settings).where('source', '=', source)
    for (const name of seen ? settingNames : []) {
      const was = seen?.[name] ?? null
      query = was === null ? query.where(name, 'is', null) : query.where(name, '=', was)
    }
    const { numUpdatedRows } = await query.executeTakeFirstOrThrow()
    return numUpdatedRows > 0n
  }

  /** False when it is no longer the one before: somebody else was quicker. Both argon2id. */
  async function replacePassword(source: string, before: string, password: string) {
    const { numUpdatedRows } = await db
      .updateTable('api_users')
      .set({ password })
      .where('source', '=', source)
      .where('password', '=', before)
      .executeTakeFirstOrThrow()
    return numUpdatedRows > 0n
  }

  const block = (source: string, by: string) => update(source, { blocked_at: now(), blocked_by: by })

  const unblock = (source: string) => update(source, { blocked_at: null, blocked_by: null })

  async function update(source: string, columns: Partial<ApiUser>) {
    await db.updateTable('api_users').set(columns).where('source', '=', source).execute()
  }

  /** Gives a new code by which it can register; the one before is void, its password stays. */
  async function invite(source: string) {
    const code = newToken()
    await update(source, { invitation: digestOf(code), invited_until: now() + linkMs })
    return code
  }

  /** Registers whom the code invites. Gives its source, or why not: the code is over, or another one has that e-mail. @param password argon2id */
  async function takeUp(code: string, { name, email, password }: Record<'name' | 'email' | 'password', string>) {
    const invitation = digestOf(code)
    const invited = await db.selectFrom('api_users').selectAll().where('invitation', '=', invitation).executeTakeFirst()
    if (!invited) return { fault: 'over' as const }
    try {
      const { numUpdatedRows } = await db
        .updateTable('api_users')
        .set({ name, email: email.toLowerCase(), password, invitation: null, invited_until: null })
        .where('invitation', '=', invitation)
        .where('invited_until', '>', now())
        .where('blocked_at', 'is', null)
        .executeTakeFirstOrThrow()
      return numUpdatedRows > 0n ? { source: invited.source } : { fault: 'over' as const }
    } catch (error) {
      if (isUniqueViolation(error)) return { fault: 'taken' as const }
      throw error
    }
  }

  return { list, names, ping, find, findByEmail, add, change, replacePassword, block, unblock, invite, takeUp }
}

/** There are so many users that no two letters are left to tell one more by, or none for those who register by themselves. */
export class NoPrefixLeftError extends Error {
  override name = 'NoPrefixLeftError'
}

/** What the codes of its orders begin with. */
export function prefixOf(source: string) {
  return source.slice('api-'.length).toUpperCase()
}

const letters = [...'abcdefghijklmnopqrstuvwxyz']

/** Of the e-mail's own letters first, so that people recognise them. */
function sourcesFor(email: string) {
  const own = email.toLowerCase().replace(/[^a-z]/g, '')
  const pairs = Array.from({ length: Math.max(own.length - 1, 0) }, (_, at) => own.slice(at, at + 2))
  return [...pairs, ...letters.flatMap((one) => letters.map((other) => one + other))].map((pair) => `api-${pair}`)
}
