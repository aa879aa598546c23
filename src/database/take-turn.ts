import { randomUUID } from 'node:crypto'
import type { Transaction } from 'kysely'
import { isUniqueViolation } from './open.ts'
import type { Tables } from './tables.ts'

/**
 * Of the transactions that take the same turn each sees all that those before it have done. A row that is merely locked,
 * or set to what it was, would do on one server; but the nodes of a cluster know nothing of each other's locks. Only of
 * two that have really changed the same row, one loses at its commit.
 */
export async function takeTurn(transaction: Transaction<Tables>, turn: 'people') {
  const taken = { owner: randomUUID(), held_until: 0 }
  const { numUpdatedRows } = await transaction
    .updateTable('duties')
    .set(taken)
    .where('account', '=', everyAccount)
    .where('duty', '=', turn)
    .executeTakeFirstOrThrow()
  if (numUpdatedRows > 0n) return
  try {
    await transaction
      .insertInto('duties')
      .values({ account: everyAccount, duty: turn, ...taken })
      .execute()
  } catch (error) {
    if (!isUniqueViolation(error)) throw error
    await takeTurn(transaction, turn)
  }
}

const everyAccount = ''
