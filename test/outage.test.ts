import { pino } from 'pino'
import { expect, it } from 'vitest'
import { openDatabase } from '../src/database/open.ts'
import { exampleOf } from './support/api-fields.ts'
import { addShop, callApi } from './support/api-shops.ts'
import { onEachDatabase } from './support/databases.ts'
import { storeFailed } from './support/failed-orders.ts'
import { startWithFragileDatabase } from './support/fragile-database.ts'
import { anOrder, asForm } from './support/orders.ts'
import { createVisitor, formWith } from './support/visitor.ts'

const sample = (number: number) => asForm(anOrder({ order_id: `${number}` }))

onEachDatabase('a database that is gone for a while', (database) => {
  it('is survived by every part, which goes on by itself, and nothing is lost or doubled', {
    timeout: 60_000,
  }, async () => {
    const url = await database.fresh()
    const lines: string[] = []
    const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line).msg) })
    const { parom, takeAway, giveBack, close } = await startWithFragileDatabase(database.name, url, { log })
    const shop = await addShop(url)
    const opened = openDatabase(url)
    const failed = await storeFailed(opened, 30)
    await opened.close()
    const admin = createVisitor(parom.url)
    await admin.signIn()
    const post = async (number: number) => (await parom.post(sample(number))).status
    const send = async () => (await callApi(parom.url, 'callback', exampleOf('callback'), shop)).status
    const look = async (path = '/app/transactions') => (await admin.visit(path)).status

    const ask = (await admin.visit('/app/runs/new?state=dead')).text
    const run = (await admin.submit('/app/runs', formWith('token', /./, ask))).location ?? ''
    expect(run).toContain('/app/runs/')
    expect(await Promise.all(Array.from({ length: 20 }, (_, number) => post(number)))).not.toContain(503)

    // In the middle of the run and the delivery.
    takeAway()
    lines.length = 0
    expect([await post(100), await send(), await look(), await look(run), await look('/app/doctor')]).toEqual([
      503, 503, 503, 503, 503,
    ])
    expect((await fetch(`${parom.url}/health/ready`)).status).toBe(503)
    const disturbed = ['delivery disturbed', 'figures could not be kept up to date', 'other processes cannot be heard']
    for (const line of [...disturbed, 'database does not answer, or cannot be written to'])
      await expect.poll(() => after(20_000, lines), { interval: 50 }).toContain(line)
    // Twenty seconds at a time, and each part is awake several times a second.
    const repeated = Object.entries(Object.groupBy(lines, (line) => line)).filter(([, { length } = []]) => length > 20)
    expect(repeated).toEqual([])

    giveBack()
    await expect.poll(() => post(100)).toBe(200)
    expect([await send(), await look(), await look('/app/doctor')]).toEqual([201, 200, 200])
    const { text } = await admin.visit('/api/cache/clear')
    expect((await admin.submit('/api/cache/clear', { _csrf: csrfIn(text) })).status).toBeLessThan(400)
    expect(await post(101)).toBe(200)
    const orders = failed.length + 20 + 2 + 1
    const delivered = () => parom.inbox.count({ state: 'delivered' }, 1000)
    // No faster: claims are held for ten seconds, by the same clock.
    await expect.poll(() => after(500, delivered()), { timeout: 30_000, interval: 100 }).toBe(orders)
    const { leads } = await parom.sandbox.state()
    expect(leads).toHaveLength(orders)
    await expect.poll(() => after(500, stateOf(run)), { interval: 100 }).toBe('done')
    await expect.poll(() => after(60_000, counted())).toBeGreaterThanOrEqual(orders - failed.length)
    await close()

    function after<Result>(ms: number, result: Result) {
      parom.advance(ms)
      return result
    }
    async function stateOf(run: string) {
      return JSON.parse((await admin.visit(run, { headers: { accept: 'application/json' } })).text).state
    }
    async function counted() {
      const { db, close } = openDatabase(url)
      const rows = await db
        .selectFrom('tallies')
        .select('received')
        .where('slot_at', '>', Date.now() - 900_000)
        .execute()
      await close()
      return rows.reduce((sum, { received }) => sum + received, 0)
    }
  })
})

const csrfIn = (html: string) => /name="_csrf" value="([^"]+)"/.exec(html)?.[1] ?? ''
