import type { Kysely, Transaction } from 'kysely'
import type { MessageState, Tables } from '../database/tables.ts'
import { deleteKeys } from './search-keys.ts'

/** What is left of an order are its key, by which it is known when it comes again, its number, its partner, its ids in the CRM, its times and its sum. */
const nothingOfTheBuyer = {
  body: Buffer.alloc(0),
  headers: '{}',
  address: null,
  warnings: null,
  error: null,
} as const

interface Erasing {
  why: NonNullable<Tables['messages']['erased_for']>
  /** Unix ms. */
  now: number
  /** Nothing is done to those that are in another state by then. */
  state: MessageState
  /** Of orders that will not be delivered any more. */
  closing?: Pick<Tables['messages'], 'state' | 'reason'>
}

/** Deletes what these hold of their buyers, and gives the ids of those. To be called first in a transaction. */
export async function erasePayloads(
  db: Transaction<Tables>,
  ids: string[],
  { why, now, state, closing }: Erasing,
): Promise<Set<string>> {
  if (ids.length === 0) return new Set()
  const closed = closing ? { ...closing, next_attempt_at: null, lease_until: null } : {}
  await db
    .updateTable('messages')
    .set({ ...nothingOfTheBuyer, ...closed, products_check_at: null, erased_at: now, erased_for: why })
    .where('id', 'in', ids)
    .where('state', '=', state)
    .where('erased_at', 'is', null)
    .where(({ or, eb }) => or([eb('lease_until', 'is', null), eb('lease_until', '<', now)]))
    .execute()
  // As they stand now: whoever reads orders or delivers them writes down whose they are.
  const rows = await db
    .selectFrom('messages')
    .select(['id', 'phone_digits', 'email'])
    .where('id', 'in', ids)
    .where('erased_at', '=', now)
    .execute()
  const erased = rows.map(({ id }) => id)
  if (erased.length === 0) return new Set()
  await deleteKeys(db, rows)
  await db.updateTable('messages').set({ phone_digits: null, email: null }).where('id', 'in', erased).execute()
  return new Set(erased)
}

/** Deletes what was asked and answered for these. */
export async function eraseStories(db: Kysely<Tables>, ids: string[]) {
  if (ids.length === 0) return
  await db.deleteFrom('steps').where('message_id', 'in', ids).execute()
  await db.deleteFrom('attempts').where('message_id', 'in', ids).execute()
}
