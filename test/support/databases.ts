import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createConnection } from 'mysql2/promise'
import { afterAll, describe, inject } from 'vitest'
import { createMysqlDatabase } from './mariadb.ts'

export interface TestDatabase {
  name: 'SQLite' | 'MariaDB'
  /** The URL of a database that nobody has used yet. */
  fresh(): Promise<string>
}

/** Runs the same tests on both databases. */
export function onEachDatabase(what: string, tests: (database: TestDatabase) => void) {
  describe(`${what} on SQLite`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'parom-sqlite-'))
    afterAll(() => rmSync(folder, { recursive: true, force: true }))
    tests({ name: 'SQLite', fresh: async () => `sqlite:${join(folder, `${randomUUID()}.db`)}` })
  })

  describe(`${what} on MariaDB`, () => {
    const url = inject('mariadbUrl')
    const made: string[] = []
    afterAll(() => dropAll(url, made))
    tests({
      name: 'MariaDB',
      async fresh() {
        const fresh = await createMysqlDatabase(url)
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
