import { hash, randomBytes } from 'node:crypto'
import { CompiledQuery, type Kysely, type Selectable } from 'kysely'
import type { Tables } from '../database/tables.ts'
import { createGroupCommit } from '../inbox/group-commit.ts'
import { isSame } from '../intake/token.ts'
import type { ApiUser } from './users.ts'

export type ApiTokens = ReturnType<typeof createApiTokens>

/** Of one user; whoever signs in anew for every order loses the oldest. */
const mostTokens = 100
/** Ms; the use of a token is written down no oftener. */
const usedEvery = 60_000

/** What shops show with their requests: `id|secret`, of which the secret is kept as a digest alone. @param now unix ms */
export function createApiTokens(db: Kysely<Tables>, now: () => number) {
  // Who asks at the same time is told by one query, so that no answer need be kept: a token that is over is over at once.
  const look = createGroupCommit<string, ApiUser | null>({ commit: lookUp, sizeOf: ({ length }) => length })

  /** Whose token it is; null for one that is over or never was, and for who is blocked. */
  async function identify(token: string): Promise<ApiUser | null> {
    return shape.test(token) ? look(token) : null
  }

  /** Most are one and the same: a shop sends all its orders with one token. */
  async function lookUp(tokens: string[]) {
    const shown = [...new Set(tokens)].map(read)
    const rows = await find([...new Set(shown.map(({ id }) => id))])
    const known = new Map(rows.map(({ id, digest, used_at, ...user }) => [id, { id, digest, used_at, user }]))
    const right = new Map<string, TokenRow>()
    for (const { token, id, digest } of shown) {
      const row = known.get(id)
      if (row && isSame(Buffer.from(row.digest, 'base64url'), digest)) right.set(token, row)
    }
    noteUse([...right.values()])
    return tokens.map((token) => right.get(token)?.user ?? null)
  }

  /** Written out, since to put it together for each group would take longer than to run it. */
  async function find(ids: number[]) {
    const query = CompiledQuery.raw(
      `select api_users.*, api_tokens.id, digest, used_at
      from api_tokens join api_users on api_users.source = api_tokens.source
      where blocked_at is null and api_tokens.id in (${ids.map(() => '?').join(', ')})`,
      ids,
    )
    const { rows } = await db.executeQuery<ApiUser & Omit<TokenRow, 'user'>>(query)
    return rows
  }

  /** Whose use is just being written down. */
  const noting = new Set<number>()

  function noteUse(rows: TokenRow[]) {
    const at = now()
    const isStale = (used: number | null) => used === null || Math.abs(at - used) >= usedEvery
    const stale = rows.flatMap(({ id, used_at }) => (isStale(used_at) && !noting.has(id) ? id : []))
    if (stale.length === 0) return
    for (const id of stale) noting.add(id)
    // No order waits for it, or is lost with it.
    const written = db.updateTable('api_tokens').set({ used_at: at }).where('id', 'in', stale).execute()
    const end = () => {
      for (const id of stale) noting.delete(id)
    }
    written.then(end, end)
  }

  /** Gives a new token; it is never to be seen again. @param by login of the administrator; empty: the shop itself */
  async function issue(source: string, by = '') {
    const secret = randomBytes(30).toString('base64url')
    const digest = digestOf(secret).toString('base64url')
    const row = { source, digest, created_at: now(), created_by: by, used_at: null }
    const { insertId } = await db.insertInto('api_tokens').values(row).executeTakeFirstOrThrow()
    await deleteOldest(source)
    return `${insertId}|${secret}`
  }

  async function deleteOldest(source: string) {
    const oldest = await db
      .selectFrom('api_tokens')
      .select('id')
      .where('source', '=', source)
      .where('created_by', '=', '')
      .orderBy('id', 'desc')
      .offset(mostTokens)
      .limit(1)
      .executeTakeFirst()
    if (!oldest) return
    await db
      .deleteFrom('api_tokens')
      .where('source', '=', source)
      .where('created_by', '=', '')
      .where('id', '<=', oldest.id)
      .execute()
  }

  const list = (source: string) =>
    db
      .selectFrom('api_tokens')
      .select(['id', 'created_at', 'created_by', 'used_at'])
      .where('source', '=', source)
      .orderBy('id', 'desc')
      .execute()

  /** How many each user has, and when one of them was last used (unix ms; null: none was). */
  async function usage() {
    const rows = await db
      .selectFrom('api_tokens')
      .select(({ fn }) => ['source', fn.countAll<number>().as('count'), fn.max('used_at').as('usedAt')])
      .groupBy('source')
      .execute()
    return new Map(rows.map(({ source, count, usedAt }) => [source, { count: Number(count), usedAt }]))
  }

  async function revoke(source: string, id: number) {
    await db.deleteFrom('api_tokens').where('source', '=', source).where('id', '=', id).execute()
  }

  async function revokeAll(source: string) {
    await db.deleteFrom('api_tokens').where('source', '=', source).execute()
  }

  return { identify, issue, list, usage, revoke, revokeAll }
}

interface TokenRow extends Pick<Selectable<Tables['api_tokens']>, 'id' | 'digest' | 'used_at'> {
  user: ApiUser
}

const shape = /^\d{1,15}\|[\w-]{40}$/

function read(token: string) {
  const [id, secret = ''] = token.split('|')
  return { token, id: Number(id), digest: digestOf(secret) }
}

function digestOf(secret: string): Buffer {
  return hash('sha256', secret, 'buffer')
}
