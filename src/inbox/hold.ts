import type { Expression, ExpressionBuilder, Kysely, SqlBool } from 'kysely'
import type { Tables } from '../database/tables.ts'
import type { Reason } from './message.ts'

type Rows = ExpressionBuilder<Tables, 'messages'>

/** Rows of one transaction: who accepts orders meanwhile waits no longer than that takes. */
export const chunkSize = 500

/** Marks what is due as waiting for the connection. */
export async function holdDue(db: Kysely<Tables>, account: string, reason: Reason, now: number) {
  const held = { state: 'held', next_attempt_at: null, lease_until: null, reason, error: null } as const
  await changeAll(
    db,
    (is) => is.and([is('account', '=', account), is('state', '=', 'pending'), is('next_attempt_at', '<=', now)]),
    () => held,
  )
}

/** Sends on what had to wait for the connection, with all its tries before it. */
export async function releaseHeld(db: Kysely<Tables>, account: string, now: number) {
  await changeAll(
    db,
    (is) => is.and([is('account', '=', account), is('state', '=', 'held')]),
    (row) => ({
      state: 'pending',
      next_attempt_at: now,
      attempts_before: row.ref('attempts'),
      reason: null,
      error: null,
    }),
  )
}

/** Makes due at once what other processes hold: only who has the account to itself may do so. */
export async function takeOver(db: Kysely<Tables>, account: string, now: number, lease: number) {
  await changeAll(
    db,
    (is) =>
      is.and([isLater(is, account, now), is('next_attempt_at', '<=', now + lease), is('lease_until', 'is not', null)]),
    () => ({ next_attempt_at: now, lease_until: null }),
  )
  await changeAll(
    db,
    (is) => isLater(is, account, now + farthestAhead),
    () => ({ next_attempt_at: now, lease_until: null }),
  )
}

/** Ms. Nothing waits for so long; a time beyond it is a wrong clock's. */
const farthestAhead = 72 * 60 * 60_000

/** What waits for a CRM that was out of order need not wait any longer. */
export async function hurry(db: Kysely<Tables>, account: string, reason: Reason, now: number) {
  await changeAll(
    db,
    (is) => is.and([isLater(is, account, now), is('reason', '=', reason), is('lease_until', 'is', null)]),
    () => ({ next_attempt_at: now }),
  )
}

function isLater(is: Rows, account: string, now: number) {
  return is.and([is('account', '=', account), is('state', '=', 'pending'), is('next_attempt_at', '>', now)])
}

/** @param isMeant no longer true of a row once it is changed */
async function changeAll<Change extends object>(
  db: Kysely<Tables>,
  isMeant: (row: Rows) => Expression<SqlBool>,
  changeOf: (row: Rows) => Change,
) {
  for (;;) {
    const rows = await db.selectFrom('messages').select('id').where(isMeant).limit(chunkSize).execute()
    if (rows.length === 0) return
    await db
      .updateTable('messages')
      .set((row) => changeOf(row as Rows))
      .where(
        'id',
        'in',
        rows.map(({ id }) => id),
      )
      .where(isMeant)
      .execute()
  }
}
