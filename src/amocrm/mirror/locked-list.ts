import type { Kysely, Transaction } from 'kysely'
import type { Tables } from '../../database/tables.ts'
import { inTransaction } from '../../database/transaction.ts'
import { fillingLease } from './list-store.ts'

/** Another process has taken the filling over, or the list was forgotten meanwhile. */
export class FillingOvertakenError extends Error {
  override name = 'FillingOvertakenError'
}

export interface LockedList {
  transaction: Transaction<Tables>
  listId: number
  fillNumber: number
}

/** One writer at a time per list: whoever comes next waits for the row. A list that is gone is written to by nobody. */
export async function inList<Result>(
  db: Kysely<Tables>,
  listId: number,
  { filling, now }: { filling: number | null; now: number },
  work: (list: LockedList) => Promise<Result>,
): Promise<Result> {
  return inTransaction(db, async (transaction) => {
    const fillNumber = await lock(transaction, listId, filling, now)
    return work({ transaction, listId, fillNumber })
  })
}

async function lock(transaction: Transaction<Tables>, listId: number, filling: number | null, now: number) {
  const update = transaction.updateTable('mirror_lists').where('id', '=', listId)
  if (filling !== null) {
    const stillOurs = update.set({ filling_until: now + fillingLease }).where('fill_number', '=', filling)
    if ((await stillOurs.executeTakeFirst()).numUpdatedRows === 0n) throw new FillingOvertakenError()
    return filling
  }
  // A row that stays as it was is locked on one node of a cluster only, and lets another node's writer through. One ms
  // more or less is nothing to a lease.
  await update.set(({ fn, lit, eb }) => ({ filling_until: eb(fn.coalesce('filling_until', lit(0)), '+', 1) })).execute()
  const list = await transaction
    .selectFrom('mirror_lists')
    .select('fill_number')
    .where('id', '=', listId)
    .executeTakeFirst()
  if (!list) throw new FillingOvertakenError()
  return list.fill_number
}
