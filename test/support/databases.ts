import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createConnection } from 'mysql2/promise'
import { afterAll, describe, inject } from 'vitest'

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
    afterAll(() =>
      withConnection(
        url,
        made.map((name) => `DROP DATABASE ${name}`),
      ),
    )
    tests({
      name: 'MariaDB',
      async fresh() {
        const name = `parom_${randomUUID().replaceAll('-', '')}`
        await withConnection(url, [`CREATE DATABASE ${name}`])
        made.push(name)
        return `${url}/${name}`
      },
    })
  })
}

async function withConnection(url: string, statements: string[]) {
  const connection = await createConnection(url)
  for (const statement of statements) await connection.query(statement)
  await connection.end()
}
