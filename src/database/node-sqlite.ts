import { closeSync, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import type { SqliteDatabase, SqliteStatement } from 'kysely'
import { type CheckpointThread, startCheckpoints } from './checkpoints.ts'

interface Sqlite extends SqliteDatabase {
  /** Throws at once when another process is writing. */
  writeUnlessLocked(sql: string, values: unknown[]): void
  /** To be called before it is closed. */
  stop(): Promise<void>
}

/** node:sqlite in the shape that Kysely's dialect asks for. */
export function openSqlite(file: string): Sqlite {
  if (file !== ':memory:') makePrivate(file)
  const sqlite = new DatabaseSync(file)
  // A lock is waited for on the event loop, so not for long; whoever meets one tries again later.
  sqlite.exec(waiting)
  sqlite.exec('PRAGMA journal_mode = WAL')
  sqlite.exec('PRAGMA synchronous = FULL')
  // What is deleted is overwritten, and not only forgotten.
  sqlite.exec('PRAGMA secure_delete = ON')
  // KiB. With less, the bodies of new orders would push out the indexes that they are entered into.
  sqlite.exec('PRAGMA cache_size = -8000')
  // Its own knows Latin letters only.
  sqlite.function('lower', { deterministic: true }, (text) => (typeof text === 'string' ? text.toLowerCase() : text))
  const ensureFile = file === ':memory:' ? () => {} : watchFile(file)
  const prepared = new Map<string, SqliteStatement>()
  let writes = 0
  let checkpoints: CheckpointThread | null = null

  function prepare(sql: string) {
    const known = prepared.get(sql)
    if (known) return known
    if (prepared.size >= 500) prepared.clear()
    const statement =
      sql === 'rollback'
        ? rollback(sqlite)
        : shape(sqlite.prepare(sql === 'begin' ? 'begin immediate' : sql), ensureFile)
    prepared.set(sql, statement)
    return statement
  }

  return {
    close: () => sqlite.close(),
    prepare,
    writeUnlessLocked(sql, values) {
      if (++writes === manyWrites && file !== ':memory:') giveCheckpointsAway()
      sqlite.exec('PRAGMA busy_timeout = 0')
      try {
        prepare(sql).run(values)
      } finally {
        sqlite.exec(waiting)
      }
    },
    stop: async () => checkpoints?.stop(),
  }

  function giveCheckpointsAway() {
    const checkpointAt = (pages: number) => sqlite.exec(`PRAGMA wal_autocheckpoint = ${pages}`)
    checkpoints = startCheckpoints(file, () => {
      checkpointAt(usualLog)
      // A disk that was full may not stay so.
      writes = 0
    })
    checkpointAt(longestLog)
  }
}

/** A new one is for its owner alone; what SQLite lays beside it takes after it. */
function makePrivate(file: string) {
  mkdirSync(dirname(file), { recursive: true })
  closeSync(openSync(file, 'a', 0o600))
}

/** A thread is not worth its memory before. */
const manyWrites = 100
/** Pages of 4 KiB that the log may hold before who writes has to move them: SQLite's own, and with a thread that does it. */
const usualLog = 1000
const longestLog = 16_000

const waiting = 'PRAGMA busy_timeout = 500'
const SQLITE_BUSY = 5

export function isLocked(error: unknown) {
  return error instanceof Error && 'errcode' in error && Number(error.errcode) % 256 === SQLITE_BUSY
}

/** A deleted file can still be written to, and what is written is lost with the process. */
function watchFile(file: string) {
  const { ino } = statSync(file)
  return () => {
    if (statSync(file, { throwIfNoEntry: false })?.ino !== ino)
      throw Object.assign(new Error(`the database file ${file} is gone`), { code: 'DATABASE_GONE' })
  }
}

/** A full disk ends the transaction by itself; a rollback would then hide why. */
function rollback(sqlite: DatabaseSync): SqliteStatement {
  return {
    reader: false,
    all: () => [],
    iterate: () => [].values(),
    run() {
      if (sqlite.isTransaction) sqlite.exec('rollback')
      return { changes: 0, lastInsertRowid: 0 }
    },
  }
}

function shape(statement: StatementSync, ensureFile: () => void): SqliteStatement {
  return {
    reader: statement.columns().length > 0,
    all(values) {
      ensureFile()
      return statement.all(...(values as SQLInputValue[]))
    },
    iterate: (values) => statement.iterate(...(values as SQLInputValue[])) as IterableIterator<unknown>,
    run(values) {
      ensureFile()
      return statement.run(...(values as SQLInputValue[]))
    },
  }
}
