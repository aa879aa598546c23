import type { ExpressionBuilder, Kysely } from 'kysely'
import type { Tables } from '../database/tables.ts'
import { inTransaction } from '../database/transaction.ts'
import { chunkSize } from './hold.ts'
import type { Reason } from './message.ts'
import { rememberForLater } from './retention.ts'
import { writeKeys } from './search-keys.ts'

/** What can be sent again in one go; of the pending ones, those that wait for a later try. */
export const waitingStates = ['dead', 'held', 'pending'] as const

export interface Waiting {
  account: string
  state: (typeof waitingStates)[number]
  reason?: Reason | undefined
}

/**
 * Puts a message that was given up, held or postponed at the head of the queue, with all its tries before it.
 * False when it is delivered, at work or unknown, or when only a person can tell whether its lead was made.
 */
export async function redeliver(db: Kysely<Tables>, id: string, now: number) {
  return (await redeliverSome(db, [id], now)) === 1
}

/** The same with all that wait in this way. Gives how many they were. */
export async function redeliverWaiting(db: Kysely<Tables>, waiting: Waiting, now: number) {
  const ids = (await waitingMessages(db, waiting, now).select('id').execute()).map(({ id }) => id)
  let queued = 0
  for (let from = 0; from < ids.length; from += chunkSize)
    queued += await redeliverSome(db, ids.slice(from, from + chunkSize), now)
  return queued
}

/** How many `redeliverWaiting` would send, counted no further than `most`. */
export async function countWaiting(db: Kysely<Tables>, waiting: Waiting, now: number, most: number) {
  const { count } = await db
    .selectFrom(waitingMessages(db, waiting, now).select('id').limit(most).as('counted'))
    .select(({ fn }) => fn.countAll<number | string>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(count)
}

function waitingMessages(db: Kysely<Tables>, { account, state, reason }: Waiting, now: number) {
  const messages = db
    .selectFrom('messages')
    .where('account', '=', account)
    .where('state', '=', state)
    .where('lease_until', 'is', null)
    .where(isAnswered)
  const due = state === 'pending' ? messages.where('next_attempt_at', '>', now) : messages
  if (reason) return due.where('reason', '=', reason)
  // Each may be an order that has its lead, so it is sent when it is meant.
  return due.where(({ or, eb }) => or([eb('reason', 'is', null), eb('reason', '!=', 'conflict')]))
}

export async function redeliverSome(db: Kysely<Tables>, ids: string[], now: number) {
  const { numUpdatedRows } = await db
    .updateTable('messages')
    .set((row) => atOnce(row, now))
    .where('id', 'in', ids)
    .where('state', 'in', waitingStates)
    .where('lease_until', 'is', null)
    .where(isAnswered)
    .executeTakeFirstOrThrow()
  return Number(numUpdatedRows)
}

/** Sending again what may have a lead, with no marker to find it by, could make a second one. */
function isAnswered({ or, eb }: ExpressionBuilder<Tables, 'messages'>) {
  return or([eb('reason', 'is', null), eb('reason', '!=', 'unknown_outcome')])
}

function atOnce(row: ExpressionBuilder<Tables, 'messages'>, now: number) {
  return { state: 'pending', next_attempt_at: now, attempts_before: row.ref('attempts') } as const
}

/** A person has looked in the CRM. False when there was nothing to tell any more after so many attempts. */
export async function tellOutcome(
  db: Kysely<Tables>,
  { id, attempts, leadId }: { id: string; attempts: number; leadId: number | null },
  now: number,
) {
  return inTransaction(db, async (transaction) => {
    const { numUpdatedRows } = await transaction
      .updateTable('messages')
      .set((row) => ({ ...atOnce(row, now), lead_id: leadId, lead_request_at: null, reason: null, error: null }))
      .where('id', '=', id)
      .where('state', '=', 'dead')
      .where('reason', '=', 'unknown_outcome')
      .where('attempts', '=', attempts)
      .executeTakeFirstOrThrow()
    if (numUpdatedRows === 1n) await writeKeys(transaction, [{ id, lead_id: leadId }])
    return numUpdatedRows === 1n
  })
}

/** A person wants another lead of a delivered order. False when somebody has asked for one after this edition, or what it would be made of is erased. */
export async function askForAnotherLead(db: Kysely<Tables>, id: string, edition: number, now: number) {
  return inTransaction(db, async (transaction) => {
    const { numUpdatedRows } = await transaction
      .updateTable('messages')
      .set((row) => ({ ...atOnce(row, now), ...nothingMade, ...uncleaned(row), edition: edition + 1 }))
      .where('id', '=', id)
      .where('state', '=', 'delivered')
      .where('edition', '=', edition)
      .where('erased_at', 'is', null)
      .executeTakeFirstOrThrow()
    if (numUpdatedRows === 1n) await rememberForLater(transaction, [id])
    return numUpdatedRows === 1n
  })
}

/** The new lead of a test order is there to be closed, too. */
function uncleaned(row: ExpressionBuilder<Tables, 'messages'>) {
  return {
    test: row
      .case()
      .when('test', '=', 'cleaned')
      .then('sent' as const)
      .else(row.ref('test'))
      .end(),
  }
}

/** The buyer's cards stay: they are the same for any lead of the order. */
const nothingMade = {
  lead_request_at: null,
  lead_id: null,
  products_linked_at: null,
  products_check_at: null,
  note_id: null,
  warnings: null,
  reason: null,
  error: null,
} as const
