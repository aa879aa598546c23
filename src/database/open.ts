import { setTimeout as sleep } from 'node:timers/promises'
import { Kysely, MysqlDialect, SqliteDialect } from 'kysely'
import { configureMysqlConnection, createMysqlPool, createMysqlWriter } from './mysql.ts'
import { isLocked, openSqlite } from './node-sqlite.ts'
import type { Tables } from './tables.ts'

export interface Database {
  db: Kysely<Tables>
  dialect: 'sqlite' | 'mysql'
  /** Writes with one statement, and so in one commit. With MySQL it goes out on connections of its own, its values apart from its text. */
  write(statement: string, values: unknown[]): Promise<void>
  close(): Promise<void>
}

/** @param url `sqlite:<file>`, `sqlite::memory:` or `mysql://user:password@host:port/name` */
export function openDatabase(url: string): Database {
  return url.startsWith('sqlite:') ? openSqliteDatabase(url.slice('sqlite:'.length)) : openMysqlDatabase(url)
}

function openSqliteDatabase(file: string): Database {
  const database = openSqlite(file)
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database }) })

  let patience = writePatienceMs

  /** Whoever else writes is waited for off the event loop; less long where that was in vain. */
  async function write(statement: string, values: unknown[]) {
    const deadline = performance.now() + patience
    for (;;) {
      try {
        await db.connection().execute(async () => database.writeUnlessLocked(statement, values))
        patience = writePatienceMs
        return
      } catch (error) {
        if (!isLocked(error)) throw error
        if (performance.now() > deadline) {
          patience = lostPatienceMs
          throw error
        }
      }
      await sleep(lookAgainMs)
    }
  }

  async function close() {
    await database.stop()
    await db.destroy()
  }

  return { db, dialect: 'sqlite', write, close }
}

/** Ms. */
const writePatienceMs = 4000
const lostPatienceMs = 500
const lookAgainMs = 10

function openMysqlDatabase(url: string): Database {
  const db = new Kysely<Tables>({
    dialect: new MysqlDialect({ pool: createMysqlPool(url), onCreateConnection: configureMysqlConnection }),
  })
  const writer = createMysqlWriter(url, writePatienceMs)
  const close = async () => {
    await Promise.all([db.destroy(), writer.close()])
  }
  return { db, dialect: 'mysql', write: writer.write, close }
}

/** Whether a write failed because a row with the same key is there already. */
export function isUniqueViolation(error: unknown) {
  if (!(error instanceof Error)) return false
  const { code, errcode } = error as Error & { code?: string; errcode?: number }
  return code === 'ER_DUP_ENTRY' || errcode === SQLITE_CONSTRAINT_UNIQUE || errcode === SQLITE_CONSTRAINT_PRIMARYKEY
}

/** Whether a write failed for what its rows say, for others that were quicker or for how it was sent, and not because the database is out of order. */
export function isRowFault(error: unknown) {
  if (!(error instanceof Error)) return false
  // Of a value that cannot even be sent.
  if (error instanceof TypeError) return true
  const { code, errcode, sqlState } = error as Error & { code?: string; errcode?: number; sqlState?: string }
  if (errcode !== undefined) return rowFaultsOfSqlite.has(errcode & 0xff)
  return rowFaultsOfMysql.has(code ?? '') || /^2[23]/.test(sqlState ?? '')
}

/** Its constraint, mismatch and range, and a value too big. */
const rowFaultsOfSqlite: ReadonlySet<number> = new Set([18, 19, 20, 25])
const rowFaultsOfMysql: ReadonlySet<string> = new Set([
  'ER_LOCK_DEADLOCK',
  'ER_CHECKREAD',
  'ER_TRUNCATED_WRONG_VALUE_FOR_FIELD',
  'ER_MAX_PREPARED_STMT_COUNT_REACHED',
])

const SQLITE_CONSTRAINT_PRIMARYKEY = 1555
const SQLITE_CONSTRAINT_UNIQUE = 2067
