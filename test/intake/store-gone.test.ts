import { mkdtempSync, renameSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { pino } from 'pino'
import { describe, expect, it, vi } from 'vitest'
import { onEachDatabase } from '../support/databases.ts'
import { startWithFragileDatabase } from '../support/fragile-database.ts'
import { anOrder, asForm } from '../support/orders.ts'
import { startParom } from '../support/parom.ts'
import { createVisitor } from '../support/visitor.ts'

onEachDatabase('an inbox without its database', (database) => {
  it('answers 503 with Retry-After, is not ready, and recovers by itself', async () => {
    const { parom, takeAway, giveBack, close } = await startWithFragileDatabase(database.name, await database.fresh())
    const before = await parom.post(asForm(anOrder({ comment: 'до' })))
    await parom.reaches(before.body.id, 'delivered')

    const someone = createVisitor(parom.url)
    await someone.signIn()

    takeAway()
    const refused = await parom.post(asForm(anOrder({ comment: 'во время' })))
    expect(refused.body).toEqual({
      status: 503,
      error: 'store_unavailable',
      message: expect.stringContaining('повторите'),
    })
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    const news = { method: 'POST', body: new URLSearchParams({ 'account[id]': '31000001' }) }
    expect((await fetch(`${parom.url}/api/cache/update/contacts`, news)).status).toBe(503)
    expect((await fetch(`${parom.url}/health/live`)).status).toBe(200)
    expect((await fetch(`${parom.url}/health/ready`)).status).toBe(503)
    expect(await someone.visit('/app/transactions')).toMatchObject({
      status: 503,
      text: expect.stringContaining('<h1>База данных сейчас не отвечает</h1>'),
    })

    giveBack()
    const after = await parom.post(asForm(anOrder({ comment: 'во время' })))
    expect(after.status).toBe(200)
    await parom.reaches(after.body.id, 'delivered')
    expect(await someone.visit('/app/transactions')).toMatchObject({ status: 200 })
    expect((await fetch(`${parom.url}/health/ready`)).status).toBe(200)
    expect((await parom.sandbox.state()).leads).toHaveLength(2)
    await close()
  })
})

it('writes a line a second at most of orders that cannot be stored, with how many they were', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'parom-lost-')), 'parom.db')
  const lines: { count?: number }[] = []
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) })
  const parom = await startParom({ databaseUrl: `sqlite:${file}`, log })
  renameSync(file, `${file}.away`)
  lines.length = 0
  const orders = Array.from({ length: 200 }, (_, index) =>
    asForm(anOrder({ comment: `${index}`, phone: '+79990001122' })),
  )
  const answers = await Promise.all(orders.map((order) => parom.post(order)))
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]))
  const ofOrders = () => lines.filter((line) => JSON.stringify(line).includes('order could not be stored'))
  const told = () => ofOrders().reduce((sum, { count = 1 }) => sum + count, 0)
  await vi.waitFor(() => expect(told()).toBe(200), 10_000)
  expect(ofOrders().length).toBeLessThan(6)
  expect(JSON.stringify(lines)).not.toContain('79990001122')
  renameSync(`${file}.away`, file)
  await parom.close()
})

describe('a SQLite database that another process holds', () => {
  it('answers 503 rather than 200', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'parom-locked-')), 'parom.db')
    const parom = await startParom({ databaseUrl: `sqlite:${file}` })
    const other = new DatabaseSync(file)
    other.exec('BEGIN EXCLUSIVE')
    expect((await parom.post(asForm(anOrder()))).status).toBe(503)
    other.exec('ROLLBACK')
    expect((await parom.post(asForm(anOrder()))).status).toBe(200)
    other.close()
    await parom.close()
  })
})
