import { afterEach, beforeEach, expect, it } from 'vitest'
import { migrate } from '../../src/database/migrate.ts'
import { type Database, openDatabase } from '../../src/database/open.ts'
import { acceptableReasons } from '../../src/inbox/accept-refused.ts'
import { createInbox } from '../../src/inbox/inbox.ts'
import { type RefusalReason, refusalReasons } from '../../src/inbox/message.ts'
import { keptBodyLimit, mostKept } from '../../src/inbox/refused.ts'
import { createRefusedReader } from '../../src/intake/read-refused.ts'
import { onEachDatabase } from '../support/databases.ts'
import { anOrder, asForm } from '../support/orders.ts'
import { addRefusedRows, aRefusal } from '../support/refused.ts'

const account = 'shop.amocrm.ru'
const minute = 60_000
const window = 10 * minute
const dedupeBy = [{ in: 'header' as const, name: 'idempotency-key' }]
const admitting = createRefusedReader({
  sources: [
    { id: 'lk', dedupeBy, dedupeWindow: window },
    { id: 'tilda', dedupeBy, dedupeWindow: window },
  ],
  dedupeWindow: window,
  bodyLimit: 1_000_000,
})

onEachDatabase('refused requests', (database) => {
  let opened: Database
  let now: number
  let inbox: ReturnType<typeof createInbox>
  let queued: number
  const notKept: { count: number; error: unknown }[] = []
  beforeEach(async () => {
    opened = openDatabase(await database.fresh())
    await migrate(opened)
    now = 1_800_000_000_000
    inbox = createInbox(opened, () => now)
    queued = 0
    notKept.splice(0)
    inbox.onQueued(() => {
      queued += 1
    })
    inbox.onNotKept((count, error) => notKept.push({ count, error }))
  })
  afterEach(() => opened.close())

  const keep = (refusal: Partial<Parameters<typeof inbox.keepRefused>[0]> = {}) =>
    inbox.keepRefused({ ...aRefusal(account), ...refusal })
  const rejected = async () => (await inbox.list({ limit: 500, state: 'rejected' })).messages
  const newest = async () => {
    const [{ id } = { id: '' }] = await rejected()
    return (await inbox.find(id)) ?? expect.fail('nothing is kept')
  }
  const newOrder = () => Buffer.from(asForm(anOrder({ comment: String(Math.random()) })))

  /** Takes the newest refused one for an order, in the way in which the intake would have. */
  async function accept(source?: string, apart = false) {
    const refused = await newest()
    const admission = (await admitting.read(refused, source)) ?? expect.fail('it cannot be read')
    return { id: refused.id, acceptance: await inbox.acceptRefused(refused, admission, apart) }
  }

  /** The same order as it comes in by the webhook. */
  async function takeIn(body: Buffer, headers: Record<string, string> = {}) {
    const content_type = 'application/x-www-form-urlencoded'
    const request = { source: 'lk', content_type, body, headers: JSON.stringify(headers), truncated: 0 }
    const admission = (await admitting.read(request)) ?? expect.fail('it cannot be read')
    return inbox.accept({ ...admission, account, headers })
  }

  it('are kept as they came, and are no orders', async () => {
    const refusal = aRefusal(account)
    expect(await keep(refusal)).toBe(true)
    const message = await newest()
    expect(message).toMatchObject({
      ...{ account, source: 'unknown', state: 'rejected', reason: 'unauthorized', received_at: now },
      ...{
        content_type: refusal.contentType,
        headers: JSON.stringify(refusal.headers),
        address: '203.0.113.7',
        truncated: 0,
      },
      ...{ attempts: 0, next_attempt_at: null, duplicates: 0, dedupe_key: `rejected:${message.id}` },
    })
    expect(Buffer.from(message.body)).toEqual(refusal.body)
    expect(await inbox.claim(account, 10)).toEqual([])
    expect(await inbox.redeliver(message.id)).toBe(false)
    expect(await inbox.askForAnotherLead(message.id, 1)).toBe(false)
    for (const state of ['dead', 'held', 'pending'] as const)
      expect(await inbox.redeliverWaiting({ account, state })).toBe(0)
    await inbox.holdDue(account, 'not_connected')
    await inbox.releaseHeld(account)
    expect(await newest()).toEqual(message)
    expect(queued).toBe(0)
  })

  it('are kept each, the very same ones too, and meet no order', async () => {
    const refusal = aRefusal(account)
    for (let times = 0; times < 3; times++) expect(await keep(refusal)).toBe(true)
    expect(await rejected()).toHaveLength(3)
    expect(await takeIn(refusal.body)).toMatchObject({ duplicate: false })
  })

  it.each([
    ['a body that is larger than is kept', { body: Buffer.alloc(keptBodyLimit + 1, 'x') }, { truncated: 1 }],
    ['a body that was cut', { truncated: true }, { truncated: 1 }],
    ['an empty body', { body: Buffer.alloc(0), reason: 'empty' }, { truncated: 0, reason: 'empty' }],
    ['a very long type', { contentType: 'x'.repeat(600) }, { content_type: 'x'.repeat(500) }],
    ['an address of IPv6', { address: '2001:db8::1' }, { address: '2001:db8::1' }],
    ['no address', { address: null }, { address: null }],
    ['headers of all letters', { headers: { 'user-agent': 'Ёж ✓ 🦔' } }, { headers: '{"user-agent":"Ёж ✓ 🦔"}' }],
  ] as const)('are kept with %s', async (_, refusal, expected) => {
    expect(await keep(refusal)).toBe(true)
    expect(await newest()).toMatchObject(expected)
    expect((await newest()).body.length).toBeLessThanOrEqual(keptBodyLimit)
  })

  it('are kept 50 in a row and 10 a second of each source, and what is not kept is told once a minute', async () => {
    const flood = async (count: number, source: string) => {
      const kept = await Promise.all(Array.from({ length: count }, () => keep({ source })))
      return kept.filter(Boolean).length
    }
    expect(await flood(60, 'unknown')).toBe(50)
    // Strangers take nothing away from a shop.
    expect(await flood(20, 'lk')).toBe(20)
    expect(notKept).toEqual([{ count: 1, error: null }])
    now += 1000
    expect(await flood(30, 'unknown')).toBe(10)
    now += minute
    expect(await flood(51, 'unknown')).toBe(50)
    expect(notKept).toEqual([
      { count: 1, error: null },
      { count: 30, error: null },
    ])
    // A clock that is set back gives nothing and takes nothing.
    now -= 60 * minute
    expect(await flood(1, 'unknown')).toBe(0)
    now += 100
    expect(await flood(2, 'unknown')).toBe(1)
  })

  it('are not waited for when the store is out of order', async () => {
    await opened.close()
    expect(await keep()).toBe(false)
    expect(notKept).toEqual([{ count: 1, error: expect.any(Error) }])
    opened = openDatabase(await database.fresh())
  })

  it('are not waited for long when the store does not answer', async () => {
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>()
    const connections = Array.from({ length: 10 }, () => opened.db.transaction().execute(() => held))
    const inTime = Promise.race([keep(), new Promise((resolve) => setTimeout(resolve, 4000, 'too late'))])
    expect(await inTime.finally(letGo)).toBe(false)
    await Promise.all(connections)
    expect(notKept).toEqual([{ count: 1, error: expect.any(Error) }])
    expect(await keep()).toBe(true)
  })

  it('are the newest thousand of each source, and never more', async () => {
    await addRefusedRows(opened.db, account, 'lk', 30)
    const shops = await rejected()
    await addRefusedRows(opened.db, account, 'unknown', mostKept + 300)
    const order = await takeIn(newOrder())
    const count = async (source: string) =>
      (await opened.db.selectFrom('messages').select('id').where('source', '=', source).execute()).length
    const counts: number[] = []
    for (let kept = 0; kept < 45; kept++) {
      now += 100
      expect(await keep()).toBe(true)
      counts.push(await count('unknown'))
    }
    expect(Math.max(...counts)).toBe(mostKept)
    expect(Math.min(...counts)).toBeGreaterThan(mostKept - 50)
    const ids = (await rejected()).map(({ id }) => id)
    expect(ids).toEqual([...ids].sort().reverse())
    for (const { id } of shops) expect(await inbox.find(id)).toBeDefined()
    expect(await inbox.find(order.id)).toMatchObject({ state: 'pending' })
  })

  it('stand in the list only where they are asked for, and are counted by the day', async () => {
    await keep()
    now += 25 * 60 * minute
    await keep({ reason: 'too_large' })
    const { id } = await takeIn(newOrder())
    const listed = async (page: object) => (await inbox.list({ limit: 10, ...page })).messages
    expect(await listed({})).toMatchObject([{ id }])
    expect(await listed({ state: 'rejected' })).toMatchObject([{ reason: 'too_large' }, { reason: 'unauthorized' }])
    expect(await listed({ reason: 'unauthorized' })).toMatchObject([{ state: 'rejected', address: '203.0.113.7' }])
    expect(await listed({ state: 'dead', reason: 'unauthorized' })).toEqual([])
    expect(await inbox.countRefused(now - 24 * 60 * minute)).toBe(1)
    expect(await inbox.countRefused(now - 26 * 60 * minute)).toBe(2)
  })

  it('become orders that are due at once', async () => {
    await keep()
    const before = await newest()
    now += minute
    const { id, acceptance } = await accept()
    expect(acceptance).toEqual({ kind: 'accepted' })
    expect(queued).toBe(1)
    expect(await inbox.find(id)).toMatchObject({
      ...before,
      ...{ state: 'pending', source: 'lk', reason: null, next_attempt_at: 0, original_id: null },
      dedupe_key: expect.stringMatching(/^body:/),
    })
    expect(await inbox.claim(account, 10)).toMatchObject([{ id, source: 'lk', tryNumber: 1, leadId: null }])
    // The sender has mended his token and comes again.
    expect(await takeIn(Buffer.from(before.body))).toEqual({ id, duplicate: true })
  })

  it('belong to the source that is named, else to the one they came by', async () => {
    for (const [came, named, belongs] of [
      ['tilda', undefined, 'tilda'],
      ['tilda', 'lk', 'lk'],
      ['unknown', 'tilda', 'tilda'],
      ['unknown', 'nonsense', 'lk'],
      ['gone', undefined, 'lk'],
    ] as const) {
      await keep({ source: came, body: newOrder() })
      const { id, acceptance } = await accept(named)
      expect([acceptance.kind, (await inbox.find(id))?.source]).toEqual(['accepted', belongs])
    }
  })

  it('are accepted once of many clicks', async () => {
    await keep()
    const refused = await newest()
    const admission = (await admitting.read(refused)) ?? expect.fail('unreadable')
    const clicks = await Promise.all(Array.from({ length: 6 }, () => inbox.acceptRefused(refused, admission)))
    expect(clicks.map(({ kind }) => kind).sort()).toEqual(['accepted', 'gone', 'gone', 'gone', 'gone', 'gone'])
    expect(queued).toBe(1)
  })

  it.each([
    ['', null],
    [', though another order has had their key since', 20 * minute],
    [', though another order had their key before', -20 * minute],
  ])('are accepted once of many that are the same order%s', async (_, later) => {
    const body = newOrder()
    for (let times = 0; times < 5; times++) await keep({ body })
    if (later !== null) {
      now += later
      await takeIn(body)
    }
    const clicks = await Promise.all(
      (await rejected()).map(async ({ id }) => {
        const refused = (await inbox.find(id)) ?? expect.fail('it is gone')
        return { refused, admission: admitting.read(refused) ?? expect.fail('unreadable') }
      }),
    )
    const accepted = await Promise.all(clicks.map(({ refused, admission }) => inbox.acceptRefused(refused, admission)))
    expect(accepted.map(({ kind }) => kind).sort()).toEqual(['accepted', 'known', 'known', 'known', 'known'])
  })

  it.each([
    ['has come in shortly after', minute, {}],
    ['has come in before', -minute, {}],
    ['has come in with its number long ago', -1000 * minute, { 'idempotency-key': 'A-1' }],
  ] as [string, number, Record<string, string>][])(
    'are known when the same order %s, and are accepted apart when a person says so',
    async (_, later, headers) => {
      const body = newOrder()
      await keep({ body, headers })
      now += later
      const original = await takeIn(body, headers)
      const first = await accept()
      expect(first.acceptance).toEqual({ kind: 'known', original: original.id, differs: false })
      expect(await inbox.find(first.id)).toMatchObject({ state: 'rejected' })
      const { id, acceptance } = await accept(undefined, true)
      expect(acceptance).toEqual({ kind: 'accepted' })
      expect(await inbox.find(id)).toMatchObject({ state: 'pending', original_id: original.id })
      expect(await inbox.conflictsOf([original.id, id])).toMatchObject([{ id, original_id: original.id }])
      // Its number, or body, is still the first one's.
      expect(await takeIn(body, headers)).toEqual({ id: original.id, duplicate: true })
    },
  )

  it('are the same order when only the boundary of their form is another one', async () => {
    const formOf = (boundary: string) =>
      Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; name="customer_id"\r\n\r\n1\r\n--${boundary}--\r\n`)
    const send = async (boundary: string, idempotency: Record<string, string>) => {
      const contentType = `multipart/form-data; boundary=${boundary}`
      now += 1
      await keep({ contentType, body: formOf(boundary), headers: idempotency })
      return (await accept()).acceptance
    }
    for (const headers of [{}, { 'idempotency-key': 'A-1' }] as Record<string, string>[]) {
      expect(await send('one', headers)).toEqual({ kind: 'accepted' })
      expect(await send('other', headers)).toMatchObject({ kind: 'known', differs: false })
    }
  })

  it('are known by the number of the sender when the body is another one', async () => {
    const headers = { 'idempotency-key': 'A-1' }
    await keep({ body: newOrder(), headers })
    const original = await takeIn(newOrder(), headers)
    expect((await accept()).acceptance).toEqual({ kind: 'known', original: original.id, differs: true })
  })

  it.each([
    ['before', -20 * minute],
    ['after', 20 * minute],
  ])('are other orders than the same body long %s, and are met by what comes again soon', async (_, later) => {
    const body = newOrder()
    await keep({ body })
    const at = now
    now += later
    const other = await takeIn(body)
    const { id, acceptance } = await accept()
    expect(acceptance).toEqual({ kind: 'accepted' })
    expect(await inbox.find(id)).toMatchObject({ original_id: null })
    const last = later < 0 ? { id, at } : { id: other.id, at: now }
    now = last.at + minute
    expect(await takeIn(body)).toEqual({ id: last.id, duplicate: true })
  })

  it('are met where they come again soon, though another order has had their key since', async () => {
    const body = newOrder()
    await keep({ body })
    now += minute
    const first = await takeIn(body)
    now += 20 * minute
    await takeIn(body)
    expect((await accept()).acceptance).toEqual({ kind: 'known', original: first.id, differs: false })
  })

  it('are accepted all at once for one reason, but for those that are known, cut or no order', async () => {
    const known = newOrder()
    await keep({ body: known })
    await takeIn(known)
    await keep({ truncated: true, body: newOrder() })
    await keep({ body: Buffer.from('привет') })
    await keep({ reason: 'rate_limited', body: newOrder() })
    await keep({ account: 'other.amocrm.ru', body: newOrder() })
    await keep({ body: newOrder() })
    await keep({ source: 'tilda', body: newOrder() })
    queued = 0
    const alike = { account, reason: 'unauthorized', source: 'lk' } as const
    expect(await inbox.countRefusedFor('unauthorized')).toBe(6)
    expect(await inbox.acceptAllRefused(alike, admitting)).toBe(2)
    expect(queued).toBe(1)
    expect(await rejected()).toHaveLength(5)
    const { messages } = await inbox.list({ limit: 10, state: 'pending' })
    expect(messages.map(({ source }) => source).sort()).toEqual(['lk', 'lk', 'tilda'])
    expect(await inbox.acceptAllRefused(alike, admitting)).toBe(0)
  })
})

it('names those reasons acceptable that speak against the sender, not the order', () => {
  const never: RefusalReason[] = ['empty', 'unreadable', 'too_large']
  expect([...acceptableReasons, ...never].sort()).toEqual([...refusalReasons].sort())
})
