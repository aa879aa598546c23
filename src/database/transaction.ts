import type { Kysely, Transaction } from 'kysely'
import type { Tables } from './tables.ts'

const mostTries = 5

/** Runs `work` in a transaction; anew when it lost against another one. It must not do anything but what the database undoes. */
export async function inTransaction<Result>(
  db: Kysely<Tables>,
  work: (transaction: Transaction<Tables>) => Promise<Result>,
): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await db.transaction().execute(work)
    } catch (error) {
      if (tries === mostTries || !isOvertaken(error)) throw error
    }
  }
}

/** Databases that work together certify a transaction at its commit, and say there that it has lost. */
const overtaken: ReadonlySet<unknown> = new Set(['ER_LOCK_DEADLOCK', 'ER_LOCK_WAIT_TIMEOUT', 'ER_CHECKREAD'])

function isOvertaken(error: unknown) {
  return error instanceof Error && 'code' in error && overtaken.has(error.code)
}
