import { afterEach, beforeEach, expect, it } from 'vitest'
import { migrate } from '../../src/database/migrate.ts'
import { type Database, openDatabase } from '../../src/database/open.ts'
import { createInbox } from '../../src/inbox/inbox.ts'
import type { Outcome, Reason } from '../../src/inbox/message.ts'
import { onEachDatabase } from '../support/databases.ts'

const account = 'shop.amocrm.ru'
const later = 60 * 60_000

onEachDatabase('sending again', (database) => {
  let opened: Database
  let now: number
  let inbox: ReturnType<typeof createInbox>
  let queued: number
  beforeEach(async () => {
    opened = openDatabase(await database.fresh())
    await migrate(opened)
    now = 1_800_000_000_000
    inbox = createInbox(opened, () => now)
    queued = 0
    inbox.onQueued(() => {
      queued += 1
    })
  })
  afterEach(() => opened.close())

  async function accept(key: string, to = account) {
    const message = { source: 'lk', dedupeKey: key, dedupeWindow: null, contentType: 'text/plain', headers: {} }
    return (await inbox.accept({ ...message, account: to, body: Buffer.from(key) })).id
  }

  /** An order whose first attempt ended so. */
  async function settled(key: string, outcome: Outcome, to = account) {
    const id = await accept(key, to)
    const [claim] = await inbox.claim(to, 1)
    if (!claim) return expect.fail('nothing was due')
    if (outcome.kind === 'delivered')
      await inbox.record([{ claim, progress: { lead_id: 7, note_id: 8, products_linked_at: now } }])
    await inbox.settle([{ claim, outcome }])
    return id
  }

  const dead = (reason: Reason): Outcome => ({ kind: 'dead', reason, error: 'x' })
  const held: Outcome = { kind: 'held', reason: 'crm_unauthorized', error: 'x' }
  const retry = (): Outcome => ({ kind: 'retry', reason: 'crm_unavailable', error: 'x', at: now + later })

  it.each([
    ['what was given up', { state: 'dead' }, ['rejected', 'unreadable']],
    ['what was given up for a reason', { state: 'dead', reason: 'crm_rejected' }, ['rejected']],
    ['what waits for the connection', { state: 'held' }, ['held']],
    ['what waits for a later try', { state: 'pending' }, ['retry']],
    ['what waits for a later try for a reason', { state: 'pending', reason: 'crm_unavailable' }, ['retry']],
    ['nothing for a reason that none has', { state: 'pending', reason: 'internal' }, []],
    // It may have a lead that nothing marks.
    ['nothing of which only a person can tell', { state: 'dead', reason: 'unknown_outcome' }, []],
  ] as const)('takes %s, and nothing else', async (_, filter, expected) => {
    const orders: Record<string, string> = {
      rejected: await settled('rejected', dead('crm_rejected')),
      unreadable: await settled('unreadable', dead('order_unreadable')),
      held: await settled('held', held),
      retry: await settled('retry', retry()),
      unknown: await settled('unknown', dead('unknown_outcome')),
      foreign: await settled('foreign', dead('crm_rejected'), 'other.amocrm.ru'),
      delivered: await settled('delivered', { kind: 'delivered' }),
      atWork: await accept('at work'),
    }
    expect(await inbox.claim(account, 1)).toHaveLength(1)
    orders['new'] = await accept('new')
    const before = Object.fromEntries(
      await Promise.all(Object.values(orders).map(async (id) => [id, await inbox.find(id)])),
    )
    queued = 0
    expect(await inbox.countWaiting({ account, ...filter }, 100)).toBe(expected.length)
    expect(await inbox.redeliverWaiting({ account, ...filter })).toBe(expected.length)
    expect(queued).toBe(expected.length === 0 ? 0 : 1)
    for (const [name, id] of Object.entries(orders)) {
      const isTaken = (expected as readonly string[]).includes(name)
      const after = isTaken ? { ...before[id], state: 'pending', next_attempt_at: now, attempts_before: 1 } : before[id]
      expect(await inbox.find(id), name).toEqual(after)
    }
  })

  it('takes more than one transaction’s worth, and counts no further than it is asked to', async () => {
    await settled('0', dead('internal'))
    const row = await opened.db.selectFrom('messages').selectAll().executeTakeFirstOrThrow()
    const copies = Array.from({ length: 1200 }, (_, index) => ({
      ...row,
      id: `copy-${index}`,
      dedupe_key: `${index + 1}`,
    }))
    for (let from = 0; from < copies.length; from += 200)
      await opened.db
        .insertInto('messages')
        .values(copies.slice(from, from + 200))
        .execute()
    expect(await inbox.countWaiting({ account, state: 'dead' }, 1001)).toBe(1001)
    expect(await inbox.redeliverWaiting({ account, state: 'dead' })).toBe(1201)
    expect(await inbox.countWaiting({ account, state: 'dead' }, 1001)).toBe(0)
  })

  it('asks for one more lead of many clicks, and forgets what the first one had', async () => {
    const id = await settled('a', { kind: 'delivered' })
    await opened.db
      .updateTable('messages')
      .set({ contact_id: 5, warnings: '[]', lead_request_at: now, products_check_at: now })
      .execute()
    const clicks = await Promise.all(Array.from({ length: 5 }, () => inbox.askForAnotherLead(id, 1)))
    expect(clicks.filter(Boolean)).toHaveLength(1)
    expect(await inbox.find(id)).toMatchObject({
      ...{ state: 'pending', edition: 2, attempts: 1, attempts_before: 1, next_attempt_at: now, contact_id: 5 },
      ...{ lead_request_at: null, lead_id: null, products_linked_at: null, products_check_at: null, note_id: null },
      ...{ warnings: null, reason: null, error: null },
    })
    const [claim] = await inbox.claim(account, 1)
    expect(claim).toMatchObject({ id, leadId: null, contactId: 5, tryNumber: 1 })
    // A click that comes late, from the page of the first lead.
    if (claim) await inbox.settle([{ claim, outcome: { kind: 'delivered' } }])
    expect(await inbox.askForAnotherLead(id, 1)).toBe(false)
  })

  it.each([['dead', dead('crm_rejected')] as const, ['held', held] as const])(
    'asks for no other lead of what is %s',
    async (_, outcome) => {
      const id = await settled('a', outcome)
      const before = await inbox.find(id)
      expect(await inbox.askForAnotherLead(id, 1)).toBe(false)
      expect(await inbox.tellOutcome({ id, attempts: 1, leadId: 5 })).toBe(false)
      expect(await inbox.find(id)).toEqual(before)
    },
  )

  it.each([[55], [null]])('is told once what became of a lost create: lead %s', async (leadId) => {
    const id = await settled('a', dead('unknown_outcome'))
    expect(await inbox.redeliver(id)).toBe(false)
    expect(await inbox.tellOutcome({ id, attempts: 0, leadId })).toBe(false)
    const told = await Promise.all(Array.from({ length: 5 }, () => inbox.tellOutcome({ id, attempts: 1, leadId })))
    expect(told.filter(Boolean)).toHaveLength(1)
    expect(await inbox.find(id)).toMatchObject({
      ...{ state: 'pending', lead_id: leadId, lead_request_at: null, reason: null, error: null, edition: 1 },
    })
  })

  it('shows the steps in the order in which they were sent, and then what was only planned', async () => {
    const id = await accept('a')
    await inbox.claim(account, 1)
    const step = { message_id: id, attempt: 1, started_at: now, name: 'lead', orders: 3, host: 'shop.amocrm.ru' }
    await opened.db
      .insertInto('steps')
      .values([
        { ...step, ordinal: 1, state: 'planned' },
        { ...step, ordinal: 2, state: 'confirmed', sent_at: now + 20 },
        { ...step, ordinal: 3, state: 'planned' },
        { ...step, ordinal: 4, state: 'unknown', sent_at: now + 10 },
        { ...step, ordinal: 5, state: 'sent', started_at: now + 15 },
      ])
      .execute()
    const [attempt] = await inbox.attempts(id)
    expect(attempt?.steps.map(({ ordinal }) => ordinal)).toEqual([4, 5, 2, 1, 3])
  })
})
