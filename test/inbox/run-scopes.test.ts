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

onEachDatabase('what a run means', (database) => {
  let opened: Database
  let now: number
  let inbox: ReturnType<typeof createInbox>
  let runs: ReturnType<typeof createRuns>
  beforeEach(async () => {
    opened = openDatabase(await database.fresh())
    await migrate(opened)
    now = 1_800_000_000_000
    inbox = createInbox(opened, () => now)
    const shared = { db: opened.db, inbox, account, now: () => now }
    runs = createRuns({ ...shared, admitting: { sources: ['lk'], read: () => null } })
  })
  afterEach(() => opened.close())

  const store = (howMany: number, columns: Parameters<typeof storeFailed>[2] = {}) =>
    storeFailed(opened, howMany, { receivedAt: now - 1000, ...columns })

  async function start(scope: Scope = { filter: { state: 'dead' } }) {
    return (await runs.start({ id: randomUUID(), name: 'После сбоя', by: 'olga', scope })).id
  }

  /** As far as it goes by itself. */
  async function go(id: string) {
    while (await runs.step(id));
    return (await runs.find(id)) ?? expect.fail()
  }

  /** Delivers what is due. Gives the ids. */
  async function deliver(outcomeOf: (index: number) => Outcome = () => ({ kind: 'delivered' })) {
    const claims = await inbox.claim(account, 1000)
    await inbox.settle(claims.map((claim, index) => ({ claim, outcome: outcomeOf(index) })))
    return claims.map(({ id }) => id)
  }

  it('leaves out what only a person can decide, what has its lead, and what goes out by itself', async () => {
    const meant = [
      ...(await store(1)),
      ...(await store(1, { state: 'held', reason: 'crm_unauthorized' })),
      ...(await store(1, { state: 'pending', reason: 'crm_unavailable', next_attempt_at: now + 60_000 })),
    ]
    const left = {
      unknown_outcome: await store(1, { reason: 'unknown_outcome' }),
      conflict: await store(1, { reason: 'conflict' }),
      delivered: await store(1, { state: 'delivered', reason: null, error: null, lead_id: 5 }),
      in_queue: await store(1, { state: 'pending', reason: null, next_attempt_at: 0 }),
      at_work: await store(1, { state: 'pending', lease_until: now + 9000, next_attempt_at: now + 9000 }),
      not_acceptable: await store(1, { state: 'rejected', reason: 'empty' }),
      gone: [...(await store(1, { account: 'other.amocrm.ru' }))],
    }
    const ids = [...meant, ...Object.values(left).flat()]
    const id = await start({ ids })
    await runs.step(id)
    // Those of others are none of its orders.
    expect(await go(id)).toMatchObject({ total: 9, queued: 3, skipped: 6 })
    const skipped = await runs.items(id, 'skipped', { limit: 50 })
    expect(Object.fromEntries(skipped.map((item) => [item.message_id, item.detail]))).toEqual(
      Object.fromEntries(
        Object.entries(left).flatMap(([why, some]) => (why === 'gone' ? [] : some.map((each) => [each, why]))),
      ),
    )
    expect((await runs.items(id, 'queued', { limit: 50 })).map(({ message_id }) => message_id)).toEqual(meant)
  })

  it('touches nothing that came after its start', async () => {
    await store(2)
    const id = await start()
    now += 1000
    await storeFailed(opened, 2, { receivedAt: now })
    expect(await go(id)).toMatchObject({ total: 2, queued: 2 })
  })

  it('sends again what has failed in it, as a run of its own', async () => {
    await store(5)
    const first = await start()
    await go(first)
    await deliver((index) => (index < 2 ? { kind: 'dead', reason: 'internal', error: 'x' } : { kind: 'delivered' }))
    await go(first)
    expect(await runs.preview({ failedOf: first })).toMatchObject({ total: 2, sendable: { dead: 2 }, isMore: false })
    const again = await start({ failedOf: first })
    expect(await go(again)).toMatchObject({ total: 2, queued: 2 })
  })

  it('means those of one cause alone', async () => {
    const error = (field: string) =>
      `POST /api/v4/leads: HTTP 400 Bad Request; «${field}» (custom_fields_values.3.values.0.value): NotSupportedChoice x`
    await store(600, { error: error('Доставка') })
    const ids = await store(2, { error: error('Оплата') })
    const scope: Scope = { filter: { reason: 'crm_rejected' }, cause: 'Оплата · NotSupportedChoice' }
    expect(await runs.preview(scope)).toMatchObject({ total: 2, sendable: { dead: 2 } })
    const id = await start(scope)
    expect(await go(id)).toMatchObject({ total: 2, queued: 2 })
    expect(await deliver()).toEqual(ids)
  })

  it('says before what it will do', async () => {
    await store(4)
    await store(1, { reason: 'unknown_outcome' })
    await store(1, { reason: 'conflict' })
    await store(2, { state: 'held', reason: 'crm_unauthorized' })
    await store(3, { state: 'pending', reason: 'crm_unavailable', next_attempt_at: now + 60_000 })
    await store(5, { state: 'delivered', reason: null })
    await store(1, { state: 'pending', reason: null, next_attempt_at: 0 })
    expect(await runs.preview({ filter: {} })).toEqual({
      total: 17,
      sendable: { dead: 4, held: 2, pending: 3, rejected: 0 },
      leftOut: { unknown_outcome: 1, conflict: 1, delivered: 5, in_queue: 1 },
      isMore: false,
    })
    expect(await runs.preview({ filter: { state: 'dead', reason: 'conflict' } })).toMatchObject({
      ...{ total: 1, sendable: { dead: 0 }, leftOut: { conflict: 1 } },
    })
    expect(await runs.preview({ filter: { state: 'delivered' } })).toMatchObject({ total: 5, sendable: { dead: 0 } })
  })
})
