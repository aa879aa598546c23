import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createConnection } from 'mysql2/promise'
import type { TestDatabase } from '../test/support/databases.ts'
import { createMysqlDatabase, startMariadb } from '../test/support/mariadb.ts'

/** Bytes. Most of what a bench fills it with fits in, as where somebody looks after the server. */
const memoryOfMariadb = 1024 ** 3

/** Does the same work on both databases, one after the other, and leaves nothing of them. */
export async function onEachDatabase(work: (database: TestDatabase) => Promise<void>) {
  const folder = mkdtempSync(join(tmpdir(), 'parom-bench-'))
  try {
    await work({ name: 'SQLite', fresh: async () => `sqlite:${join(folder, `${randomUUID()}.db`)}` })
  } finally {
    rmSync(folder, { recursive: true })
  }
  const mariadb = await startRoomyMariadb()
  try {
    await work({ name: 'MariaDB', fresh: () => createMysqlDatabase(mariadb.url) })
  } finally {
    await mariadb.stop()
  }
}

export async function startRoomyMariadb() {
  const mariadb = await startMariadb()
  await query(mariadb.url, `SET GLOBAL innodb_buffer_pool_size = ${memoryOfMariadb}`)
  return mariadb
}

async function query(url: string, statement: string) {
  const connection = await createConnection(url)
  await connection.query(statement)
  await connection.end()
}
