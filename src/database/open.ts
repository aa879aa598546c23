import { Kysely, MysqlDialect, SqliteDialect } from 'kysely'
import { configureMysqlConnection, createMysqlPool } from './mysql.ts'
import { openSqlite } from './node-sqlite.ts'
import type { Tables } from './tables.ts'

export interface Database {
  db: Kysely<Tables>
  dialect: 'sqlite' | 'mysql'
  close(): Promise<void>
}

/** @param url `sqlite:<file>`, `sqlite::memory:` or `mysql://user:password@host:port/name` */
export function openDatabase(url: string): Database {
  if (url.startsWith('sqlite:')) {
    const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: openSqlite(url.slice('sqlite:'.length)) }) })
    return { db, dialect: 'sqlite', close: () => db.destroy() }
  }
  const db = new Kysely<Tables>({
    dialect: new MysqlDialect({ pool: createMysqlPool(url), onCreateConnection: configureMysqlConnection }),
  })
  return { db, dialect: 'mysql', close: () => db.destroy() }
}

/** Whether a write failed because a row with the same key is there already. */
export function isUniqueViolation(error: unknown) {
  if (!(error instanceof Error)) return false
  const { code, errcode } = error as Error & { code?: string; errcode?: number }
  return code === 'ER_DUP_ENTRY' || errcode === SQLITE_CONSTRAINT_UNIQUE || errcode === SQLITE_CONSTRAINT_PRIMARYKEY
}

const SQLITE_CONSTRAINT_PRIMARYKEY = 1555
const SQLITE_CONSTRAINT_UNIQUE = 2067
