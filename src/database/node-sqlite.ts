import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import type { SqliteDatabase, SqliteStatement } from 'kysely'

/** node:sqlite in the shape that Kysely's dialect asks for. */
export function openSqlite(file: string): SqliteDatabase {
  if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true })
  const sqlite = new DatabaseSync(file)
  // A lock is waited for on the event loop, so not for long; whoever meets one tries again later.
  sqlite.exec('PRAGMA busy_timeout = 500')
  sqlite.exec('PRAGMA journal_mode = WAL')
  sqlite.exec('PRAGMA synchronous = FULL')
  const ensureFile = file === ':memory:' ? () => {} : watchFile(file)
  const prepared = new Map<string, SqliteStatement>()

  return {
    close: () => sqlite.close(),
    prepare(sql) {
      const known = prepared.get(sql)
      if (known) return known
      if (prepared.size >= 500) prepared.clear()
      const statement =
        sql === 'rollback'
          ? rollback(sqlite)
          : shape(sqlite.prepare(sql === 'begin' ? 'begin immediate' : sql), ensureFile)
      prepared.set(sql, statement)
      return statement
    },
  }
}

/** A deleted file can still be written to, and what is written is lost with the process. */
function watchFile(file: string) {
  const { ino } = statSync(file)
  return () => {
    if (statSync(file, { throwIfNoEntry: false })?.ino !== ino) throw new Error(`the database file ${file} is gone`)
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
