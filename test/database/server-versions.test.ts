import { sql } from 'kysely'
import { afterEach, describe, expect, it } from 'vitest'
import { migrate } from '../../src/database/migrate.ts'
import { openDatabase } from '../../src/database/open.ts'
import { startMysqlNode } from '../support/mysql-node.ts'
import { aloneOn, run } from '../support/process.ts'

let close = async () => {}
afterEach(() => close())

async function startVersion(version: string, version_comment = '') {
  const node = await startMysqlNode({ version, variables: { version_comment } })
  close = node.close
  return `mysql://root@${node.host}/parom`
}

describe('a database server', () => {
  it.each([
    ['8.0.1', ''],
    ['8.4.3-0ubuntu0.24.04', ''],
    ['9.1.0', 'MySQL Community Server'],
    ['10.6.0-MariaDB', ''],
    ['10.11.6-MariaDB-0+deb12u1-log', 'Debian 12'],
    ['11.4.2-MariaDB', ''],
    ['8.0.11-TiDB-v7.5.0', 'TiDB Server'],
    ['10.6.18', 'Managed MariaDB'],
  ])('%s is new enough', async (version, comment) => {
    const database = openDatabase(await startVersion(version, comment))
    await sql`UPDATE a`.execute(database.db)
    await database.close()
  })

  it.each([
    ['5.7.44-log', '', 'MySQL 5.7.44-log'],
    ['8.0.0-dmr', '', 'MySQL 8.0.0-dmr'],
    ['5.7.25-TiDB-v6.1.0', 'TiDB Server', 'MySQL 5.7.25-TiDB-v6.1.0'],
    ['10.5.29-MariaDB-0+deb11u1', '', '10.5.29-MariaDB-0+deb11u1'],
    ['5.5.5-10.3.39-MariaDB', '', '5.5.5-10.3.39-MariaDB'],
    ['10.5.9', 'Managed MariaDB', 'MariaDB 10.5.9'],
  ])('%s is too old', async (version, comment, found) => {
    const database = openDatabase(await startVersion(version, comment))
    await expect(migrate(database)).rejects.toMatchObject({ cause: { found } })
    await database.close()
  })

  it('that is too old is named by the start in one line', async () => {
    const server = run('src/main.ts', [], await aloneOn(await startVersion('5.7.44-log')))
    expect(await server.exited).toBe(1)
    const needed = 'Нужна MySQL ≥ 8.0.1 / MariaDB ≥ 10.6'
    expect(server.output().trim()).toBe(
      `База данных слишком старая (DATABASE_URL): MySQL 5.7.44-log. ${needed}. Обновите сервер или укажите другой`,
    )
  })
})
