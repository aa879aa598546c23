import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createConnection } from 'mysql2/promise'
import { migrate } from '../../src/database/migrate.ts'
import { openDatabase } from '../../src/database/open.ts'
import { createMysqlDatabase } from './mariadb.ts'

/** Databases with all tables and nothing in them, to be copied: that takes a fraction of what the migrations take. */
export async function makeTemplates(mariadbUrl: string) {
  const folder = mkdtempSync(join(tmpdir(), 'parom-template-'))
  const sqliteFile = join(folder, 'template.db')
  await makeTables(`sqlite:${sqliteFile}`)
  const mysqlUrl = await createMysqlDatabase(mariadbUrl)
  await makeTables(mysqlUrl)
  return {
    sqliteFile,
    /** Run in another database of the same server, they make it a copy. */
    mysqlStatements: await copyStatements(mysqlUrl),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

async function makeTables(url: string) {
  const database = openDatabase(url)
  await migrate(database)
  await database.close()
}

async function copyStatements(url: string) {
  const template = new URL(url).pathname.slice(1)
  const connection = await createConnection(url)
  const [rows] = await connection.query<[]>({ sql: 'SHOW TABLES', rowsAsArray: true })
  await connection.end()
  const tables = rows.flat<string[]>()
  const filled = tables.filter((table) => table.startsWith('schema_'))
  return [
    ...tables.map((table) => `CREATE TABLE ${table} LIKE ${template}.${table}`),
    ...filled.map((table) => `INSERT INTO ${table} SELECT * FROM ${template}.${table}`),
  ].join(';')
}
