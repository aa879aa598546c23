import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createContext } from '../../src/sandbox/context.ts'
import { plantSeed } from '../../src/sandbox/seed/seed.ts'
import { type Client, connect } from './client.ts'
import { type Destination, openDestination } from './destination.ts'

const minute = 60_000

interface Delivery {
  state: string
  next_attempt_at: string | null
  attempts: { time: string; status: number; error: string | null }[]
}

let amo: Client
let destination: Destination

beforeAll(async () => {
  destination = await openDestination()
})
afterAll(() => destination.close())
beforeEach(async () => {
  destination.clear()
  amo = await connect()
  await amo.settings({ rate_limit: null })
  await subscribe()
})
afterEach(() => amo.sandbox.close())

const subscribe = () => amo.post('/webhooks', { destination: destination.url(), settings: ['add_lead'] })

/** Moves the sandbox's time, in minutes; the answer comes when what is due has been tried. */
const pass = (minutes: number) => amo.admin('/clock', { advance_ms: minutes * minute })

async function deliveries(of = amo): Promise<Delivery[]> {
  return (await of.admin('/deliveries')).body.deliveries
}

async function isDisabled(): Promise<boolean> {
  return (await amo.get('/webhooks')).body._embedded.webhooks[0].disabled
}

describe('a webhook that is answered', () => {
  it.each([200, 204, 299])('with %i is delivered, and not tried again', async (status) => {
    destination.answerWith(status)
    await amo.lead()
    await pass(0)
    await pass(200)
    expect(destination.received).toHaveLength(1)
    expect(await deliveries()).toMatchObject([
      {
        webhook_id: expect.any(Number),
        destination: destination.url(),
        events: ['add_lead'],
        body: destination.received[0]?.raw,
        state: 'delivered',
        next_attempt_at: null,
        attempts: [{ time: '2026-03-02T09:00:00.000Z', status, error: null }],
      },
    ])
  })

  // After 5, 15, 15 and 60 minutes, as long as the answer before calls for it.
  it.each([
    [302, 3],
    [400, 3],
    [404, 3],
    [429, 3],
    [499, 5],
    [500, 5],
    [503, 5],
    [599, 5],
  ])('with %i is tried %i times [RU:webhooks-format]', async (status, times) => {
    destination.answerWith(status, { location: destination.url('/elsewhere') })
    await amo.lead()
    const counts: number[] = []
    for (const minutes of [0, 4.99, 0.01, 14.99, 0.01, 14.99, 0.01, 59.99, 0.01, 1000]) {
      await pass(minutes)
      counts.push(destination.received.length)
    }
    expect(counts).toEqual([1, 1, 2, 2, 3, 3, 4, 4, 5, 5].map((count) => Math.min(count, times)))
    expect(await deliveries()).toMatchObject([{ state: 'given_up', next_attempt_at: null }])
    expect(destination.received.every(({ path }) => path === '/')).toBe(true)
  })

  it('with a server fault is tried a fourth time only if that was the last answer [RU:webhooks-format]', async () => {
    destination.answerWith(500)
    await amo.lead()
    await pass(0)
    await pass(5)
    destination.answerWith(404)
    await pass(15)
    await pass(1000)
    expect((await deliveries())[0]?.attempts.map(({ status }) => status)).toEqual([500, 500, 404])
  })

  it('well at last is delivered, with the same body', async () => {
    destination.answerWith(500)
    await amo.lead()
    await pass(0)
    destination.answerWith(200)
    await pass(5)
    const [first, second] = destination.received
    expect(second?.raw).toBe(first?.raw)
    expect(await deliveries()).toMatchObject([{ state: 'delivered', attempts: [{ status: 500 }, { status: 200 }] }])
  })
})

describe('a webhook that is not answered', () => {
  it('in time is tried again as one with status 0 [RU:webhooks-format]', async () => {
    await amo.settings({ webhook_answer_ms: 30 })
    destination.neverAnswer()
    await amo.lead()
    for (const minutes of [0, 5, 15, 15, 60]) await pass(minutes)
    const [delivery] = await deliveries()
    expect(delivery).toMatchObject({ state: 'given_up', attempts: [{ error: 'no answer in 30 ms' }, {}, {}] })
    expect(delivery?.attempts.map(({ status }) => status)).toEqual([0, 0, 0])
  })

  it('in time is tried five times where that counts as 499', async () => {
    await amo.settings({ webhook_answer_ms: 30, webhook_timeout_status: 499 })
    destination.neverAnswer()
    await amo.lead()
    for (const minutes of [0, 5, 15, 15, 60]) await pass(minutes)
    expect((await deliveries())[0]?.attempts.map(({ status }) => status)).toEqual([499, 499, 499, 499, 499])
  })

  it('because nobody is there says so', async () => {
    const gone = await openDestination()
    await gone.close()
    await amo.post('/webhooks', { destination: gone.url(), settings: ['add_company'] })
    await amo.post('/companies', [{ name: 'ООО' }])
    await pass(0)
    expect((await deliveries())[0]).toMatchObject({
      state: 'waiting',
      next_attempt_at: '2026-03-02T09:05:00.000Z',
      attempts: [{ status: 0, error: expect.stringContaining('ECONNREFUSED') }],
    })
  })
})

