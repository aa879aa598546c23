import { afterEach, expect, it } from 'vitest'
import type { SourcesConfig } from '../../src/config/schema.ts'
import { openDatabase } from '../../src/database/open.ts'
import { createRateLimits } from '../../src/inbox/rate-limits.ts'
import { onEachDatabase } from '../support/databases.ts'
import { anOrder, asForm } from '../support/orders.ts'
import { startParom, startTestSandbox } from '../support/parom.ts'
import { createVisitor } from '../support/visitor.ts'

const csrfIn = (html: string) => /name="_csrf" value="([^"]+)"/.exec(html)?.[1] ?? ''
const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

onEachDatabase('a limit of several processes', ({ fresh }) => {
  /** Processes on one database, whose time is moved by hand. */
  async function processes(count: number) {
    const url = await fresh()
    const clock = { ms: Date.parse('2026-07-04T12:00:00Z') }
    let statements = 0
    const each = Array.from({ length: count }, () => {
      const { db, close } = openDatabase(url)
      closing.push(close)
      const counted = db.withPlugin({
        transformQuery: ({ node }) => {
          statements += 1
          return node
        },
        transformResult: async ({ result }) => result,
      })
      return createRateLimits(counted, () => clock.ms)
    })
    return { each, clock, statements: () => statements }
  }

  it.each([
    ['evenly', [4, 4]],
    ['unevenly', [7, 1]],
    ['to one alone', [8, 0]],
    ['with a few to many', [5, 1, 1, 1]],
  ])('lets in what it says, and hardly less, when requests come %s', async (_how, shares) => {
    const limit = { requests: 100, seconds: 10 }
    const { each, clock, statements } = await processes(shares.length)
    let admitted = 0
    const seconds = 6
    // 20 times a second, and several times what the limit lets in.
    for (let step = 0; step < seconds * 20; step++) {
      const asked = each.flatMap((limits, index) =>
        Array.from({ length: shares[index] ?? 0 }, () => limits.take('shop', limit)),
      )
      admitted += (await Promise.all(asked)).filter((wait) => wait === 0).length
      clock.ms += 50
    }
    const exactly = limit.requests + (limit.requests / limit.seconds) * seconds
    expect(admitted).toBeLessThanOrEqual(exactly + limit.requests / limit.seconds)
    expect(admitted).toBeGreaterThanOrEqual(0.8 * exactly)
    // Each process has asked ten times a second at most: a question and a taking, twice where another was quicker.
    expect(statements()).toBeLessThanOrEqual(4 * 10 * (seconds + 1) * shares.length)
  })

  it('asks the database rarely for one that is not reached', async () => {
    const limit = { requests: 1000, seconds: 1 }
    const { each, clock, statements } = await processes(1)
    for (let request = 0; request < 1000; request++) {
      expect(await each[0]?.take('shop', limit)).toBe(0)
      clock.ms += 2
    }
    expect(statements()).toBeLessThan(100)
  })

  it.each([
    ['a little, at a short limit', 30_000, { requests: 10, seconds: 10 }],
    ['less than a long limit lasts', 100_000, { requests: 5, seconds: 600 }],
    ['for hours', 2 * 60 * 60_000, { requests: 5, seconds: 600 }],
  ])('keeps out nobody for a clock that was set back %s, and stays a limit', async (_how, ms, limit) => {
    const { each, clock } = await processes(1)
    const takeAll = async () => {
      let admitted = 0
      while ((await each[0]?.take('shop', limit)) === 0) admitted += 1
      return admitted
    }
    expect(await takeAll()).toBe(limit.requests)
    clock.ms -= ms
    expect(await takeAll()).toBe(limit.requests)
    clock.ms += limit.seconds * 1000
    expect(await takeAll()).toBe(limit.requests)
  })

  it('is not closed to a process whose clock is behind those of others', async () => {
    const limit = { requests: 10, seconds: 10 }
    const { each, clock } = await processes(2)
    const waits = []
    for (let second = 0; second < 20; second++) {
      clock.ms += 31_000
      expect(await each[0]?.take('shop', limit)).toBe(0)
      clock.ms -= 30_000
      waits.push(await each[1]?.take('shop', limit))
    }
    expect(waits.filter((wait) => wait === 0)).toHaveLength(20)
  })

  it('is one that a process keeps by itself while nobody can be asked', async () => {
    const { db, close } = openDatabase(await fresh())
    await close()
    const limits = createRateLimits(db, () => 1000)
    const waits = []
    for (let request = 0; request < 4; request++) waits.push(await limits.take('shop', { requests: 3, seconds: 60 }))
    expect(waits).toEqual([0, 0, 0, 20_000])
  })

  it('holds for orders to both of two servers, and stays when the settings are read again', async () => {
    const databaseUrl = await fresh()
    const sandbox = await startTestSandbox()
    closing.push(sandbox.close)
    const sources: SourcesConfig = { sources: [], rate_limit: { requests: 5, seconds: 600 } }
    const [one, other] = await Promise.all([1, 2].map(() => startParom({ databaseUrl, sandbox, sources })))
    if (!one || !other) throw new Error('two are needed')
    closing.push(one.close, other.close)
    let orders = 0
    const post = async (parom: typeof one) => (await parom.post(asForm(anOrder({ order_id: `${++orders}` })))).status
    const statuses = []
    for (const parom of [one, other, one, one, other, other, one]) statuses.push(await post(parom))
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429])
    const admin = createVisitor(one.url)
    await admin.signIn()
    const { text } = await admin.visit('/api/cache/config')
    await admin.submit('/api/cache/config', { _csrf: csrfIn(text) })
    expect(await post(one)).toBe(429)
  })
})
