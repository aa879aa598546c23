import { setTimeout as sleep } from 'node:timers/promises'
import { MigrationError, migrate } from './migrate.ts'
import { isMysqlOut } from './mysql-faults.ts'
import type { Database } from './open.ts'

interface Waiting {
  /** How long a database that cannot be reached is waited for. */
  patienceMs: number
  /** Told once, and every half minute after. */
  waits: (error: Error) => void
  /** When aborted, it is not waited for any longer. */
  signal?: AbortSignal | undefined
}

const lookAgainMs = 500
const tellEveryMs = 30_000

/**
 * Migrates a database that may be there later than Parom, as when both start with the machine, or may be no part of its
 * cluster yet. Throws MigrationError with what the database said last, or that it was stopped.
 */
export async function untilMigrated(database: Database, { patienceMs, waits, signal }: Waiting) {
  const begun = performance.now()
  let toldAt = Number.NEGATIVE_INFINITY
  for (;;) {
    try {
      return await migrate(database)
    } catch (error) {
      const cause = error instanceof MigrationError ? error.cause : error
      if (!isOutOfReach(cause) || performance.now() - begun >= patienceMs) throw error
      if (performance.now() - toldAt > tellEveryMs) {
        waits(cause)
        toldAt = performance.now()
      }
    }
    await sleep(lookAgainMs, undefined, { signal })
  }
}

/** It is not there or not ready yet; a wrong password or name is none of this, and waiting would not mend it. */
function isOutOfReach(error: unknown): error is Error {
  return error instanceof Error && isMysqlOut(error) && !refused.has((error as { code?: unknown }).code)
}

const refused: ReadonlySet<unknown> = new Set(['ER_ACCESS_DENIED_ERROR', 'ER_BAD_DB_ERROR'])
