import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, inject, it } from 'vitest'
import { backupSqlite, readCounts } from '../../src/database/backup.ts'
import { openDatabase } from '../../src/database/open.ts'
import { restoreSqlite } from '../../src/database/restore.ts'
import { run } from '../support/process.ts'
import { storedMessage } from '../support/stored-message.ts'

const now = Date.parse('2026-11-23T03:04:55Z')

const folder = mkdtempSync(join(tmpdir(), 'parom-restore-'))

/** A database with these orders, that nobody has open. */
async function withOrders(...ids: string[]) {
  const file = join(folder, `${randomUUID()}.db`)
  copyFileSync(inject('templates').sqliteFile, file)
  const { db, close } = openDatabase(`sqlite:${file}`)
  for (const id of ids) await db.insertInto('messages').values(storedMessage(id, {})).execute()
  await close()
  return file
}

function idsIn(file: string) {
  const sqlite = new DatabaseSync(file, { readOnly: true })
  const rows = sqlite.prepare('SELECT id FROM messages ORDER BY id').all()
  sqlite.close()
  return rows.map(({ id }) => id)
}

describe('a backup', () => {
  it('is one moment of a database that another process writes to at full speed, whole and in one file', async () => {
    const file = await withOrders('m1')
    const writer = spawn(process.execPath, ['-e', writeAll, file], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(writer.stdout, 'data')
    const into = join(folder, 'new', 'copy.db')
    const seen: number[] = []
    const { counts } = await backupSqlite(file, into, ({ done }) => seen.push(done)).finally(() =>
      writer.kill('SIGKILL'),
    )
    const written = readCounts(file)['attempts'] ?? 0
    expect(counts['messages']).toBe(1)
    // Two tables are written in one commit.
    expect(counts['attempts']).toBe(counts['audit'])
    expect(written).toBeGreaterThan(counts['attempts'] ?? 0)
    expect(readCounts(into)).toEqual(counts)
    expect(seen.length).toBeGreaterThan(0)
    expect(statSync(into).mode & 0o777).toBe(0o600)
    expect(readdirSync(join(folder, 'new'))).toEqual(['copy.db'])
  })

  it('leaves nothing behind, and the one before as it was, where it cannot be made', async () => {
    const into = join(folder, 'failed', 'copy.db')
    const before = await withOrders('m1')
    await backupSqlite(before, into)
    const broken = join(folder, 'broken.db')
    writeFileSync(broken, 'no database at all')
    await expect(backupSqlite(broken, into)).rejects.toThrow()
    expect(readdirSync(join(folder, 'failed'))).toEqual(['copy.db'])
    expect(idsIn(into)).toEqual(['m1'])
  })
})

/** Writes to two tables at once, for ever. */
const writeAll = `
  const { DatabaseSync } = require('node:sqlite')
  const sqlite = new DatabaseSync(process.argv[1], { timeout: 2000 })
  const attempt = sqlite.prepare("INSERT INTO attempts (message_id, number, started_at, error) VALUES ('m1', ?, 1, ?)")
  const audit = sqlite.prepare("INSERT INTO audit (id, at, login, action, was) VALUES (?, 1, '', 'x', ?)")
  for (let number = 1; ; number++) {
    sqlite.exec('BEGIN IMMEDIATE')
    attempt.run(number, 'x'.repeat(9000))
    audit.run(String(number), 'x'.repeat(9000))
    sqlite.exec('COMMIT')
    if (number === 300) console.log('many')
  }`

describe('a restore', () => {
  it('puts a backup in place, keeps what was there, and looks for unfinished orders before it sends them', async () => {
    const backup = await withOrders('m1')
    const file = await withOrders('m1', 'm2')
    expect(await restoreSqlite(backup, file, now)).toMatchObject({ messages: 1, unfinished: 1 })
    expect(idsIn(`${file}.before-restore-2026-11-23T03-04-55Z`)).toEqual(['m1', 'm2'])
    expect(idsIn(backup), 'the backup is left alone').toEqual(['m1'])
    const { db, close } = openDatabase(`sqlite:${file}`)
    expect(await db.selectFrom('messages').selectAll().executeTakeFirst()).toMatchObject({
      ...{ id: 'm1', lead_request_at: 1_800_000_000_000, lead_marked: 1, cards_request_at: 1_800_000_000_000 },
    })
    await close()
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it('brings an older database up to date', async () => {
    const older = join(folder, 'older.db')
    const sqlite = new DatabaseSync(older)
    const first = readFileSync(join(import.meta.dirname, '../../db/migrations/sqlite/0001-inbox.sql'), 'utf8')
    sqlite.exec(first)
    sqlite.exec(
      "INSERT INTO messages (id, account, source, received_at, dedupe_key, content_type, headers, body, state) VALUES ('old', 'a', 's', 1, 'k', 't', '{}', x'00', 'pending')",
    )
    sqlite.exec('CREATE TABLE schema_migrations (name VARCHAR(190) NOT NULL PRIMARY KEY, checksum CHAR(64) NOT NULL)')
    const template = new DatabaseSync(inject('templates').sqliteFile, { readOnly: true })
    const row = template.prepare("SELECT checksum FROM schema_migrations WHERE name = '0001-inbox.sql'").get()
    template.close()
    sqlite.prepare("INSERT INTO schema_migrations VALUES ('0001-inbox.sql', ?)").run(String(row?.['checksum']))
    sqlite.close()
    const file = join(folder, 'nothing-there-yet.db')
    expect(await restoreSqlite(older, file, now)).toMatchObject({ kept: null, messages: 1, unfinished: 1 })
    expect(idsIn(file)).toEqual(['old'])
  })

  it.each([
    ['missing', async () => join(folder, 'none.db')],
    ['no_database', async () => write('words.db', 'no database at all')],
    ['not_parom', async () => withTables('CREATE TABLE x (y)')],
    [
      'newer',
      async () => withTables("INSERT INTO schema_migrations VALUES ('9999-later.sql', 'x')", await withOrders()),
    ],
    ['broken', async () => cutOff(await withOrders('m1'))],
  ])('refuses a backup that is %s, and changes nothing', async (fault, make) => {
    const file = await withOrders('m1', 'm2')
    await expect(restoreSqlite(await make(), file, now)).rejects.toMatchObject({ fault })
    expect(idsIn(file)).toEqual(['m1', 'm2'])
    expect(readdirSync(folder).filter((name) => /restor/.test(name) && file.includes(name.slice(0, 36)))).toEqual([])
  })

  it('refuses while a server has the database open, and to restore it from itself', async () => {
    const [backup, file] = [await withOrders('m1'), await withOrders('m1', 'm2')]
    const served = openDatabase(`sqlite:${file}`)
    await served.db.selectFrom('messages').select('id').execute()
    await expect(restoreSqlite(backup, file, now)).rejects.toMatchObject({ fault: 'used' })
    await served.close()
    await expect(restoreSqlite(file, file, now)).rejects.toMatchObject({ fault: 'same' })
  })

  it('refuses as well when a server opens the database meanwhile', async () => {
    const [backup, file] = [await withOrders('m1'), await withOrders('m1', 'm2')]
    const restoring = restoreSqlite(backup, file, now)
    const served = openDatabase(`sqlite:${file}`)
    await served.db.selectFrom('messages').select('id').execute()
    await expect(restoring).rejects.toMatchObject({ fault: 'used' })
    await served.close()
    expect(idsIn(file)).toEqual(['m1', 'm2'])
  })

  it('takes the place of a database that is damaged, whose log is not taken for its own', async () => {
    const [backup, file] = [await withOrders('m1'), await withOrders('m1', 'm2')]
    writeFileSync(file, 'no database at all')
    writeFileSync(`${file}-wal`, 'nor a log')
    expect(await restoreSqlite(backup, file, now)).toMatchObject({ messages: 1 })
    expect(idsIn(file)).toEqual(['m1'])
    expect(existsSync(`${file}-wal`)).toBe(false)
    expect(readFileSync(`${file}.before-restore-2026-11-23T03-04-55Z-wal`, 'utf8')).toBe('nor a log')
  })
})

function write(name: string, text: string) {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

async function withTables(statement: string, file = join(folder, `${randomUUID()}.db`)) {
  const sqlite = new DatabaseSync(file)
  sqlite.exec(statement)
  sqlite.close()
  return file
}

function cutOff(file: string) {
  truncateSync(file, statSync(file).size / 2)
  return file
}

describe('npx parom backup and restore', () => {
  const command = async (args: string[], env: Record<string, string>) => {
    const { exited, output } = run('src/cli/parom.ts', args, { ENV_TYPE: 'local', ...env })
    return { code: await exited, output: output() }
  }

  it('keep the latest backups of their own naming only', async () => {
    const file = await withOrders('m1')
    const backups = join(folder, 'backups')
    const names = [
      'local-2020-01-01T00-00-00Z.db',
      'local-2020-01-02T00-00-00Z.db',
      'mine.db',
      'prod-2020-01-01T00-00-00Z.db',
    ]
    await backupSqlite(file, join(backups, names[0] ?? ''))
    for (const name of names) writeFileSync(join(backups, name), '')
    const made = await command(['backup', '--keep', '2'], { DATABASE_URL: `sqlite:${file}` })
    expect(made, made.output).toMatchObject({ code: 0, output: expect.stringContaining('local-2020-01-01') })
    expect(readdirSync(backups)).toEqual(expect.arrayContaining(names.slice(1)))
    expect(readdirSync(backups)).not.toContain(names[0])
    expect(readdirSync(backups)).toHaveLength(4)
  })

  it('put no backup in the place of a file, not even of the database', async () => {
    const file = await withOrders('m1')
    const made = await command(['backup', file], { DATABASE_URL: `sqlite:${file}` })
    expect(made, made.output).toMatchObject({ code: 1, output: expect.stringContaining(file) })
    expect(idsIn(file)).toEqual(['m1'])
    expect(readdirSync(folder).filter((name) => name.includes('partial'))).toEqual([])
  })

  it('remove what a backup has left that was broken off long ago', async () => {
    const file = join(mkdtempSync(join(folder, 'old-')), 'x.db')
    copyFileSync(await withOrders('m1'), file)
    const backups = join(dirname(file), 'backups')
    const names = [
      'local-2020-01-01T00-00-00Z.db.partial',
      'local-2020-01-02T00-00-00Z.db.partial-journal',
      'x.partial',
    ]
    mkdirSync(backups, { recursive: true })
    for (const name of names) writeFileSync(join(backups, name), '')
    for (const name of names.slice(1)) utimesSync(join(backups, name), 1, 1)
    expect(await command(['backup', '--keep', '2'], { DATABASE_URL: `sqlite:${file}` })).toMatchObject({ code: 0 })
    expect(readdirSync(backups).filter((name) => name.includes('partial'))).toEqual([names[0], names[2]])
  })

  it('name the recipe where the database is a server’s', async () => {
    const env = { DATABASE_URL: 'mysql://parom:secret@127.0.0.1:1/x' }
    const backup = await command(['backup'], env)
    expect(backup).toMatchObject({ code: 2, output: expect.stringContaining('deploy/mysql/backup.sh') })
    const restore = await command(['restore', 'x.sql'], env)
    expect(restore).toMatchObject({ code: 2, output: expect.stringContaining('npx parom restore --loaded') })
  })
})
