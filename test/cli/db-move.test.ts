import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createConnection } from 'mysql2/promise'
import { afterAll, describe, expect, inject, it, vi } from 'vitest'
import { liveHosts } from '../../src/database/instances.ts'
import { MovedError, writeMark } from '../../src/database/moving/mark.ts'
import { openDatabase } from '../../src/database/open.ts'
import { createMysqlDatabase } from '../support/mariadb.ts'
import { anOrder, asForm } from '../support/orders.ts'
import { startParom, startTestSandbox } from '../support/parom.ts'
import { aloneOn, run } from '../support/process.ts'

async function command(args: string[], env: Record<string, string> = {}) {
  const { exited, output } = run('src/cli/parom.ts', args, env)
  return { code: await exited, output: output() }
}

const folder = mkdtempSync(join(tmpdir(), 'parom-move-'))

describe('npx parom db move', async () => {
  const sandbox = await startTestSandbox()
  afterAll(() => sandbox.close())

  it('takes a running installation to another database, and each of its orders becomes one lead', async () => {
    const from = `sqlite:${join(folder, 'old.db')}`
    const target = new URL(await createMysqlDatabase(inject('mariadbUrl')))
    target.password = 'secret'
    const open = new URL(target)
    open.password = ''
    const to = open.href
    const env = { TARGET: to }
    const old = await startParom({ databaseUrl: from, sandbox })
    const ids: string[] = []
    const order = async (parom: typeof old) => {
      const { body } = await parom.post(asForm(anOrder({ order_id: String(ids.length) })))
      ids.push(body.id)
    }
    for (let count = 0; count < 20; count++) await order(old)

    const firstRound = await command(['db', 'move', from, 'env:TARGET'], env)
    expect(firstRound, firstRound.output).toMatchObject({
      code: 3,
      output: expect.stringContaining('остановите все серверы'),
    })
    for (let count = 0; count < 20; count++) await order(old)
    await old.close()
    const moved = await command(['db', 'move', from, 'env:TARGET'], env)
    expect(moved, moved.output).toMatchObject({ code: 0, output: expect.stringMatching(/messages +40 /) })
    expect(moved.output).toContain('закрыта')

    const tooLate = run('src/main.ts', [], await aloneOn(from))
    expect(await tooLate.exited).toBe(1)
    expect(tooLate.output()).toMatch(/перенесена в mysql:[\s\S]*npx parom db reopen/)

    const parom = await startParom({ databaseUrl: to, sandbox })
    await order(parom)
    await vi.waitFor(async () => expect(await leadsOf(to)).toEqual(ids.length), { timeout: 20_000 })
    expect((await sandbox.state()).leads).toHaveLength(ids.length)
    await parom.close()
  }, 60_000)

  it('sees a server that began to start before the database was marked, or that one sees the mark', async () => {
    const url = await createMysqlDatabase(inject('mariadbUrl'), { tables: inject('templates').mysqlStatements })
    const opened = openDatabase(url)
    await writeMark(opened, { state: 'leaving', other: 'mysql://there/x', at: 1 })
    const mover = await createConnection(url)
    await mover.query('DELETE FROM moves')
    await mover.query('LOCK TABLES moves WRITE')
    const refused = expect(startParom({ databaseUrl: url, sandbox })).rejects.toThrow(MovedError)
    await vi.waitFor(async () => expect(await liveHosts(opened.db, Date.now())).toHaveLength(1), { timeout: 15_000 })
    await mover.query("INSERT INTO moves VALUES (1, 'leaving', 'mysql://there/x', 1)")
    await mover.end()
    await refused
    expect(await liveHosts(opened.db, Date.now())).toEqual([])
    await opened.close()
  })

  it('says what it refuses, and shows no password', async () => {
    const [missing, unnamed, asked] = await Promise.all([
      command(['db', 'move', 'sqlite:/nowhere/x.db', 'mysql://parom:secret@127.0.0.1:1/x']),
      command(['db', 'move', 'env:NONE', 'sqlite:x']),
      command(['db', '--help']),
    ])
    expect(missing).toMatchObject({ code: 1, output: expect.stringContaining('базы sqlite:/nowhere/x.db нет') })
    expect(missing.output).not.toContain('secret')
    expect(unnamed).toMatchObject({ code: 2 })
    expect(asked).toMatchObject({ code: 0, output: expect.stringContaining('код выхода 3') })
  })
})

async function leadsOf(url: string) {
  const { db, close } = openDatabase(url)
  const rows = await db.selectFrom('messages').select('lead_id').where('state', '=', 'delivered').execute()
  await close()
  return new Set(rows.map(({ lead_id }) => lead_id)).size
}
