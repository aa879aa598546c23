import type { Kysely } from 'kysely'
import type { Tables } from '../database/tables.ts'

/** How the orders of an account stand, for whoever watches over them. */

/** More of them say nothing more. */
const mostNeedy = 1000
const mostWaiting = 500
const mostNamed = 5

export type Needy = Awaited<ReturnType<typeof findNeedy>>

/** Those that wait for a person: how many (no more than a thousand are counted), why most of them do, and the newest numbers. */
export async function findNeedy(db: Kysely<Tables>, account: string) {
  const rows = await db
    .selectFrom('messages')
    .select(['reason', 'order_number'])
    .where('state', '=', 'dead')
    .where('account', '=', account)
    .orderBy('id', 'desc')
    .limit(mostNeedy)
    .execute()
  const reasons = new Map<string, number>()
  for (const { reason } of rows) if (reason) reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
  const [commonest] = [...reasons].toSorted(([, a], [, b]) => b - a)
  const numbers = rows.flatMap(({ order_number }) => order_number ?? [])
  return { count: rows.length, reason: commonest?.[0] ?? null, orders: [...new Set(numbers)].slice(0, mostNamed) }
}

/** Which order has been on its way for the longest time, and since when (unix ms); of one that was sent again, since then. */
export async function findOldestWaiting(db: Kysely<Tables>, account: string) {
  const oldest = { id: '', since: Number.POSITIVE_INFINITY }
  for (const state of ['pending', 'held'] as const) {
    const rows = await db
      .selectFrom('messages')
      .leftJoin('attempts as again', (on) =>
        on
          .onRef('again.message_id', '=', 'messages.id')
          .on(({ eb }) => eb('again.number', '=', eb('messages.attempts_before', '+', 1)))
          .on('messages.attempts_before', '>', 0),
      )
      .select(['messages.id', 'received_at', 'attempts_before', 'next_attempt_at', 'again.started_at'])
      .where('state', '=', state)
      .where('account', '=', account)
      .orderBy('messages.id')
      .limit(mostWaiting)
      .execute()
    for (const row of rows) {
      const since = row.attempts_before === 0 ? row.received_at : (row.started_at ?? row.next_attempt_at)
      if (since !== null && since < oldest.since) Object.assign(oldest, { id: row.id, since })
    }
  }
  return oldest.id === '' ? null : oldest
}

/** When the last order came, unix ms; null when none ever did. */
export async function findLastReceived(db: Kysely<Tables>, account: string) {
  let last: number | null = null
  for (const state of ['pending', 'delivered', 'held', 'dead'] as const) {
    const row = await db
      .selectFrom('messages')
      .select('received_at')
      .where('state', '=', state)
      .where('account', '=', account)
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirst()
    if (row && row.received_at > (last ?? 0)) last = row.received_at
  }
  return last
}
