import { createHash } from 'node:crypto'
import { isIPv6 } from 'node:net'
import type { Kysely } from 'kysely'
import { clearAway } from '../database/clear-away.ts'
import { isUniqueViolation } from '../database/open.ts'
import type { Tables } from '../database/tables.ts'
import { inTransaction } from '../database/transaction.ts'

/** What is counted, and how much of it is taken. */
export interface Limit {
  /** What is counted of, and whose it is. */
  of: [what: string, ...whose: string[]]
  /** Tries within the window. */
  most: number
  /** Ms from the first try. */
  window: number
  /** Where one more is taken after a wait that grows with each, instead of none until the window ends: ms of the first wait and of the longest. */
  growing?: { first: number; longest: number }
}

export type Throttle = ReturnType<typeof createThrottle>

/** Counts tries in the database, so that several processes and a restart make no difference. @param now unix ms */
export function createThrottle(db: Kysely<Tables>, now: () => number) {
  /** Counts a try before it is made, so that many at once count as many. Gives the seconds to wait; 0: go on. */
  async function secondsToWait(...limits: Limit[]) {
    for (const limit of limits) {
      const ms = await take(limit)
      if (ms > 0) return Math.ceil(ms / 1000)
    }
    return 0
  }

  async function take(limit: Limit): Promise<number> {
    const name = nameOf(limit)
    const ms = await inTransaction(db, async (transaction) => {
      // MySQL sees what stands before it in the same statement: the end comes last.
      const { numUpdatedRows } = await transaction
        .updateTable('tries')
        .set((row) => ({
          count: row
            .case()
            .when('until', '<=', now())
            .then(1)
            .else(row('count', '+', 1))
            .end(),
          next_at: row.case().when('until', '<=', now()).then(0).else(row.ref('next_at')).end(),
          until: row
            .case()
            .when('until', '<=', now())
            .then(now() + limit.window)
            .else(row.ref('until'))
            .end(),
        }))
        .where('name', '=', name)
        .executeTakeFirstOrThrow()
      if (numUpdatedRows === 0n) return null
      const tries = await transaction.selectFrom('tries').selectAll().where('name', '=', name).executeTakeFirstOrThrow()
      if (!limit.growing) return tries.count > limit.most ? tries.until - now() : 0
      if (tries.count <= limit.most) return 0
      const wait = tries.next_at - now()
      // Who comes too early has not tried, and makes nobody wait longer.
      const change =
        wait > 0
          ? { count: tries.count - 1 }
          : { next_at: now() + growingWait(tries.count - limit.most, limit.growing) }
      await transaction.updateTable('tries').set(change).where('name', '=', name).execute()
      return Math.max(wait, 0)
    })
    if (ms !== null) return ms
    await begin(name, now() + limit.window)
    return take(limit)
  }

  async function begin(name: string, until: number) {
    try {
      await db.insertInto('tries').values({ name, count: 0, until, next_at: 0 }).execute()
    } catch (error) {
      if (!isUniqueViolation(error)) throw error
      return
    }
    await clearAway(db, 'tries', now())
  }

  /** Whether so many have been made that one has to wait. */
  async function isFull(limit: Limit) {
    const tries = await db.selectFrom('tries').selectAll().where('name', '=', nameOf(limit)).executeTakeFirst()
    return tries !== undefined && tries.until > now() && tries.count >= limit.most
  }

  /** A try that was none after all. */
  async function giveBack(limit: Limit) {
    await db
      .updateTable('tries')
      .set((row) => ({ count: row('count', '-', 1) }))
      .where('name', '=', nameOf(limit))
      .where('count', '>', 0)
      .execute()
  }

  /** Begins anew. */
  async function forget(limit: Limit) {
    await inTransaction(db, (transaction) =>
      transaction.deleteFrom('tries').where('name', '=', nameOf(limit)).execute(),
    )
  }

  return { secondsToWait, isFull, giveBack, forget }
}

/** Whose tries count together: an address of IPv4, and all that are given to one place of IPv6 (/64). */
export function networkOf(address: string) {
  if (!isIPv6(address) || address.includes('.')) return address
  const { hostname } = new URL(`http://[${address.split('%')[0]}]`)
  const [head = '', tail] = hostname.slice(1, -1).split('::')
  const [first, last] = [head, tail ?? ''].map((part) => part.split(':').filter(Boolean)) as [string[], string[]]
  const gap = tail === undefined ? 0 : 8 - first.length - last.length
  return [...first, ...Array<string>(gap).fill('0'), ...last].slice(0, 4).join(':')
}

/** An address is somebody; a network tells an operator as much. The whole one stands with the refused request, on its page. */
export function maskedNetwork(address: string | null | undefined) {
  if (!address) return undefined
  const ipv4 = /(\d+\.\d+\.\d+)\.\d+$/.exec(address)?.[1]
  if (ipv4) return `${ipv4}.0/24`
  if (!address.includes(':')) return undefined
  return `${networkOf(address).split(':').slice(0, 3).join(':')}::/48`
}

function nameOf({ of }: Limit) {
  return createHash('sha256').update(JSON.stringify(of)).digest('base64url')
}

/** Doubled with each try beyond the limit. */
function growingWait(beyond: number, { first, longest }: { first: number; longest: number }) {
  return Math.min(first * 2 ** (beyond - 1), longest)
}
