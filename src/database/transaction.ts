import { setTimeout as sleep } from 'node:timers/promises'
import type { Kysely, Transaction } from 'kysely'
import { fateOf, isUndone, pauseAfter, whenOvertaken } from './mysql-faults.ts'
import type { Tables } from './tables.ts'

const mostConnections = 5

/**
 * Runs `work` in a transaction; anew when it lost against another one, or its connection went before the commit.
 * It must not do anything but what the database undoes.
 */
export async function inTransaction<Result>(
  db: Kysely<Tables>,
  work: (transaction: Transaction<Tables>) => Promise<Result>,
): Promise<Result> {
  const deadline = performance.now() + whenOvertaken.patience
  for (let tries = 1; ; tries++) {
    try {
      return await db.transaction().execute(work)
    } catch (error) {
      const isOvertaken =
        fateOf(error) === 'overtaken' && tries < whenOvertaken.mostTries && performance.now() < deadline
      if (!isOvertaken && !(isUndone(error) && tries < mostConnections)) throw error
      if (isOvertaken) await sleep(pauseAfter(tries))
    }
  }
}
