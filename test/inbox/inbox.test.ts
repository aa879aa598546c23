import { afterEach, beforeEach, expect, it } from 'vitest'
import { migrate } from '../../src/database/migrate.ts'
import { type Database, openDatabase } from '../../src/database/open.ts'
import { createInbox } from '../../src/inbox/inbox.ts'
import type { Claim, Outcome } from '../../src/inbox/message.ts'
import { onEachDatabase } from '../support/databases.ts'

const account = 'shop.amocrm.ru'
const minute = 60_000

onEachDatabase('the inbox', (database) => {
  let opened: Database
  let now: number
  let inbox: ReturnType<typeof createInbox>
  beforeEach(async () => {
    opened = openDatabase(await database.fresh())
    await migrate(opened)
    now = 1_800_000_000_000
    inbox = createInbox(opened, () => now)
  })
  afterEach(() => opened.close())

  const accept = (dedupeKey: string, dedupeWindow: number | null = 10 * minute) =>
    inbox.accept({
      account,
      source: 'lk',
      dedupeKey,
      dedupeWindow,
      contentType: 'text/plain',
      headers: { host: 'x' },
      body: Buffer.from(dedupeKey),
    })

  async function claimOne(): Promise<Claim> {
    const [claim] = await inbox.claim(account, 1)
    return claim ?? expect.fail('nothing was due')
  }

  const settle = (claim: Claim, outcome: Outcome) => inbox.settle([{ claim, outcome }])

  it('gives out what is due, the longest due first, and each message to one taker', async () => {
    const ids = []
    for (const key of ['a', 'b', 'c']) {
      ids.push((await accept(key)).id)
      now += 10
    }
    const takers = await Promise.all(Array.from({ length: 4 }, () => inbox.claim(account, 3)))
    expect(
      takers
        .flat()
        .map(({ id }) => id)
        .sort(),
    ).toEqual(ids)
    expect(await inbox.claim('other.amocrm.ru', 3)).toEqual([])
  })

  it('gives a message back to the queue once its lease lapses', async () => {
    const { id } = await accept('a')
    const first = await claimOne()
    now += 9_999
    expect(await inbox.claim(account, 1)).toEqual([])
    now += 1
    expect(await claimOne()).toMatchObject({ id, attempt: first.attempt + 1 })
  })

  it('lets a holder keep its message by renewing', async () => {
    await accept('a')
    const claim = await claimOne()
    now += 9_000
    await inbox.renew([claim])
    now += 9_000
    expect(await inbox.claim(account, 1)).toEqual([])
  })

  it('lets nobody write whose lease has lapsed and been taken', async () => {
    const { id } = await accept('a')
    const slow = await claimOne()
    now += 10_000
    const quick = await claimOne()
    expect(await inbox.record([{ claim: slow, progress: { lead_id: 1 } }])).toEqual(new Set([slow]))
    now += 9_000
    await inbox.renew([slow])
    const late = { claim: slow, outcome: { kind: 'dead', reason: 'internal', error: 'late' } } as const
    expect(await inbox.settle([late])).toEqual(new Set([slow]))
    expect(await inbox.find(id)).toMatchObject({ lease_until: now + 1000 })
    expect(await inbox.record([{ claim: quick, progress: { lead_id: 2 } }])).toEqual(new Set())
    expect(await inbox.settle([{ claim: quick, outcome: { kind: 'delivered' } }])).toEqual(new Set())
    expect(await inbox.find(id)).toMatchObject({ state: 'delivered', lead_id: 2, reason: null, lease_until: null })
  })

  it('hands a later attempt what the earlier one had reached', async () => {
    await accept('a')
    const first = await claimOne()
    const progress = { lead_request_at: now, lead_id: 77, products_linked_at: now }
    const note = { ordinal: 1, first: { name: 'note', startedAt: now }, state: 'unknown' } as const
    await inbox.record([{ claim: first, progress, steps: [note] }])
    await settle(first, { kind: 'retry', reason: 'crm_unavailable', error: 'reset', at: now + 5_000 })
    now += 5_000
    expect(await claimOne()).toMatchObject({
      attempt: 2,
      leadRequestAt: expect.any(Number),
      leadId: 77,
      productsLinkedAt: expect.any(Number),
      noteId: null,
      noteRequested: true,
    })
  })

  it('keeps every attempt with its steps, latest first', async () => {
    const { id } = await accept('a')
    const first = await claimOne()
    const lead = { ordinal: 1, first: { name: 'lead', startedAt: now }, state: 'sent' } as const
    await inbox.record([{ claim: first, steps: [lead] }])
    expect(await inbox.attempts(id)).toMatchObject([
      { number: 1, outcome: null, steps: [{ name: 'lead', state: 'sent' }] },
    ])
    const answered = { http_status: 429, request: '{"path":"/api/v4/leads"}', answer: '{}' }
    await inbox.record([{ claim: first, steps: [{ ordinal: 1, state: 'failed', ...answered }] }])
    await settle(first, { kind: 'retry', reason: 'crm_rate_limited', error: 'slow down', at: now })
    await settle(await claimOne(), { kind: 'delivered' })
    expect(await inbox.attempts(id)).toMatchObject([
      { number: 2, outcome: 'delivered', steps: [] },
      {
        number: 1,
        outcome: 'retry',
        reason: 'crm_rate_limited',
        error: 'slow down',
        steps: [{ state: 'failed', http_status: 429, request: '{"path":"/api/v4/leads"}' }],
      },
    ])
  })

  it('takes a repetition for the same order within the window, and counts it', async () => {
    const first = await accept('a')
    now += 10 * minute - 1
    expect(await accept('a')).toEqual({ id: first.id, duplicate: true })
    now += 1
    const second = await accept('a')
    expect(second).toEqual({ id: expect.not.stringMatching(first.id), duplicate: false })
    expect(await accept('a')).toEqual({ id: second.id, duplicate: true })
    expect(await inbox.find(first.id)).toMatchObject({ duplicates: 1 })
  })

  it('remembers a sender’s own id for ever', async () => {
    const first = await accept('id:1', null)
    now += 365 * 24 * 60 * minute
    expect(await accept('id:1', null)).toEqual({ id: first.id, duplicate: true })
  })

  it('makes one message of many copies that race each other', async () => {
    const answers = await Promise.all(Array.from({ length: 30 }, () => accept('a')))
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1)
    expect(answers.filter(({ duplicate }) => !duplicate)).toHaveLength(1)
  })

  it('starts one new message when copies race each other after the window', async () => {
    await accept('a')
    now += 10 * minute
    const answers = await Promise.all(Array.from({ length: 10 }, () => accept('a')))
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1)
  })

  it('counts the processes that died over a message, until a person sends it again', async () => {
    const { id } = await accept('a')
    for (let deaths = 0; deaths < 3; deaths++) {
      expect(await claimOne()).toMatchObject({ deaths, tryNumber: deaths + 1 })
      now += 10_000
    }
    await settle(await claimOne(), { kind: 'dead', reason: 'internal', error: 'x' })
    expect(await inbox.redeliver(id)).toBe(true)
    expect(await claimOne()).toMatchObject({ attempt: 5, deaths: 0, tryNumber: 1 })
  })

  it('lets nobody send again what is delivered or at work', async () => {
    const { id } = await accept('a')
    const claim = await claimOne()
    expect(await inbox.redeliver(id)).toBe(false)
    await settle(claim, { kind: 'delivered' })
    expect(await inbox.redeliver(id)).toBe(false)
    expect(await inbox.redeliver('01a00000-0000-7000-8000-000000000000')).toBe(false)
  })

  it('can send again what was at work when its process died and the account was put on hold', async () => {
    const { id } = await accept('a')
    await claimOne()
    now += 10_000
    await inbox.holdDue(account, 'crm_unauthorized')
    expect(await inbox.redeliver(id)).toBe(true)
  })

  it('takes an order at once though the clock was wrong before', async () => {
    now += 365 * 24 * 60 * minute
    const { id } = await accept('a')
    now -= 365 * 24 * 60 * minute
    expect(await claimOne()).toMatchObject({ id })
    expect(await accept('a')).toMatchObject({ duplicate: false })
  })

  it('keeps what is due while the account is on hold, and lets it go afterwards', async () => {
    const { id } = await accept('a')
    await inbox.holdDue(account, 'crm_unauthorized')
    expect(await inbox.find(id)).toMatchObject({ state: 'held', reason: 'crm_unauthorized' })
    expect(await inbox.claim(account, 1)).toEqual([])
    await inbox.releaseHeld(account)
    expect(await claimOne()).toMatchObject({ id })
  })

  it('pages through the list newest first, without a shift when new ones come', async () => {
    const ids: string[] = []
    for (let number = 0; number < 7; number++) {
      ids.unshift((await accept(`order ${number}`)).id)
      now += 1
    }
    const first = await inbox.list({ limit: 3 })
    expect(first.messages.map(({ id }) => id)).toEqual(ids.slice(0, 3))
    await accept('a newer one')
    const second = await inbox.list({ limit: 3, cursor: first.next ?? '' })
    expect(second.messages.map(({ id }) => id)).toEqual(ids.slice(3, 6))
    const third = await inbox.list({ limit: 3, cursor: second.next ?? '' })
    expect(third).toMatchObject({ messages: [{ id: ids[6] }], next: null })
    expect(await inbox.list({ limit: 3, state: 'dead' })).toEqual({ messages: [], next: null })
  })
})
