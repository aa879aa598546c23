import { randomUUID } from 'node:crypto'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createConnection } from 'mysql2/promise'
import { afterAll, describe, inject, type ProvidedContext } from 'vitest'
import { createMysqlDatabase } from './mariadb.ts'

export interface TestDatabase {
  name: 'SQLite' | 'MariaDB'
  /** The URL of a database that nobody has used yet. */
  fresh(): Promise<string>
}

/** Runs the same tests on both databases, which have their tables already. */
export function onEachDatabase(what: string, tests: (database: TestDatabase) => void) {
  onEach(what, tests, inject('templates'))
}

/** The same without any table. */
export function onEachEmptyDatabase(what: string, tests: (database: TestDatabase) => void) {
  onEach(what, tests)
}

/** The URL of a database of MariaDB that nobody has used yet, and which has its tables: they are copied, not migrated. */
export function freshMariadb() {
  return createMysqlDatabase(inject('mariadbUrl'), { tables: inject('templates').mysqlStatements })
}

function onEach(what: string, tests: (database: TestDatabase) => void, templates?: ProvidedContext['templates']) {
  describe(`${what} on SQLite`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'parom-sqlite-'))
    afterAll(() => rmSync(folder, { recursive: true, force: true }))
    tests({
      name: 'SQLite',
      async fresh() {
        const file = join(folder, `${randomUUID()}.db`)
        if (templates) copyFileSync(templates.sqliteFile, file)
        return `sqlite:${file}`
      },
    })
  })

  describe(`${what} on MariaDB`, () => {
    const url = inject('mariadbUrl')
    const made: string[] = []
    afterAll(() => dropAll(url, made))
    tests({
      name: 'MariaDB',
      async fresh() {
        const fresh = await createMysqlDatabase(url, { tables: templates?.mysqlStatements })
        made.push(fresh)
        return fresh
      },
    })
  })
}

async function dropAll(url: string, made: string[]) {
  const connection = await createConnection(url)
  for (const each of made) await connection.query(`DROP DATABASE ${new URL(each).pathname.slice(1)}`)
  await connection.end()
}
