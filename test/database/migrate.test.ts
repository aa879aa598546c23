import { mkdtempSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { createConnection } from 'mysql2/promise'
import { describe, expect, inject, it } from 'vitest'
import { migrate } from '../../src/database/migrate.ts'
import { mysqlSchema } from '../../src/database/mysql-schema.ts'
import { openDatabase } from '../../src/database/open.ts'
import { onEachEmptyDatabase } from '../support/databases.ts'

onEachEmptyDatabase('migrations', (database) => {
  it('are applied once when four processes start at the same time', async () => {
    const url = await database.fresh()
    const processes = Array.from({ length: 4 }, () => openDatabase(url))
    await Promise.all(processes.map(migrate))
    const [one] = processes
    const { rows } = await sql<{ name: string }>`SELECT name FROM schema_migrations ORDER BY name`.execute(
      one?.db ?? expect.fail(),
    )
    expect(rows.map(({ name }) => name)).toEqual([
      '0001-inbox.sql',
      '0002-sessions.sql',
      '0003-connection.sql',
      '0004-mirror.sql',
      '0005-people.sql',
      '0006-passwords.sql',
      '0007-checkups.sql',
      '0008-batches.sql',
      '0009-intake.sql',
      '0010-audit.sql',
      '0011-search.sql',
      '0012-runs.sql',
      '0013-overview.sql',
      '0014-people.sql',
      '0015-saved-views.sql',
      '0016-test-orders.sql',
      '0017-alerts.sql',
      '0018-order-api.sql',
      '0019-retention.sql',
      '0020-limits.sql',
    ])
    await Promise.all(processes.map(({ close }) => close()))
  })

  it('refuse to go on when an applied file was changed', async () => {
    const opened = openDatabase(await database.fresh())
    await migrate(opened)
    await sql`UPDATE schema_migrations SET checksum = 'another' WHERE name = '0001-inbox.sql'`.execute(opened.db)
    await expect(migrate(opened)).rejects.toThrow('0001-inbox.sql was changed')
    await opened.close()
  })

  it('keep emoji, Cyrillic and raw bytes as they are', async () => {
    const opened = openDatabase(await database.fresh())
    await migrate(opened)
    const body = Buffer.from([0, 255, 1, 0x80, ...Buffer.from('Щедрый 🙏')])
    const row = {
      id: 'x',
      account: 'a',
      source: 's',
      received_at: 1_800_000_000_000,
      dedupe_key: 'k',
      content_type: 'т',
      headers: '{}',
      body,
      state: 'pending' as const,
      partner_id: 'Ключ 🗝',
      error: 'ё',
    }
    await opened.db.insertInto('messages').values(row).execute()
    const stored = await opened.db.selectFrom('messages').selectAll().executeTakeFirstOrThrow()
    expect(stored).toMatchObject({ partner_id: 'Ключ 🗝', error: 'ё', received_at: 1_800_000_000_000 })
    expect(Buffer.from(stored.body)).toEqual(body)
    await opened.close()
  })
})

describe('SQLite', () => {
  it('waits for the disk with every commit', async () => {
    const opened = openDatabase(`sqlite:${join(mkdtempSync(join(tmpdir(), 'parom-sync-')), 'x.db')}`)
    const { rows } =
      await sql`SELECT (SELECT synchronous FROM pragma_synchronous) AS synchronous, (SELECT journal_mode FROM pragma_journal_mode) AS journal`.execute(
        opened.db,
      )
    expect(rows).toEqual([{ synchronous: 2, journal: 'wal' }])
    await opened.close()
  })
})

describe('db/schema.mysql.sql', () => {
  it('is what the migrations make', async () => {
    const file = await readFile(join(import.meta.dirname, '../../db/schema.mysql.sql'), 'utf8')
    expect(file, 'run: npx parom mysql-schema > db/schema.mysql.sql').toBe(await mysqlSchema())
  })

  it('compares by bytes, whatever the server does with what is not said otherwise', async () => {
    const root = await createConnection(inject('mariadbUrl'))
    await root.query('CREATE DATABASE parom_turkish CHARACTER SET latin5 COLLATE latin5_turkish_ci')
    const opened = openDatabase(`${inject('mariadbUrl')}/parom_turkish`)
    await migrate(opened)
    const { rows } = await sql<{ name: string }>`
      SELECT DISTINCT collation_name AS name FROM information_schema.columns
      WHERE table_schema = DATABASE() AND collation_name IS NOT NULL AND table_name NOT LIKE 'schema\\_%' ORDER BY 1`.execute(
      opened.db,
    )
    expect(rows.map(({ name }) => name)).toEqual(['ascii_bin', 'utf8mb4_bin'])
    const compared = await sql`SELECT @@collation_connection AS ours, 'i' = 'I' AS same`.execute(opened.db)
    expect(compared.rows).toEqual([{ ours: 'utf8mb4_bin', same: 0 }])
    await opened.close()
    await root.query('DROP DATABASE parom_turkish')
    await root.end()
  })

  it('can be imported by hand, and leaves nothing for the migrations to do', async () => {
    const root = await createConnection({ uri: inject('mariadbUrl'), multipleStatements: true })
    await root.query('CREATE DATABASE parom_by_hand')
    await root.query('USE parom_by_hand')
    await root.query(await mysqlSchema())
    const opened = openDatabase(`${inject('mariadbUrl')}/parom_by_hand`)
    await migrate(opened)
    expect(await opened.db.selectFrom('messages').select('id').execute()).toEqual([])
    await opened.close()
    await root.query('DROP DATABASE parom_by_hand')
    await root.end()
  })
})
