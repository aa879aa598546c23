import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { migrate } from '../../src/database/migrate.ts'
import { type Database, openDatabase } from '../../src/database/open.ts'
import { createInbox } from '../../src/inbox/inbox.ts'
import type { Outcome } from '../../src/inbox/message.ts'
import type { Scope } from '../../src/inbox/run-scope.ts'
import { createRuns } from '../../src/inbox/runs.ts'
import { onEachDatabase } from '../support/databases.ts'
import { storeFailed } from '../support/failed-orders.ts'

const account = 'sandbox.amocrm.ru'
const nothingRefused = { sources: ['lk'], read: () => null }
const allFailed: Scope = { filter: { state: 'dead' } }

onEachDatabase('a run', (database) => {
  let opened: Database
  let url: string
  let now: number
  let inbox: ReturnType<typeof createInbox>
  let runs: ReturnType<typeof createRuns>
  beforeEach(async () => {
    url = await database.fresh()
    opened = openDatabase(url)
    await migrate(opened)
    now = 1_800_000_000_000
    inbox = createInbox(opened, () => now)
    runs = another()
  })
  afterEach(() => opened.close())

  /** The same in another process, or in this one after a crash. */
  function another(to = opened) {
    return createRuns({
      db: to.db,
      inbox: createInbox(to, () => now),
      account,
      admitting: nothingRefused,
      now: () => now,
    })
  }

  const store = (howMany: number, columns: Parameters<typeof storeFailed>[2] = {}) =>
    storeFailed(opened, howMany, { receivedAt: now - 1000, ...columns })

  async function start(scope = allFailed, id: string = randomUUID()) {
    return (await runs.start({ id, name: 'После сбоя', by: 'olga', scope })).id
  }

  /** As far as it goes by itself. */
  async function go(id: string, by = runs) {
    while (await by.step(id));
    return (await runs.find(id)) ?? expect.fail()
  }

  /** Delivers what is due. Gives the ids. */
  async function deliver(outcomeOf: (index: number) => Outcome = () => ({ kind: 'delivered' })) {
    const claims = await inbox.claim(account, 1000)
    await inbox.settle(claims.map((claim, index) => ({ claim, outcome: outcomeOf(index) })))
    return claims.map(({ id }) => id)
  }

  it('sends no more than may wait at once, until all are delivered', async () => {
    const ids = await store(450)
    const id = await start()
    expect(await go(id)).toMatchObject({ total: 450, queued: 200, waiting: 250, state: 'running', isCollecting: false })
    const sent = await deliver()
    expect(await go(id)).toMatchObject({ delivered: 200, queued: 200, waiting: 50 })
    sent.push(...(await deliver()))
    expect(await go(id)).toMatchObject({ delivered: 400, queued: 50 })
    sent.push(...(await deliver()))
    expect(await go(id)).toMatchObject({ delivered: 450, queued: 0, state: 'done', ended_at: now })
    // The oldest go first, and each once.
    expect(sent).toEqual(ids.toSorted())
  })

  it.each([1, 2, 3, 4, 5, 6])(
    'misses none and sends none twice when its process dies after %i steps',
    async (steps) => {
      const ids = await store(1100)
      const id = await start()
      const sent: string[] = []
      let process = runs
      for (let rounds = 0; (await runs.find(id))?.state === 'running'; rounds++) {
        expect(rounds).toBeLessThan(40)
        for (let step = 0; step < steps; step++) await process.step(id)
        sent.push(...(await deliver()))
        // The lease of who died lapses.
        now += 11_000
        process = another()
      }
      expect(sent).toEqual(ids.toSorted())
      expect(await runs.find(id)).toMatchObject({ state: 'done', total: 1100, delivered: 1100, waiting: 0 })
    },
  )

  it('is carried out by two processes as by one', async () => {
    const ids = await store(700)
    const id = await start()
    const other = openDatabase(url)
    const workers = [runs, another(other)]
    const sent: string[] = []
    for (let rounds = 0; (await runs.find(id))?.state === 'running'; rounds++) {
      expect(rounds).toBeLessThan(60)
      // Two connections of one process may find SQLite locked by each other; whoever works on runs looks again.
      await Promise.allSettled(workers.map((worker) => worker.step(id)))
      // Now the one has the lease and now the other.
      now += rounds % 2 ? 11_000 : 1
      const { queued } = (await runs.find(id)) ?? expect.fail()
      expect(queued).toBeLessThanOrEqual(200)
      sent.push(...(await deliver()))
    }
    expect(sent).toEqual(ids.toSorted())
    await other.close()
  })

  it('is left to who works on it', async () => {
    await store(3)
    const id = await start()
    expect(await runs.step(id)).toBe(true)
    expect(await another().step(id)).toBe(false)
    now += 11_000
    expect(await another().step(id)).toBe(true)
  })

  it('sends nothing more once it is paused, and goes on where it was', async () => {
    await store(450)
    const id = await start()
    await go(id)
    expect(await runs.pause(id)).toBe(true)
    expect(await runs.pause(id)).toBe(false)
    await deliver()
    expect(await go(id)).toMatchObject({ state: 'paused', delivered: 200, queued: 0, waiting: 250 })
    expect(await deliver()).toEqual([])
    expect(await runs.resume(id)).toBe(true)
    expect(await go(id)).toMatchObject({ state: 'running', queued: 200, waiting: 50 })
  })

  it('finds its orders also while it is paused, and sends none', async () => {
    await store(700)
    const id = await start()
    await runs.step(id)
    await runs.pause(id)
    expect(await runs.open()).toEqual([id])
    expect(await go(id)).toMatchObject({ total: 700, waiting: 700, isCollecting: false, state: 'paused' })
    expect(await runs.open()).toEqual([])
  })

  it('takes effect between two steps: a pause is seen by a step that has read the run before it', async () => {
    await store(10)
    const id = await start()
    await runs.step(id)
    const steps = Array.from({ length: 5 }, () => runs.step(id))
    await runs.pause(id)
    await Promise.all(steps)
    const { queued, waiting } = (await runs.find(id)) ?? expect.fail()
    expect([queued, waiting]).toSatisfy(([a, b]) => (a === 10 && b === 0) || (a === 0 && b === 10))
    await go(id)
    expect((await runs.find(id))?.queued).toBe(queued)
  })

  it('leaves the rest as it was once it is cancelled, and still says what became of those that went out', async () => {
    await store(450)
    const id = await start()
    await go(id)
    expect(await runs.cancel(id)).toBe(true)
    expect([await runs.resume(id), await runs.pause(id), await runs.cancel(id)]).toEqual([false, false, false])
    await deliver((index) => (index < 3 ? { kind: 'dead', reason: 'internal', error: 'x' } : { kind: 'delivered' }))
    expect(await go(id)).toMatchObject({ state: 'cancelled', delivered: 197, failed: 3, waiting: 250, queued: 0 })
    expect(await inbox.count({ state: 'dead' }, 1000)).toBe(253)
    expect(await runs.open()).toEqual([])
  })

  it('tells those that are tried again later from those that were given up, until each has its end', async () => {
    await store(3)
    const id = await start()
    await go(id)
    const at = now + 30_000
    await deliver((index) =>
      index === 0
        ? { kind: 'dead', reason: 'internal', error: 'x' }
        : { kind: 'retry', reason: 'crm_unavailable', error: 'x', at },
    )
    expect(await go(id)).toMatchObject({ failed: 1, retrying: 2, queued: 0, state: 'done' })
    now = at
    await deliver()
    expect(await runs.open()).toEqual([id])
    expect(await go(id)).toMatchObject({ failed: 1, retrying: 0, delivered: 2 })
  })

  it('is started once by two clicks, and by two people who mean the same', async () => {
    await store(2)
    const id = randomUUID()
    const clicks = await Promise.all(
      [id, id, randomUUID(), randomUUID()].map((each) =>
        runs.start({ id: each, name: 'x', by: 'olga', scope: allFailed }),
      ),
    )
    expect(clicks.filter(({ isNew }) => isNew)).toHaveLength(1)
    expect(new Set(clicks.map((click) => click.id)).size).toBe(1)
    expect(await runs.list({ limit: 10 })).toHaveLength(1)
    await go(clicks[0]?.id ?? '')
    await deliver()
    await go(clicks[0]?.id ?? '')
    // It has ended, so the next one is another one.
    expect((await runs.start({ id: randomUUID(), name: 'x', by: 'olga', scope: allFailed })).isNew).toBe(true)
  })
})
