import type { ExpressionBuilder, Kysely } from 'kysely'
import type { Tables } from '../database/tables.ts'
import { inTransaction } from '../database/transaction.ts'
import { countFailure } from './tally.ts'

export interface DueCheck {
  id: string
  leadId: number
  /** How many products it should be linked to. */
  expected: number
  /** How often the links were made since a person last sent it again, or ever. */
  tries: number
}

/** Delivered messages whose links are due to be read back. */
export async function dueChecks(db: Kysely<Tables>, account: string, now: number, limit: number): Promise<DueCheck[]> {
  const rows = await db
    .selectFrom('messages')
    .select((row) => ['id', 'lead_id', 'products_expected', countDeliveries(row).as('tries')])
    .where('account', '=', account)
    .where('products_check_at', '<=', now)
    .where('state', '=', 'delivered')
    .orderBy('products_check_at')
    .limit(limit)
    .execute()
  return rows.map(({ id, lead_id, products_expected, tries }) => ({
    id,
    leadId: lead_id ?? 0,
    expected: products_expected ?? 0,
    tries: Number(tries),
  }))
}

function countDeliveries(row: ExpressionBuilder<Tables, 'messages'>) {
  return row
    .selectFrom('attempts')
    .whereRef('message_id', '=', 'messages.id')
    .whereRef('number', '>', 'messages.attempts_before')
    .where('outcome', '=', 'delivered')
    .select(({ fn }) => fn.countAll<number | string>().as('deliveries'))
}

/** Their links have stayed, or are left to a person: nothing is read again. */
export async function endChecks(db: Kysely<Tables>, ids: string[]) {
  if (ids.length === 0) return
  await db.updateTable('messages').set({ products_check_at: null }).where('id', 'in', ids).execute()
}

/** Some of their links are gone: they are linked anew, and nothing else is done again. */
export async function reopen(db: Kysely<Tables>, ids: string[], now: number) {
  if (ids.length === 0) return
  await db
    .updateTable('messages')
    .set({ state: 'pending', next_attempt_at: now, products_linked_at: null, products_check_at: null })
    .where('id', 'in', ids)
    .where('state', '=', 'delivered')
    .where('erased_at', 'is', null)
    .execute()
}

/** Their links do not last: a person has to look, while there is something to look at. */
export async function giveUp(db: Kysely<Tables>, id: string, error: string, now: number) {
  await inTransaction(db, async (transaction) => {
    const { numUpdatedRows } = await transaction
      .updateTable('messages')
      .set({ state: 'dead', reason: 'crm_unavailable', error, products_linked_at: null, products_check_at: null })
      .where('id', '=', id)
      .where('state', '=', 'delivered')
      .where('erased_at', 'is', null)
      .executeTakeFirstOrThrow()
    if (numUpdatedRows > 0n) await countFailure(transaction, now)
  })
}
