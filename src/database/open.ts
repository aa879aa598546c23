import { setTimeout as sleep } from 'node:timers/promises'
import { Kysely, type LogEvent, MysqlDialect, SqliteDialect } from 'kysely'
import { createKyselyPool, createMysqlWriter } from './mysql.ts'
import { isMysqlOut, tooLarge } from './mysql-faults.ts'
import { createNodePool, createNodes } from './mysql-pool.ts'
import { type ServerTrouble, troublesOf } from './mysql-session.ts'
import { isLocked, openSqlite } from './node-sqlite.ts'
import type { Tables } from './tables.ts'

export interface Database {
  db: Kysely<Tables>
  dialect: 'sqlite' | 'mysql'
  /**
   * Writes with one statement, and so in one commit. With MySQL it goes out on connections of its own, its values apart
   * from its text, and anew when it is not known whether it was written: every row has to bear a key of its own.
   */
  write(statement: string, values: unknown[]): Promise<void>
  /** For statements that may take as long as they like; all others are given up after some seconds. */
  unhurried<Result>(work: (db: Kysely<Tables>) => Promise<Result>): Promise<Result>
  /** Of connections to a server: how many there are and may be, those in use, and who waits for one. */
  connections(): { size: number; open: number; busy: number; waiting: number } | null
  /** What in the server's settings endangers orders. @param bodyLimit bytes that an order may have */
  troubles(bodyLimit: number): Promise<ServerTrouble[]>
  /** Cuts off whoever is still at work, so that nobody waits for a server that stands still. */
  abandon(): void
  close(): Promise<void>
}

/** Is told how many ms a statement took. */
type OnStatement = (statement: string, ms: number) => void

/** @param url `sqlite:<file>`, `sqlite::memory:` or `mysql://user:password@host:port,other:port/name` */
export function openDatabase(url: string, onStatement: OnStatement = () => {}): Database {
  const log = ({ level, query, queryDurationMillis }: LogEvent) => {
    if (level === 'query') onStatement(query.sql, queryDurationMillis)
  }
  return url.startsWith('sqlite:') ? openSqliteDatabase(url.slice('sqlite:'.length), log) : openMysqlDatabase(url, log)
}

type QueryLog = (event: LogEvent) => void

function openSqliteDatabase(file: string, log: QueryLog): Database {
  const database = openSqlite(file)
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database }), log })

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

  const unhurried: Database['unhurried'] = (work) => work(db)
  return {
    db,
    dialect: 'sqlite',
    write,
    unhurried,
    connections: () => null,
    troubles: async () => [],
    abandon: () => {},
    close,
  }
}

/** Ms. */
const writePatienceMs = 4000
const lostPatienceMs = 500
const lookAgainMs = 10

/** Ms that the server may take for a statement, and that its answer is waited for. */
const statementMs = 15_000
const answerMs = 18_000
const poolSize = 10
const writers = 2

function openMysqlDatabase(url: string, log: QueryLog): Database {
  const nodes = createNodes(url)
  const pool = createNodePool(nodes, { size: poolSize, statementMs })
  const writingPool = createNodePool(nodes, { size: writers, statementMs: null, maxPreparedStatements: 200 })
  const db = kyselyOn(pool, answerMs, log)
  const each = nodes.count > 1 ? writePatienceMs / 2 : writePatienceMs
  const writer = createMysqlWriter(writingPool, { patience: writePatienceMs, each })

  async function unhurried<Result>(work: (db: Kysely<Tables>) => Promise<Result>) {
    const patient = kyselyOn(createNodePool(nodes, { size: 3, statementMs: null }), null, log)
    try {
      return await work(patient)
    } finally {
      await patient.destroy()
    }
  }

  return {
    db,
    dialect: 'mysql',
    write: writer.write,
    unhurried,
    connections() {
      const [one, other] = [pool.figures(), writingPool.figures()]
      return {
        size: one.size + other.size,
        open: one.open + other.open,
        busy: one.busy + other.busy,
        waiting: one.waiting + other.waiting,
      }
    },
    async troubles(bodyLimit) {
      const lent = await pool.acquire(answerMs)
      pool.release(lent)
      return troublesOf(lent.server, bodyLimit)
    },
    abandon() {
      pool.abandon()
      writingPool.abandon()
    },
    async close() {
      await Promise.all([db.destroy(), pool.close(), writingPool.close()])
    },
  }
}

function kyselyOn(pool: ReturnType<typeof createNodePool>, patience: number | null, log: QueryLog) {
  return new Kysely<Tables>({ dialect: new MysqlDialect({ pool: createKyselyPool(pool, patience) }), log })
}

/** Whether the database is out of order or out of reach, and not for what it was asked. */
export function isDatabaseOut(error: unknown) {
  if (!(error instanceof Error)) return false
  const { code, errcode } = error as Error & { code?: string; errcode?: number }
  return errcode !== undefined || code === 'DATABASE_GONE' ? !isRowFault(error) : isMysqlOut(error)
}

/** Whether it was more than the database takes in one statement. */
export function isTooLarge(error: unknown) {
  return error instanceof Error && 'code' in error && error.code === tooLarge
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
  tooLarge,
  'ER_LOCK_DEADLOCK',
  'ER_CHECKREAD',
  'ER_TRUNCATED_WRONG_VALUE_FOR_FIELD',
  'ER_MAX_PREPARED_STMT_COUNT_REACHED',
])

const SQLITE_CONSTRAINT_PRIMARYKEY = 1555
const SQLITE_CONSTRAINT_UNIQUE = 2067