describe('a webhook', () => {
  it('never delays the answer to the write that it tells of', async () => {
    destination.neverAnswer()
    const began = performance.now()
    await amo.lead()
    expect(performance.now() - began).toBeLessThan(1000)
  })

  it('is sent when its time has come, with nobody to move the clock', async () => {
    const real = await connect({ now: Date.now })
    await real.settings({ webhook_time_scale: 0.0001 })
    await real.post('/webhooks', { destination: destination.url('/real'), settings: ['add_lead'] })
    destination.answerWith(500)
    const [first] = [destination.next(), await real.lead()]
    await first
    await destination.next()
    expect(destination.received).toMatchObject([{ path: '/real' }, { path: '/real' }])
    await real.sandbox.close()
  })

  it('is sent when somebody moves the clock, in whatever way', async () => {
    const context = createContext({ now: () => 0, log: () => {} })
    plantSeed(context.store, context.clock)
    const who = { created_by: 504141, created_at: 0, updated_at: 0 }
    const hook = { id: 1, destination: destination.url(), settings: ['update_contact'], sort: 1, disabled: false }
    context.store.webhooks.put({ ...hook, ...who })
    context.settings.merge({ webhook_late_ms: minute })
    const [contact] = context.store.contacts.all()
    if (contact) context.store.contacts.put({ ...contact, name: 'Иначе' })
    const arrived = destination.next()
    context.clock.advance(minute)
    await arrived
    await context.sender.close()
  })

  it('is disabled after more than a hundred invalid answers in two hours [RU:webhooks-format]', async () => {
    destination.answerWith(404)
    await amo.post('/leads', Array(34).fill({}))
    await pass(0)
    await pass(5)
    await amo.post('/leads', Array(32).fill({}))
    await pass(0)
    expect(destination.received).toHaveLength(100)
    expect(await isDisabled()).toBe(false)
    await amo.lead()
    await pass(0)
    expect(await isDisabled()).toBe(true)
    await pass(15)
    await amo.lead()
    await pass(60)
    expect(destination.received).toHaveLength(101)
    const states = (await deliveries()).map(({ state }) => state)
    expect(new Set(states)).toEqual(new Set(['cancelled']))
  })

  it('is not disabled by invalid answers of more than two hours ago', async () => {
    destination.answerWith(404)
    await amo.post('/leads', Array(33).fill({}))
    for (const minutes of [0, 5, 15, 120]) await pass(minutes)
    await amo.post('/leads', Array(50).fill({}))
    await pass(0)
    expect(await isDisabled()).toBe(false)
  })

  it('that has ended is not sent again', async () => {
    destination.answerWith(500)
    await amo.lead()
    await pass(0)
    await amo.call('DELETE', '/api/v4/webhooks', { destination: destination.url() })
    await pass(5)
    expect(destination.received).toHaveLength(1)
    expect(await deliveries()).toMatchObject([{ state: 'cancelled' }])
  })

  it('is forgotten by a reset', async () => {
    destination.answerWith(500)
    await amo.lead()
    await pass(0)
    await amo.admin('/reset', {})
    await pass(5)
    expect(destination.received).toHaveLength(1)
    expect(await deliveries()).toEqual([])
    expect((await amo.get('/webhooks')).status).toBe(204)
  })

  it('is tried again sooner where time is scaled', async () => {
    await amo.settings({ webhook_time_scale: 0.1 })
    destination.answerWith(500)
    await amo.lead()
    await pass(0)
    expect((await deliveries())[0]?.next_attempt_at).toBe('2026-03-02T09:00:30.000Z')
    await pass(0.5)
    expect(destination.received).toHaveLength(2)
  })
})

