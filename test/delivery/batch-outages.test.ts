import { expect, it } from 'vitest'
import { manyOrders, startBacklog } from '../support/backlog.ts'
import { onEachDatabase } from '../support/databases.ts'

const create = { method: 'POST', path: '/api/v4/leads' }
const down = { path: '/api/v4/*', effect: 'status', status: 503, html: true }

onEachDatabase('orders that wait for a CRM that is out of order', (database) => {
  type Backlog = Awaited<ReturnType<typeof startBacklog>>
  const dueOf = async ({ readMessages }: Backlog, ids: string[]) =>
    Math.min(
      ...(await readMessages(ids)).map(({ next_attempt_at, lease_until }) =>
        lease_until ? 0 : (next_attempt_at ?? 0),
      ),
    )

  /** Fulfilled once they have failed so often and wait for another try. */
  async function failed(backlog: Backlog, ids: string[], times: number) {
    for (let tries = 1; tries <= times; tries++) {
      if (tries > 1) backlog.advance((await dueOf(backlog, ids)) - backlog.clock.now() + 1)
      const attempts = async () =>
        (await backlog.readMessages(ids)).every(
          ({ attempts, lease_until }) => attempts === tries && lease_until === null,
        )
      await expect.poll(attempts).toBe(true)
    }
  }

  it('go out with the first that gets through after a long time, though they would have waited for hours', async () => {
    await using backlog = await startBacklog(database)
    await backlog.sandbox.faults([down])
    const orders = manyOrders(10)
    const ids = await backlog.keepBack(orders)
    await backlog.letGo()
    await failed(backlog, ids, 6)
    expect((await dueOf(backlog, ids)) - backlog.clock.now()).toBeGreaterThan(60 * 60_000)
    await backlog.sandbox.faults([])
    const next = manyOrders(1, () => ({ order_id: 'next' }))
    const [nextId = ''] = await backlog.post(next)
    await backlog.delivered([...ids, nextId])
    await backlog.expectEachOnce([...ids, nextId], [...orders, ...next])
  })

  it('keep their times after a hiccup', async () => {
    await using backlog = await startBacklog(database)
    await backlog.sandbox.faults([{ ...down, times: 1 }])
    const ids = await backlog.keepBack(manyOrders(10))
    await backlog.letGo()
    await failed(backlog, ids, 1)
    const due = await dueOf(backlog, ids)
    const others = await backlog.post(manyOrders(1, () => ({ order_id: 'next' })))
    await backlog.delivered(others)
    expect(await dueOf(backlog, ids)).toBe(due)
    await backlog.patiently(ids)
  })

  it('lose no try to a 429, however many they are', async () => {
    await using backlog = await startBacklog(database)
    await backlog.sandbox.faults([
      { ...create, effect: 'status', status: 429, headers: { 'Retry-After': '1' }, times: 1 },
    ])
    const orders = manyOrders(50)
    const ids = await backlog.keepBack(orders)
    await backlog.letGo()
    await backlog.patiently(ids)
    await backlog.expectEachOnce(ids, orders)
    for (const message of await backlog.readMessages(ids))
      expect(message).toMatchObject({ attempts: 2, attempts_before: 1 })
  })

  it('wait for as long as a 503 asks', async () => {
    await using backlog = await startBacklog(database)
    await backlog.sandbox.faults([{ ...down, headers: { 'Retry-After': '600' }, times: 1 }])
    const ids = await backlog.keepBack(manyOrders(10))
    await backlog.letGo()
    await failed(backlog, ids, 1)
    const wait = (await dueOf(backlog, ids)) - backlog.clock.now()
    expect(wait).toBeGreaterThan(590_000)
    expect(wait).toBeLessThanOrEqual(600_000)
    await backlog.patiently(ids)
    expect((await backlog.seen()).size).toBe(10)
  })

  it('go without the one over which processes died, and this one goes alone', async () => {
    await using backlog = await startBacklog(database)
    const orders = manyOrders(10)
    const ids = await backlog.keepBack(orders)
    const [suspect = ''] = ids.slice(4)
    const died = [1, 2].map((number) => ({ message_id: suspect, number, started_at: backlog.clock.now() }))
    await backlog.db.insertInto('attempts').values(died).execute()
    await backlog.db
      .updateTable('messages')
      .set({ attempts: 2, next_attempt_at: backlog.clock.now() })
      .where('id', '=', suspect)
      .execute()
    await backlog.letGo()
    await backlog.delivered(ids)
    const three = [{ path: 'leads' }, { path: 'leads/link' }, { path: 'leads/notes' }]
    expect(await backlog.writes()).toMatchObject([...three, ...three])
    expect(await backlog.writes('/leads')).toMatchObject([{ items: 9 }, { items: 1 }])
    await backlog.expectEachOnce(ids, orders)
  })
})

onEachDatabase('two batches at work', (database) => {
  it('do not wait for each other', async () => {
    await using backlog = await startBacklog(database)
    await backlog.sandbox.faults([{ method: 'POST', path: '/api/v4/*', effect: 'delay', delay_ms: 300 }])
    const orders = manyOrders(100)
    const ids = await backlog.keepBack(orders)
    await backlog.letGo()
    await backlog.delivered(ids)
    const [, second] = await backlog.writes('/leads')
    const [firstNotes] = await backlog.writes('/notes')
    expect(second?.time).toBeLessThan(firstNotes?.time ?? 0)
    await backlog.expectEachOnce(ids, orders)
  })

  it('never ask for more than the CRM allows, and for nearly that much', async () => {
    await using backlog = await startBacklog(database, { atPace: true })
    await backlog.sandbox.settings({ rate_limit: 7 })
    const orders = manyOrders(150)
    const ids = await backlog.keepBack(orders)
    await backlog.letGo()
    await backlog.delivered(ids)
    await backlog.expectEachOnce(ids, orders)
    const requests = await backlog.requests()
    expect(requests).toHaveLength(9)
    expect(requests.filter(({ status }) => status === 429)).toEqual([])
    const times = requests.map(({ time }) => Date.parse(time))
    const inASecond = times.map((time) => times.filter((other) => other >= time && other < time + 1000).length)
    expect(Math.max(...inASecond)).toBeLessThanOrEqual(7)
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeLessThan(4000)
  })

  it.each([
    ['on', 60_000],
    ['back', -60_000],
    ['on by a day', 24 * 60 * 60_000],
  ])('are not taken once more when the clock jumps %s', async (_how, ms) => {
    await using backlog = await startBacklog(database)
    await backlog.sandbox.faults([{ ...create, effect: 'delay', delay_ms: 500 }])
    const orders = manyOrders(40)
    const ids = await backlog.keepBack(orders)
    const written = backlog.sandbox.nextWrite(AbortSignal.timeout(10_000))
    await backlog.letGo()
    await written
    for (let jumps = 0; jumps < 3; jumps++) backlog.advance(ms)
    await backlog.patiently(ids)
    await backlog.expectEachOnce(ids, orders)
    expect((await backlog.writes('/leads')).reduce((sum, { items }) => sum + items, 0)).toBe(40)
    for (const { attempts, attempts_before } of await backlog.readMessages(ids))
      expect(attempts - attempts_before).toBe(1)
  })
})
