import { createHash } from 'node:crypto'
import type { Database } from '../open.ts'
import { type Kind, query, quote, type Row, type Table, type Value } from './table.ts'

/** Of one statement: what both databases take, and memory holds easily. */
const mostRows = 500
const mostValues = 30_000

/** Rows that follow a key, no more of them than `mostBytes` allow, but one at least. Values of `blank` columns are left out. */
export async function readAfter(
  database: Database,
  table: Table,
  { after, mostBytes, blank = [] }: { after: Row | null; mostBytes: number; blank?: readonly string[] },
): Promise<Row[]> {
  const sized = await select(database, table, {
    what: [...keyExpressions(database, table), sizeOf(database, table)],
    kinds: [...keyKinds(table), 'integer'],
    ...following(database, table, after),
    limit: rowsAtOnce(table),
  })
  let bytes = 0
  let count = 0
  for (const row of sized) {
    bytes += Number(row.at(-1))
    if (count > 0 && bytes > mostBytes) break
    count += 1
  }
  if (count === 0) return []
  return selectAll(database, table, { ...following(database, table, after), limit: count, blank })
}

/** Keys alone. */
export function readKeysAfter(database: Database, table: Table, after: Row | null): Promise<Row[]> {
  return select(database, table, {
    what: keyExpressions(database, table),
    kinds: keyKinds(table),
    ...following(database, table, after),
    limit: rowsAtOnce(table),
  })
}

/** Those of the rows with these keys that are there. */
export function readWith(database: Database, table: Table, keys: Row[], blank: readonly string[] = []): Promise<Row[]> {
  return selectAll(database, table, { ...having(database, table, keys), blank })
}

export function readKeysWith(database: Database, table: Table, keys: Row[]): Promise<Row[]> {
  const what = keyExpressions(database, table)
  return select(database, table, { what, kinds: keyKinds(table), ...having(database, table, keys) })
}

export async function insertRows(database: Database, table: Table, rows: Row[]) {
  const columns = table.columns.map(({ name }) => quote(database, name)).join(', ')
  const places = `(${table.columns.map(() => '?').join(', ')})`
  await query(
    database,
    `INSERT INTO ${quote(database, table.name)} (${columns}) VALUES ${rows.map(() => places).join(', ')}`,
    rows.flatMap((row) => row.map((value) => asParameter(database, value))),
  )
}

export async function deleteRows(database: Database, table: Table, keys: Row[]) {
  const { where, values } = having(database, table, keys)
  await query(database, `DELETE FROM ${quote(database, table.name)} WHERE ${where}`, values)
}

export async function countRows(database: Database, table: Table) {
  const [row] = await query<{ count: number | string }>(
    database,
    `SELECT COUNT(*) AS count FROM ${quote(database, table.name)}`,
  )
  return Number(row?.count ?? 0)
}

/** The key of a row. */
export function keyOf(table: Table, row: Row): Row {
  return table.key.map((name) => row[table.columns.findIndex((column) => column.name === name)] ?? null)
}

/** The same for equal rows of both databases, and for no others. */
export function digestOf(row: Row) {
  const hash = createHash('sha256')
  for (const value of row) {
    const bytes = value instanceof Uint8Array ? value : Buffer.from(value === null ? '' : String(value))
    hash.update(`${value === null ? 'null' : typeof value}:${bytes.length}:`).update(bytes)
  }
  return hash.digest('hex')
}

interface Condition {
  where: string
  values: unknown[]
}

function following(database: Database, table: Table, after: Row | null): Condition & { order: string } {
  const names = keyList(database, table)
  const order = names.join(', ')
  if (!after) return { where: '1 = 1', values: [], order }
  // MySQL uses no index for a comparison of tuples.
  const parts = names.map((name, index) => [...names.slice(0, index).map((each) => `${each} = ?`), `${name} > ?`])
  const where = parts.map((part) => `(${part.join(' AND ')})`).join(' OR ')
  const values = parts.flatMap((part) => after.slice(0, part.length))
  return { where: `(${where})`, values: values.map((value) => asParameter(database, value)), order }
}

function having(database: Database, table: Table, keys: Row[]): Condition {
  const names = keyList(database, table)
  const values = keys.flat().map((value) => asParameter(database, value))
  if (names.length === 1) return { where: `${names[0]} IN (${keys.map(() => '?').join(', ')})`, values }
  const tuple = `(${names.map(() => '?').join(', ')})`
  if (database.dialect === 'sqlite')
    return { where: `(${names.join(', ')}) IN (VALUES ${keys.map(() => tuple).join(', ')})`, values }
  const one = `(${names.map((name) => `${name} = ?`).join(' AND ')})`
  return { where: `(${keys.map(() => one).join(' OR ')})`, values }
}

interface Selection extends Condition {
  order?: string
  limit?: number
}

function selectAll(
  database: Database,
  table: Table,
  { blank = [], ...rest }: Selection & { blank?: readonly string[] },
) {
  return select(database, table, {
    ...rest,
    what: table.columns.map(({ name, kind }) => (blank.includes(name) ? 'NULL' : expressionOf(database, name, kind))),
    kinds: table.columns.map(({ kind }) => kind),
  })
}

async function select(
  database: Database,
  table: Table,
  { what, kinds, where, values, order, limit }: Selection & { what: string[]; kinds: Kind[] },
): Promise<Row[]> {
  const named = what.map((expression, index) => `${expression} AS v${index}`)
  const rows = await query<Record<string, unknown>>(
    database,
    `SELECT ${named.join(', ')} FROM ${quote(database, table.name)} WHERE ${where}${order ? ` ORDER BY ${order}` : ''}${limit ? ` LIMIT ${limit}` : ''}`,
    values,
  )
  return rows.map((row) => kinds.map((kind, index) => asValue(row[`v${index}`], kind)))
}

function keyList(database: Database, table: Table) {
  return table.key.map((name) => quote(database, name))
}

function keyExpressions(database: Database, table: Table) {
  const kinds = keyKinds(table)
  return table.key.map((name, index) => expressionOf(database, name, kinds[index] ?? 'text'))
}

function keyKinds(table: Table): Kind[] {
  return table.key.map((name) => table.columns.find((column) => column.name === name)?.kind ?? 'text')
}

/** Integers come as texts, so that none is rounded. */
function expressionOf(database: Database, name: string, kind: Kind) {
  const column = quote(database, name)
  if (kind !== 'integer') return column
  return database.dialect === 'sqlite' ? `CAST(${column} AS TEXT)` : `CAST(${column} AS CHAR)`
}

/** Bytes of what can be long. */
function sizeOf(database: Database, { columns }: Table) {
  const long = columns.filter(({ kind }) => kind === 'text' || kind === 'blob')
  return ['100', ...long.map(({ name }) => `COALESCE(OCTET_LENGTH(${quote(database, name)}), 0)`)].join(' + ')
}

function rowsAtOnce({ columns }: Table) {
  return Math.min(mostRows, Math.floor(mostValues / columns.length))
}

function asValue(value: unknown, kind: Kind): Value {
  if (value === null || value === undefined) return null
  if (kind === 'integer') return BigInt(value as string | number)
  if (kind === 'real') return Number(value)
  return value as string | Uint8Array
}

/** mysql2 knows a BLOB by the class of its value. */
function asParameter({ dialect }: Database, value: Value | undefined) {
  if (!(value instanceof Uint8Array)) return value ?? null
  return dialect === 'sqlite' ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength)
}
