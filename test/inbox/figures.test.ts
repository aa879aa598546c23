import fc from 'fast-check'
import type { Insertable } from 'kysely'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { migrate } from '../../src/database/migrate.ts'
import { isLocked } from '../../src/database/node-sqlite.ts'
import { type Database, openDatabase } from '../../src/database/open.ts'
import type { MessageState, Tables } from '../../src/database/tables.ts'
import { quantileOf, sumOf } from '../../src/inbox/durations.ts'
import { createInbox } from '../../src/inbox/inbox.ts'
import type { Claim, Outcome } from '../../src/inbox/message.ts'
import { createMessageId } from '../../src/inbox/message-id.ts'
import { settlesWithin, slotMs, slotOf } from '../../src/inbox/tally.ts'
import { onEachDatabase } from '../support/databases.ts'

const account = 'shop.amocrm.ru'
const hour = 60 * 60_000
const day = 24 * hour
const start = 1_800_000_000_000

interface Order {
  at: number
  state: MessageState
  /** Ms after which it was delivered. */
  took: number | null
}

function asRow({ at, state, took }: Order): Insertable<Tables['messages']> {
  const id = createMessageId(at)
  return {
    id,
    account,
    source: 'lk',
    received_at: at,
    dedupe_key: id,
    content_type: 'text/plain',
    headers: '{}',
    body: Buffer.from('x'),
    state,
    next_attempt_at: null,
    delivered_at: took === null ? null : at + took,
  }
}

