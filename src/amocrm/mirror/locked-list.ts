import type { Kysely, Transaction } from 'kysely'
import type { Tables } from '../../database/tables.ts'
import { fillingLease } from './list-store.ts'

/** Another process has taken the filling over, or the list was forgotten meanwhile. */
export class FillingOvertakenError extends Error {
  override name = 'FillingOvertakenError'
}

const deadlockTries = 5

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
  const attempt = () =>
    db.transaction().execute(async (transaction) => {
      const fillNumber = await lock(transaction, listId, filling, now)
      return work({ transaction, listId, fillNumber })
    })
  for (let tries = 1; ; tries++) {
    try {
      return await attempt()
    } catch (error) {
      if (tries >= deadlockTries || !isDeadlock(error)) throw error
    }
  }
}

async function lock(transaction: Transaction<Tables>, listId: number, filling: number | null, now: number) {
  const update = transaction.updateTable('mirror_lists').where('id', '=', listId)
  if (filling !== null) {
    const stillOurs = update.set({ filling_until: now + fillingLease }).where('fill_number', '=', filling)
    if ((await stillOurs.executeTakeFirst()).numUpdatedRows === 0n) throw new FillingOvertakenError()
    return filling
  }
  await update.set((row) => ({ fill_number: row.ref('fill_number') })).execute()
  const list = await transaction
    .selectFrom('mirror_lists')
    .select('fill_number')
    .where('id', '=', listId)
    .executeTakeFirst()
  if (!list) throw new FillingOvertakenError()
  return list.fill_number
}

/** A cluster tells of a conflict between its nodes in the same way. */
function isDeadlock(error: unknown) {
  return error instanceof Error && 'code' in error && error.code === 'ER_LOCK_DEADLOCK'
}
