import { CompiledQuery } from 'kysely'
import type { Database } from '../open.ts'

export type Kind = 'integer' | 'real' | 'text' | 'blob'

/** Integers are bigints: not all that a column holds fits into a number. */
export type Value = bigint | number | string | Uint8Array | null
export type Row = Value[]

export interface Table {
  name: string
  columns: Column[]
  /** Names of the columns of its primary key, in its order. */
  key: string[]
  /** Whether it gives its keys by itself and gives none twice. */
  counts: boolean
}

interface Column {
  name: string
  kind: Kind
}

/** Those by which a database is kept in order; each has its own. */
const ownTables: ReadonlySet<string> = new Set(['schema_migrations', 'schema_lock', 'moves'])

/** All tables of a database as they stand there, whichever migration made them. */
export async function readTables(database: Database): Promise<Table[]> {
  const names = (await namesOf(database)).filter((name) => !ownTables.has(name)).sort()
  const tables: Table[] = []
  for (const name of names) tables.push(await readTable(database, name))
  return tables
}

export async function namesOf(database: Database): Promise<string[]> {
  const isSqlite = database.dialect === 'sqlite'
  const rows = await query<{ name: string }>(
    database,
    isSqlite
      ? `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'`
      : `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'`,
  )
  return rows.map(({ name }) => name)
}

async function readTable(database: Database, name: string): Promise<Table> {
  const isSqlite = database.dialect === 'sqlite'
  const { columns, key } = isSqlite ? await readSqlite(database, name) : await readMysql(database, name)
  if (key.length === 0) throw new Error(`table ${name} has no primary key`)
  return { name, columns, key, counts: await givesKeys(database, name) }
}

async function readSqlite(database: Database, name: string) {
  const rows = await query<{ name: string; type: string; pk: number }>(database, `PRAGMA table_info("${name}")`)
  const keys = rows.filter(({ pk }) => pk > 0).sort((one, other) => one.pk - other.pk)
  return {
    columns: rows.map((row) => ({ name: row.name, kind: kindOf(row.type, `${name}.${row.name}`) })),
    key: keys.map((row) => row.name),
  }
}

async function readMysql(database: Database, name: string) {
  const columns = await query<{ name: string; type: string }>(
    database,
    `SELECT column_name AS name, data_type AS type FROM information_schema.columns
     WHERE table_schema = DATABASE() AND table_name = ? ORDER BY ordinal_position`,
    [name],
  )
  const key = await query<{ name: string }>(
    database,
    `SELECT column_name AS name FROM information_schema.statistics
     WHERE table_schema = DATABASE() AND table_name = ? AND index_name = 'PRIMARY' ORDER BY seq_in_index`,
    [name],
  )
  return {
    columns: columns.map((row) => ({ name: row.name, kind: kindOf(row.type, `${name}.${row.name}`) })),
    key: key.map((row) => row.name),
  }
}

/** Of a type that is not known, nobody could say whether it is copied as it is. */
function kindOf(type: string, column: string): Kind {
  const word = type.toLowerCase()
  if (/^(integer|tinyint|smallint|mediumint|int|bigint)$/.test(word)) return 'integer'
  if (/^(real|double)$/.test(word)) return 'real'
  if (/^(char|varchar|text|tinytext|mediumtext|longtext)$/.test(word)) return 'text'
  if (/^(blob|tinyblob|mediumblob|longblob|binary|varbinary)$/.test(word)) return 'blob'
  throw new Error(`column ${column} is of a type that cannot be moved: ${type}`)
}

async function givesKeys(database: Database, name: string) {
  const [row] =
    database.dialect === 'sqlite'
      ? await query<{ yes: number }>(
          database,
          `SELECT sql LIKE '%AUTOINCREMENT%' AS yes FROM sqlite_master WHERE type = 'table' AND name = ?`,
          [name],
        )
      : await query<{ yes: number | string }>(
          database,
          `SELECT COUNT(*) AS yes FROM information_schema.columns
           WHERE table_schema = DATABASE() AND table_name = ? AND extra LIKE '%auto_increment%'`,
          [name],
        )
  return Number(row?.yes ?? 0) > 0
}

export async function query<Found>({ db }: Database, text: string, values: unknown[] = []): Promise<Found[]> {
  return (await db.executeQuery<Found>(CompiledQuery.raw(text, values))).rows
}

export function quote({ dialect }: Database, name: string) {
  return dialect === 'sqlite' ? `"${name}"` : `\`${name}\``
}