onEachDatabase('the figures', (database) => {
  let opened: Database[]
  let now: number
  let inbox: ReturnType<typeof createInbox>
  let other: ReturnType<typeof createInbox>
  beforeEach(async () => {
    const url = await database.fresh()
    opened = [openDatabase(url), openDatabase(url)]
    for (const each of opened) await migrate(each)
    now = start
    const [one, two] = opened.map((each) => createInbox(each, () => now))
    inbox = one ?? expect.fail()
    other = two ?? expect.fail()
  })
  afterEach(async () => {
    for (const each of opened) await each.close()
  })

  const db = () => opened[0]?.db ?? expect.fail()
  const store = (orders: Order[]) => db().insertInto('messages').values(orders.map(asRow)).execute()
  const order = (over: Partial<Order>): Order => ({ at: now, state: 'delivered', took: 500, ...over })

  const accept = (dedupeKey: string) =>
    inbox.accept({
      account,
      source: 'lk',
      dedupeKey,
      dedupeWindow: null,
      contentType: 'text/plain',
      headers: {},
      body: Buffer.from('x'),
    })
  async function settleNext(outcome: Outcome) {
    const [claim] = await inbox.claim(account, 1)
    await inbox.settle([{ claim: claim ?? expect.fail('nothing was due'), outcome }])
    return claim as Claim
  }

  /** All at the same time; SQLite turns away who comes while another of this very process writes. */
  async function countAtOnce(...processes: (typeof inbox)[]) {
    const count = async (each: typeof inbox): Promise<void> => {
      await each.tally().catch((error: unknown) => (isLocked(error) ? count(each) : Promise.reject(error)))
    }
    await Promise.all(processes.map(count))
  }

  async function slots(since = 0) {
    const { tallies, isPartial } = await inbox.figures(since)
    expect(isPartial).toBe(false)
    const bySlot = Map.groupBy(tallies, ({ slotAt }) => slotAt)
    const sum = (numbers: number[]) => numbers.reduce((all, each) => all + each, 0)
    return [...bySlot]
      .map(([slotAt, all]) => ({
        slotAt,
        received: sum(all.map(({ received }) => received)),
        delivered: sum(all.map(({ delivered }) => delivered)),
      }))
      .filter(({ received, delivered }) => received + delivered > 0)
      .toSorted((one, two) => one.slotAt - two.slotAt)
  }

  function naive(orders: Order[]) {
    const received = orders.filter(({ state }) => state !== 'rejected').map(({ at }) => slotOf(at))
    const delivered = orders.flatMap(({ at, took }) => (took === null ? [] : [slotOf(at + took)]))
    const all = [...new Set([...received, ...delivered])].toSorted((one, two) => one - two)
    const count = (times: number[], slotAt: number) => times.filter((each) => each === slotAt).length
    return all.map((slotAt) => ({
      slotAt,
      received: count(received, slotAt),
      delivered: count(delivered, slotAt),
    }))
  }

  const anyOrder = fc.record({
    at: fc.integer({ min: start, max: start + 3 * hour }),
    state: fc.constantFrom<MessageState[]>('pending', 'delivered', 'held', 'dead', 'rejected'),
    took: fc.option(fc.integer({ min: 1, max: hour })),
  })

  it('are what one counts by hand, however often and by however many processes they were counted on the way', async () => {
    const property = fc.asyncProperty(
      fc.uniqueArray(anyOrder, { minLength: 1, maxLength: 60, selector: ({ at }) => at }),
      fc.array(fc.integer({ min: 1, max: 5 * hour }), { maxLength: 4 }),
      async (orders, looks) => {
        for (const table of ['messages', 'tallies', 'tally_mark'] as const) await db().deleteFrom(table).execute()
        now = start + settlesWithin
        await inbox.tally()
        // None of what happens later is there when it is counted.
        const pending = orders.map((each) => ({ ...each, took: each.state === 'rejected' ? null : each.took }))
        const times = [...looks.map((ms) => start + ms), start + 5 * hour].toSorted((one, two) => one - two)
        let before = start - 1
        for (const time of times) {
          const come = pending.filter(({ at }) => at > before && at <= time)
          if (come.length > 0) await store(come.map((each) => ({ ...each, took: null })))
          for (const each of pending)
            if (each.took !== null && each.at + each.took > before && each.at + each.took <= time)
              await db()
                .updateTable('messages')
                .set({ delivered_at: each.at + each.took })
                .where('received_at', '=', each.at)
                .execute()
          before = time
          now = time
          for (const each of [inbox, other]) await each.tally()
          const past = pending
            .filter(({ at }) => at <= time)
            .map((each) => ({ ...each, took: each.took !== null && each.at + each.took <= time ? each.took : null }))
          expect(await slots()).toEqual(naive(past))
        }
      },
    )
    await fc.assert(property, { numRuns: 8 })
  })

  it('hold the last days, when they are first counted, and are counted once by four who begin at once', async () => {
    const orders = Array.from({ length: 300 }, (_, index) =>
      order({ at: start - index * 40 * 60_000, took: 1000 * (1 + (index % 7)) }),
    )
    await store(orders)
    now = start + settlesWithin + 1000
    await countAtOnce(inbox, other, inbox, other)
    const since = start - 7 * day
    expect(await slots(since)).toEqual(naive(orders).filter(({ slotAt }) => slotAt >= slotOf(since)))
  })

  it('say that not all is counted, and count it later', async () => {
    await inbox.tally()
    now += 3 * hour
    await store([order({})])
    expect((await inbox.figures(0)).isPartial).toBe(true)
    await inbox.tally()
    expect(await slots()).toEqual([{ slotAt: slotOf(now), received: 1, delivered: 0 }])
    now += 1000
    expect(await slots()).toEqual([{ slotAt: slotOf(now), received: 1, delivered: 1 }])
  })

  it('go on after a clock was far ahead', async () => {
    now = start + 400 * day
    await inbox.tally()
    now = start
    await inbox.tally()
    await store([order({ at: start - 1000 })])
    expect(await slots()).toEqual([{ slotAt: slotOf(start - 1000), received: 1, delivered: 1 }])
  })

  it('tell how long deliveries took', async () => {
    await inbox.tally()
    await store(Array.from({ length: 100 }, (_, index) => order({ at: now + index, took: 100 * (index + 1) })))
    for (const later of [slotMs / 2, 2 * slotMs]) {
      now = start + later
      if (later > slotMs) await inbox.tally()
      const durations = sumOf((await inbox.figures(0)).tallies.map((each) => each.durations))
      expect((quantileOf(durations, 0.5) ?? 0) / 5000).toBeCloseTo(1, 0.9)
      expect((quantileOf(durations, 0.95) ?? 0) / 9500).toBeCloseTo(1, 0.9)
    }
    expect(quantileOf({}, 0.5)).toBeNull()
  })

  it('count an order as failed whenever it comes to rest as dead, and nobody else who works on it by then', async () => {
    await inbox.tally()
    for (const key of ['a', 'b', 'c']) await accept(key)
    await settleNext({ kind: 'dead', reason: 'crm_rejected', error: 'no' })
    await settleNext({ kind: 'retry', reason: 'crm_unavailable', error: 'later', at: now + day })
    await settleNext({ kind: 'delivered' })
    const { id, ...rest } = await settleAgain()
    await inbox.settle([{ claim: { id, ...rest }, outcome: { kind: 'dead', reason: 'internal', error: 'late' } }])
    const failed = async () => (await inbox.figures(0)).tallies.reduce((sum, tally) => sum + tally.failed, 0)
    expect(await failed()).toBe(2)

    async function settleAgain() {
      const dead = await db().selectFrom('messages').select('id').where('state', '=', 'dead').executeTakeFirstOrThrow()
      now += slotMs
      await inbox.redeliver(dead.id)
      return settleNext({ kind: 'dead', reason: 'crm_rejected', error: 'no' })
    }
  })

  it('tell how many wait, and since when the oldest does', async () => {
    expect(await inbox.figures(0)).toMatchObject({ oldest: null, first: null, pending: 0, held: 0, dead: 0 })
    const of = (state: MessageState, ageMs: number) => order({ at: start - ageMs, state, took: null })
    await store([
      of('dead', 9 * day),
      of('rejected', 8 * day),
      of('held', 2 * day),
      of('pending', day),
      of('pending', 1),
    ])
    await db()
      .insertInto('messages')
      .values({ ...asRow(of('delivered', 20 * day)), test: 'cleaned' })
      .execute()
    expect((await inbox.figures(0)).first).toBe(
      (await inbox.list({ limit: 1, order: 'oldest', state: 'dead' })).messages[0]?.id,
    )
    await store([order({ at: start - 10 * day })])
    const { oldest, ...figures } = await inbox.figures(0)
    expect(oldest).toMatchObject({ receivedAt: start - 2 * day })
    expect(figures).toMatchObject({ pending: 2, held: 1, dead: 1, first: expect.any(String) })
    expect([await inbox.countKept(2), await inbox.countKept(100)]).toEqual([2, 3])
  })
})
