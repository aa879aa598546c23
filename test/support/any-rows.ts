import { DatabaseSync } from 'node:sqlite'
import { createConnection } from 'mysql2/promise'
import { inject } from 'vitest'
import { insertRows } from '../../src/database/moving/rows.ts'
import { readTables, type Table, type Value } from '../../src/database/moving/table.ts'
import { openDatabase } from '../../src/database/open.ts'
import { createMysqlDatabase } from './mariadb.ts'

/** What a column takes in the stricter of the two databases. */
interface Limits {
  length: number | null
  charset: string | null
  type: string
  nullable: boolean
}

/** Rows in every table that a database has, with what is hard to carry in every column. */
export async function fillAll(url: string, rowsEach: number) {
  const limits = await readLimits()
  const database = openDatabase(url)
  try {
    for (const table of await readTables(database)) {
      const rows = Array.from({ length: rowsEach }, (_, index) =>
        table.columns.map((column) => hardValue(table, column.name, index + 1, limits)),
      )
      await insertRows(database, table, rows)
    }
  } finally {
    await database.close()
  }
}

function hardValue(table: Table, name: string, row: number, limits: Map<string, Limits>): Value {
  const limit = limits.get(`${table.name}.${name}`)
  const column = table.columns.find((each) => each.name === name)
  if (!limit || !column) throw new Error(`no column ${table.name}.${name}`)
  const isKey = table.key.includes(name)
  if (!isKey && limit.nullable && row % 3 === 0) return null
  if (column.kind === 'blob') return Buffer.from([...Array(256).keys(), row % 256])
  if (column.kind === 'real') return 0.1 + 0.2 * row
  if (column.kind === 'integer') {
    if (limit.type === 'tinyint') return 1n
    if (limit.type !== 'bigint') return 2_0000n + BigInt(row)
    return isKey ? BigInt(row) : 9_007_199_254_740_993n + BigInt(row)
  }
  const text = limit.charset === 'ascii' ? `${row}:k'"\\%_` : `${row}:Ёж 🙏 '"\\ %_\n\u0000;--?`
  return text.slice(0, limit.length ?? 60)
}

async function readLimits() {
  const root = inject('mariadbUrl')
  const url = await createMysqlDatabase(root, { tables: inject('templates').mysqlStatements })
  const connection = await createConnection(url)
  const [rows] = await connection.query(
    `SELECT table_name AS t, column_name AS c, data_type AS type, character_maximum_length AS length,
       character_set_name AS charset, is_nullable AS nullable
     FROM information_schema.columns WHERE table_schema = DATABASE()`,
  )
  await connection.query(`DROP DATABASE ${new URL(url).pathname.slice(1)}`)
  await connection.end()
  return new Map(
    (rows as Record<string, string>[]).map(({ t, c, type, length, charset, nullable }) => [
      `${t}.${c}`,
      {
        type: type ?? '',
        charset: charset ?? null,
        nullable: nullable === 'YES',
        length: length ? Number(length) : null,
      },
    ]),
  )
}

/** All rows of all tables by the drivers alone, in a form in which equal ones of both databases are equal. */
export async function dumpAll(url: string): Promise<Record<string, string[]>> {
  const read = url.startsWith('sqlite:') ? readSqlite : readMysql
  const tables = await read(url)
  return Object.fromEntries([...tables].map(([name, rows]) => [name, rows.map(plain).sort()]))
}

async function readSqlite(url: string) {
  const sqlite = new DatabaseSync(url.slice('sqlite:'.length))
  const names = sqlite.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'").all()
  const tables = new Map<string, object[]>()
  for (const { name } of names) {
    const statement = sqlite.prepare(`SELECT * FROM "${name}"`)
    statement.setReadBigInts(true)
    tables.set(String(name), statement.all())
  }
  sqlite.close()
  return tables
}

async function readMysql(url: string) {
  const connection = await createConnection({ uri: url, supportBigNumbers: true, bigNumberStrings: true })
  const [names] = await connection.query('SHOW TABLES')
  const tables = new Map<string, object[]>()
  for (const row of names as object[]) {
    const [name] = Object.values(row)
    const [rows] = await connection.query(`SELECT * FROM \`${name}\``)
    tables.set(name, rows as object[])
  }
  await connection.end()
  return tables
}

function plain(row: object) {
  const cells = Object.entries(row).map(([name, value]) => [
    name,
    value === null ? null : value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value),
  ])
  return JSON.stringify(cells.sort())
}
