import { setTimeout as sleep } from 'node:timers/promises'
import type { Kysely, Transaction } from 'kysely'
import { fateOf, isUndone, pauseAfter } from './mysql-faults.ts'
import type { Tables } from './tables.ts'

const mostConnections = 5
/** Ms, and how often at most, that a transaction that was overtaken is tried again. */
const overtakenPatience = 10_000
const mostTries = 30

/**
 * Runs `work` in a transaction; anew when it lost against another one, or its connection went before the commit.
 * It must not do anything but what the database undoes.
 */
export async function inTransaction<Result>(
  db: Kysely<Tables>,
  work: (transaction: Transaction<Tables>) => Promise<Result>,
): Promise<Result> {
  const deadline = performance.now() + overtakenPatience
  for (let tries = 1; ; tries++) {
    try {
      return await db.transaction().execute(work)
    } catch (error) {
      const isOvertaken = fateOf(error) === 'overtaken' && tries < mostTries && performance.now() < deadline
      if (!isOvertaken && !(isUndone(error) && tries < mostConnections)) throw error
      if (isOvertaken) await sleep(pauseAfter(tries))
    }
  }
}
