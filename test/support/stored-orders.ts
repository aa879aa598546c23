import { createHash } from 'node:crypto'
import { openDatabase } from '../../src/database/open.ts'
import { type NumberedOrders, numberedOrders, numberIn, type OrderKind } from './numbered-orders.ts'
import type { Answer } from './order-stream.ts'

/** What became of orders of a stream that were answered as stored. */
export interface Verdict {
  acknowledged: number
  /** Ids that were given to a sender and are not in the database. */
  missing: string[]
  /** Ids under which other bytes stand than were sent. */
  altered: string[]
  /** Numbers of orders that are there more than once, or were answered with two ids. */
  twice: number[]
  /** How many orders are there although none of their answers arrived. */
  unacknowledged: number
}

/** Holds what a database has against what a server has said. */
export async function compareWithStored(
  databaseUrl: string,
  answers: Answer[],
  kind: OrderKind = 'webhook',
): Promise<Verdict> {
  const orders: NumberedOrders = numberedOrders[kind]
  const { byId, digests, twiceStored } = await readStored(databaseUrl, orders)
  const taken = answers.filter(({ status }) => status === orders.status)
  const idOf = new Map<number, string>()
  const twice = new Set(twiceStored)
  for (const { number, id } of taken) {
    if ((idOf.get(number) ?? id) !== id) twice.add(number)
    idOf.set(number, id)
  }
  const acknowledged = [...idOf]
  return {
    acknowledged: acknowledged.length,
    missing: acknowledged.filter(([, id]) => !byId.has(id)).map(([, id]) => id),
    altered: acknowledged
      .filter(([number, id]) => byId.has(id) && digests.get(id) !== digest(orders.body(number)))
      .map(([, id]) => id),
    twice: [...twice],
    unacknowledged: [...byId.values()].filter((number) => !idOf.has(number)).length,
  }
}

async function readStored(databaseUrl: string, orders: NumberedOrders) {
  const { db, close } = openDatabase(databaseUrl)
  const byId = new Map<string, number>()
  const digests = new Map<string, string>()
  const seen = new Set<number>()
  const twiceStored: number[] = []
  for (let last = ''; ; ) {
    const page = await db
      .selectFrom('messages')
      .select(['id', 'order_number', 'body'])
      .where('id', '>', last)
      .where('state', '!=', 'rejected')
      .orderBy('id')
      .limit(1000)
      .execute()
    for (const row of page) {
      const { body } = row
      const id = row[orders.idColumn] ?? row.id
      const number = numberIn(orders, body)
      if (seen.has(number)) twiceStored.push(number)
      seen.add(number)
      byId.set(id, number)
      digests.set(id, digest(body))
    }
    const end = page.at(-1)
    if (!end) break
    last = end.id
  }
  await close()
  return { byId, digests, twiceStored }
}

function digest(body: string | Uint8Array) {
  return createHash('sha256').update(body).digest('base64url')
}