describe('a trigger of the digital pipeline', () => {
  it('tells of a move to another stage in short, and once [RU:digital_pipeline/webhooks]', async () => {
    await amo.call('DELETE', '/api/v4/webhooks', { destination: destination.url() })
    await amo.settings({ digital_pipeline_url: destination.url('/stage') })
    const id = await amo.lead()
    await amo.patch(`/leads/${id}`, { price: 5 })
    destination.answerWith(500)
    await amo.patch(`/leads/${id}`, { pipeline_id: 1158625, status_id: 142 })
    await pass(0)
    await pass(1000)
    expect(destination.received.map(({ path, body }) => [path, body.leads])).toEqual([
      [
        '/stage',
        {
          status: [
            {
              id: String(id),
              status_id: '142',
              pipeline_id: '1158625',
              old_status_id: '26034988',
              old_pipeline_id: '1731979',
            },
          ],
        },
      ],
    ])
    expect(await deliveries()).toMatchObject([{ webhook_id: null, state: 'given_up', attempts: [{ status: 500 }] }])
    destination.answerWith(200)
    await amo.patch(`/leads/${id}`, { status_id: 143 })
    await pass(0)
    expect((await deliveries())[1]).toMatchObject({ events: ['status'], state: 'delivered' })
    expect((await amo.call('GET', '/__sandbox/webhooks.html')).text).toContain(destination.url('/stage'))
  })
})

describe('a fault of webhooks', () => {
  it('sends one twice', async () => {
    await amo.settings({ webhook_duplicate: 1 })
    await amo.lead()
    await pass(0)
    const [first, second] = destination.received
    expect(destination.received).toHaveLength(2)
    expect(second?.raw).toBe(first?.raw)
  })

  it('loses one', async () => {
    await amo.settings({ webhook_lost: 1 })
    await amo.lead()
    await pass(1000)
    expect(destination.received).toEqual([])
    expect(await deliveries()).toMatchObject([{ state: 'lost', attempts: [] }])
  })

  it('makes one late', async () => {
    await amo.settings({ webhook_late_ms: 10 * minute })
    await amo.lead()
    await pass(9)
    expect(destination.received).toEqual([])
    await pass(1)
    expect(destination.received).toHaveLength(1)
  })
})

describe('the page of webhooks', () => {
  const page = async () => (await amo.call('GET', '/__sandbox/webhooks.html')).text

  it('shows subscriptions, what was sent, every attempt and the next one', async () => {
    destination.answerWith(503)
    await amo.lead({ name: 'Заказ <b>7</b>' })
    await pass(0)
    const text = await page()
    for (const part of [destination.url(), 'add_lead', 'ждёт отправки', '503', 'leads[add][0][name]=Заказ &lt;b&gt;7'])
      expect(text).toContain(part)
    expect(text).toMatch(/следующая попытка <time datetime="2026-03-02T09:05:00.000Z">12:05/)
    destination.answerWith(200)
    await pass(5)
    expect(await page()).toContain('доставлен')
  })

  it('says so when there is nothing', async () => {
    await amo.admin('/reset', {})
    expect(await page()).toContain('Никто не подписан')
    expect(await page()).toContain('Ничего ещё не отправлялось')
  })
})

describe('a state file', () => {
  it('has a sandbox that is started anew go on with the deliveries', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sandbox-'))
    const file = join(folder, 'state.jsonl')
    const first = await connect({ file })
    await first.post('/webhooks', { destination: destination.url('/again'), settings: ['add_lead'] })
    destination.answerWith(500)
    await first.lead()
    await first.admin('/clock', { advance_ms: 0 })
    // One that is under way when the sandbox closes counts as not tried.
    destination.neverAnswer()
    const began = performance.now()
    const arrived = destination.next()
    await first.lead()
    await arrived
    await first.sandbox.close()
    expect(performance.now() - began).toBeLessThan(1500)

    destination.answerWith(200)
    const again = destination.next()
    const second = await connect({ file })
    await again
    await second.admin('/clock', { advance_ms: 0 })
    expect(await deliveries(second)).toMatchObject([
      { state: 'waiting', attempts: [{ status: 500 }] },
      { state: 'delivered', attempts: [{ status: 200 }] },
    ])
    await second.admin('/clock', { advance_ms: 5 * minute })
    expect(await deliveries(second)).toMatchObject([{ state: 'delivered' }, { state: 'delivered' }])
    expect(second.sandbox.state().webhooks).toMatchObject([{ destination: destination.url('/again') }])
    await second.sandbox.close()
    rmSync(folder, { recursive: true })
  })
})
