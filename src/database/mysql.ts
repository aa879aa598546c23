import type { DatabaseConnection } from 'kysely'
import { CompiledQuery } from 'kysely'
import { createPool, type PoolConnection, type PoolOptions } from 'mysql2'

export function createMysqlPool(url: string) {
  return createPool({ ...optionsOf(url), connectionLimit: 10 })
}

function optionsOf(url: string): PoolOptions {
  return {
    uri: url,
    connectTimeout: 3000,
    // A connection that is gone without a word is found out.
    keepAliveInitialDelay: 10_000,
    charset: 'utf8mb4',
    timezone: 'Z',
    // Numbers up to 2^53 come as numbers; every BIGINT of ours is one.
    supportBigNumbers: true,
  }
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

/** Writes on connections of its own, so that orders wait for nobody else, and with the values apart from the text: quoting them costs more than all the rest. */
export function createMysqlWriter(url: string, patienceMs: number) {
  const pool = createPool({ ...optionsOf(url), connectionLimit: 2, maxPreparedStatements: 200 })
  pool.on('connection', (connection: PoolConnection) => {
    for (const statement of settings) connection.query(statement, (error) => error && connection.destroy())
  })

  function write(statement: string, values: unknown[]) {
    return new Promise<void>((resolve, reject) => {
      pool.getConnection((error, connection) => {
        if (error) return reject(error)
        const tooLate = setTimeout(() => {
          // Its answer may come yet, and would be taken for the next one's.
          connection.destroy()
          reject(new Error(`the database did not answer within ${patienceMs} ms`))
        }, patienceMs)
        const end = (error: unknown) => {
          clearTimeout(tooLate)
          connection.release()
          if (error) reject(error)
          else resolve()
        }
        try {
          connection.execute(statement, values as string[], end)
        } catch (error) {
          // Of a value that it cannot send, and nobody else would catch it.
          end(error)
        }
      })
    })
  }

  return { write, close: () => pool.promise().end() }
}
