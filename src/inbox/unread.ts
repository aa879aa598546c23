import type { Kysely } from 'kysely'
import { isRowFault } from '../database/open.ts'
import type { Tables } from '../database/tables.ts'
import { inTransaction } from '../database/transaction.ts'
import { beyond, spanOf } from './filter.ts'
import { find } from './find.ts'
import { earliestId } from './message-id.ts'
import { type Received, receivedOf, senderColumns } from './received.ts'
import { type Searchable, writeKeys } from './search-keys.ts'

export interface UnreadMessage extends Received {
  id: string
}

/** What the delivery records of an order once it has read it. */
export interface Reading extends Omit<Searchable, 'lead_id'> {
  form: string
  total: number | null
}

/** Of a message that was taken to be read; it stays so where there is nothing to be read in it. */
const taken = ''

/**
 * Takes some of the messages that wait and that nobody has read yet, the oldest first; no other gets these.
 * They are taken before they are read, so that one over which a process dies is not met again by the next.
 * @param before unix ms; those that came later are left alone
 * @param cursor where the last ones ended, null: at the beginning
 */
export async function takeUnread(db: Kysely<Tables>, before: number, cursor: string | null, limit: number) {
  const span = spanOf({ until: before })
  const place = { span: cursor ? beyond(span, cursor, 'asc') : span, direction: 'asc', limit } as const
  const { ids, next } = await find(db, { unread: true }, place)
  return { messages: await takeAll(db, ids), cursor: next ?? earliestId(before), isMore: next !== null }
}

async function takeAll(db: Kysely<Tables>, ids: string[]): Promise<UnreadMessage[]> {
  if (ids.length === 0) return []
  const ours = await inTransaction(db, async (transaction) => {
    const changed = []
    for (const id of ids) {
      const { numUpdatedRows } = await transaction
        .updateTable('messages')
        .set({ form: taken })
        .where('id', '=', id)
        .where('form', 'is', null)
        .executeTakeFirstOrThrow()
      if (numUpdatedRows === 1n) changed.push(id)
    }
    return changed
  })
  if (ours.length === 0) return []
  const rows = await db
    .selectFrom('messages')
    .leftJoin('api_users', 'api_users.source', 'messages.source')
    .select(['id', 'messages.source', 'content_type', 'body', 'format', 'order_number', ...senderColumns])
    .where('id', 'in', ours)
    .orderBy('id')
    .execute()
  return rows.map((row) => ({ id: row.id, ...receivedOf(row) }))
}

/** Writes down what was read, but where the delivery has been quicker. */
export async function keepReadings(db: Kysely<Tables>, readings: Map<string, Reading>): Promise<void> {
  try {
    await write(db, readings)
  } catch (error) {
    if (!isRowFault(error)) throw error
    // One that cannot be written keeps no others out.
    if (readings.size > 1) for (const [id, reading] of readings) await keepReadings(db, new Map([[id, reading]]))
  }
}

function write(db: Kysely<Tables>, readings: Map<string, Reading>) {
  return inTransaction(db, async (transaction) => {
    for (const [id, columns] of readings) {
      await transaction
        .updateTable('messages')
        .set(columns)
        .where('id', '=', id)
        .where('form', '=', taken)
        .where('erased_at', 'is', null)
        .execute()
    }
    const erased = await erasedAmong(transaction, [...readings.keys()])
    const whole = [...readings].filter(([id]) => !erased.has(id))
    await writeKeys(
      transaction,
      whole.map(([id, reading]) => ({ ...reading, id })),
    )
  })
}

/** Of a buyer who was erased since it was read, nothing is written down any more. */
async function erasedAmong(db: Kysely<Tables>, ids: string[]) {
  if (ids.length === 0) return new Set<string>()
  const rows = await db
    .selectFrom('messages')
    .select('id')
    .where('id', 'in', ids)
    .where('erased_at', 'is not', null)
    .execute()
  return new Set(rows.map(({ id }) => id))
}
