import type { DatabaseConnection } from 'kysely'
import { CompiledQuery } from 'kysely'
import { createPool } from 'mysql2'

export function createMysqlPool(url: string) {
  return createPool({
    uri: url,
    connectionLimit: 10,
    connectTimeout: 3000,
    // A connection that is gone without a word is found out.
    keepAliveInitialDelay: 10_000,
    charset: 'utf8mb4',
    timezone: 'Z',
    // Numbers up to 2^53 come as numbers; every BIGINT of ours is one.
    supportBigNumbers: true,
  })
}

const settings = [
  // What stands in the comment MariaDB alone reads: who falls asleep in a transaction keeps its locks for seconds only.
  "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00', innodb_lock_wait_timeout = 5 /*M!100306 , idle_transaction_timeout = 3 */",
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
]

/** Nothing that Parom relies on is left to the server's own settings. */
export async function configureMysqlConnection(connection: DatabaseConnection) {
  for (const statement of settings) await connection.executeQuery(CompiledQuery.raw(statement))
}
