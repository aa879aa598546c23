import { hash } from 'node:crypto'
import fc from 'fast-check'
import type { KyselyPlugin, Selectable } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { migrate } from '../../src/database/migrate.ts'
import { type Database, openDatabase } from '../../src/database/open.ts'
import type { Tables } from '../../src/database/tables.ts'
import { createInbox } from '../../src/inbox/inbox.ts'
import type { Outcome } from '../../src/inbox/message.ts'
import { orderTasks, sweepOf } from '../../src/inbox/retention.ts'
import { createRetention, dayMs, type KeptDays, trustedTime } from '../../src/inbox/retention-job.ts'
import { onEachDatabase } from '../support/databases.ts'
import { aRefusal } from '../support/refused.ts'

const account = 'shop.amocrm.ru'
const phone = '79123456789'
const delivered: Outcome = { kind: 'delivered' }
const rejected: Outcome = { kind: 'dead', reason: 'crm_rejected', error: `not ${phone}` }
const unstopped = new AbortController().signal
const silent = {
  info: () => {},
  warn: (_details: object): void => {},
  error: (details: object) => expect.fail(JSON.stringify(details)),
}

onEachDatabase('retention', (database) => {
  let url: string
  let opened: Database
  let now: number
  let inbox: ReturnType<typeof createInbox>
  let kept: KeptDays
  beforeEach(async () => {
    url = await database.fresh()
    opened = openDatabase(url)
    await migrate(opened)
    now = 1_800_000_000_000
    kept = { payloads: 90, rejected: 14, attempts: 90 }
    inbox = createInbox(opened, () => now)
  })
  afterEach(() => opened.close())

  const createJob = (log = silent) => createRetention({ database: opened, kept: () => kept, log, now: () => now })
  const sent = (key: string, body = `{"phone":"${phone}","order":"${key}"}`) => ({
    ...{ account, source: 'lk', dedupeKey: key, dedupeWindow: null, bodyDigest: hash('sha256', body, 'base64url') },
    ...{ contentType: 'application/json', headers: { 'x-buyer': phone }, body: Buffer.from(body), address: '1.2.3.4' },
  })

  async function accept(key: string) {
    return (await inbox.accept(sent(key))).id
  }

  /** The next order that is due ends so. */
  async function settle(outcome: Outcome, by = inbox) {
    const [claim] = await by.claim(account, 1)
    if (!claim) return expect.fail('nothing was due')
    const warnings = [{ code: 'product_unknown', params: { names: phone } }]
    const found = { order_number: `N${claim.id}`, partner_id: 'P1', phone_digits: phone, email: 'anna@mail.example' }
    const first = { name: 'lead', startedAt: now } as const
    const step = { ordinal: 1, first, state: 'confirmed', request: phone, answer: phone } as const
    await by.record([{ claim, progress: { lead_id: 7, total: 5, form: 'default', warnings, ...found }, steps: [step] }])
    await by.settle([{ claim, outcome }])
    return claim.id
  }

  async function order(key: string, outcome: Outcome) {
    await accept(key)
    return settle(outcome)
  }

  /** Everything that there is of an order, as it stands in the database. */
  async function everythingOf(id: string) {
    const of = (table: 'attempts' | 'steps' | 'search_keys') =>
      opened.db.selectFrom(table).selectAll().where('message_id', '=', id).execute()
    const row = await opened.db.selectFrom('messages').selectAll().where('id', '=', id).executeTakeFirst()
    const body = row && Buffer.from(row.body).toString('hex')
    return {
      row: row && { ...row, body },
      attempts: await of('attempts'),
      steps: await of('steps'),
      keys: await of('search_keys'),
    }
  }

  /** An order of these days, so that the time is believed. */
  async function today() {
    await accept(`today ${now}`)
    return settle(delivered)
  }

  async function run() {
    await createJob().look(unstopped)
  }

  it('leaves of an old delivered order what is nobody’s, and its key', async () => {
    const id = await order('1', delivered)
    now += 90 * dayMs + 1
    await today()
    await run()
    const { row, attempts, steps, keys } = await everythingOf(id)
    expect(row).toMatchObject({
      ...{ body: '', headers: '{}', address: null, phone_digits: null, email: null, warnings: null, error: null },
      ...{ dedupe_key: '1', order_number: `N${id}`, partner_id: 'P1', lead_id: 7, total: 5, state: 'delivered' },
      ...{ erased_at: now, erased_for: 'age' },
    })
    expect([attempts, steps]).toEqual([[], []])
    expect(keys.map(({ kind }) => kind).sort()).toEqual(['lead', 'order', 'partner'])
    expect(JSON.stringify(await everythingOf(id))).not.toContain('9123456789')
  })

  it('leaves alone what is not old yet', async () => {
    const id = await order('1', delivered)
    const before = await everythingOf(id)
    now += 90 * dayMs - 1
    await today()
    await run()
    expect(await everythingOf(id)).toEqual(before)
  })

  it('knows the same order years later, and one with the same id but another body', async () => {
    const id = await order('1', delivered)
    now += 90 * dayMs + 1
    await today()
    await run()
    now += 3 * 365 * dayMs
    expect(await inbox.accept(sent('1'))).toMatchObject({ id, duplicate: true })
    expect(await inbox.accept(sent('1', '{"another":1}'))).toMatchObject({ id, isConflict: true })
  })

  it('never touches an order that is not delivered, whatever happens around it', async () => {
    const outcomes: Outcome[] = [
      delivered,
      rejected,
      { kind: 'held', reason: 'crm_unauthorized', error: phone },
      { kind: 'retry', reason: 'crm_unavailable', error: phone, at: now + 10_000 * dayMs },
      { kind: 'dead', reason: 'unknown_outcome', error: phone },
    ]
    // Delivered once, and then sent again in vain.
    const again = fc.constantFrom(null, ...outcomes.slice(1))
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ outcome: fc.constantFrom(...outcomes), again, days: fc.integer({ min: 0, max: 60 }) }), {
          minLength: 3,
          maxLength: 8,
        }),
        fc.integer({ min: 1, max: 400 }),
        async (story, days) => {
          const unfinished: string[] = []
          const sure = { outcome: delivered, again: rejected, days: 1 }
          for (const { outcome, again, days: between } of [sure, ...story]) {
            const id = await order(`${Math.random()}`, outcome)
            const isAgain = outcome.kind === 'delivered' && again !== null
            if (isAgain) {
              await inbox.askForAnotherLead(id, 1)
              await settle(again)
            }
            if (isAgain || outcome.kind !== 'delivered') unfinished.push(id)
            now += between * dayMs
          }
          const conflict = await inbox.accept(sent(`c${now}`)).then(() => inbox.accept(sent(`c${now}`, 'else')))
          expect(conflict.isConflict).toBe(true)
          await settle(delivered)
          const conflicts = await opened.db
            .selectFrom('messages')
            .select('id')
            .where('reason', '=', 'conflict')
            .execute()
          const all = [...unfinished, ...conflicts.map(({ id }) => id)]
          now += days * dayMs
          await today()
          // As if it ran for the first time: what it knows of the time would let it go on by a week only.
          await opened.db.deleteFrom('retention').execute()
          const before = await Promise.all(all.map(everythingOf))
          await run()
          expect(await Promise.all(all.map(everythingOf))).toEqual(before)
        },
      ),
      { numRuns: 3 },
    )
  })

  /** Time goes by, and a run a day is there to see it. */
  async function pass(days: number) {
    for (let passed = 0; passed < days; passed += 6) {
      now += 6 * dayMs
      await run()
    }
  }

  it.each(orderTasks)('leaves alone what is sent again between two statements of its own: %s', async (task) => {
    const id = await order('1', delivered)
    now += 91 * dayMs
    let isAgain = false
    const elsewhere = openDatabase(url)
    const sendAgain = async () => {
      const other = createInbox(elsewhere, () => now)
      await other.askForAnotherLead(id, 1)
      await settle(rejected, other)
    }
    const meanwhile: KyselyPlugin = {
      transformQuery: ({ node }) => node,
      async transformResult({ result }) {
        if (!isAgain && result.rows.some((row) => row['id'] === id)) {
          isAgain = true
          await sendAgain()
        }
        return result
      },
    }
    for (const sweep of sweepOf(opened.db.withPlugin(meanwhile), task, now - 90 * dayMs, now)) await sweep(9)
    await elsewhere.close()
    const { row, attempts, steps } = await everythingOf(id)
    expect([row?.state, row?.erased_at, attempts.length, steps.length]).toEqual(['dead', null, 2, 2])
  })

  it('has no lost link bring back an order whose buyer is erased', async () => {
    const id = await order('1', delivered)
    now += 91 * dayMs
    await today()
    await run()
    await inbox.giveUp(id, 'links are lost')
    expect((await everythingOf(id)).row).toMatchObject({ state: 'delivered', error: null })
  })

  it('forgets by which phone an order was found before it was read in another way', async () => {
    await accept('1')
    const [claim] = await inbox.claim(account, 1)
    if (!claim) return expect.fail('nothing was due')
    const read = (phone_digits: string, email: string) =>
      inbox.record([{ claim, progress: { order_number: 'N1', phone_digits, email } }])
    await read('79990001122', 'old@mail.example')
    await read(phone, 'anna@mail.example')
    await inbox.settle([{ claim, outcome: delivered }])
    const { keys } = await everythingOf(claim.id)
    expect(keys.map(({ value }) => value).sort()).toEqual(['9123456789', 'anna@mail.example', 'n1'])
  })

  it('finds those later that were just being sent again when it was their turn', async () => {
    const id = await order('1', delivered)
    now += 91 * dayMs
    await today()
    await inbox.askForAnotherLead(id, 1)
    // As if it had been sent before there was a retention.
    await opened.db.deleteFrom('retention_later').execute()
    await run()
    expect((await everythingOf(id)).row).toMatchObject({ state: 'pending', erased_at: null })
    await settle(delivered)
    await pass(84)
    expect((await everythingOf(id)).row).toMatchObject({ state: 'delivered', erased_at: null })
    await pass(12)
    const { row, attempts } = await everythingOf(id)
    expect([row?.erased_for, attempts]).toEqual(['age', []])
    expect(await opened.db.selectFrom('retention_later').selectAll().execute()).toEqual([])
  })

  it('keeps what was sent again yesterday, however long ago it was delivered first', async () => {
    const id = await order('1', delivered)
    now += 89 * dayMs
    await inbox.askForAnotherLead(id, 1)
    await settle(delivered)
    const { steps } = await everythingOf(id)
    now += 2 * dayMs
    await today()
    await run()
    expect(await everythingOf(id)).toMatchObject({ row: { erased_at: null }, steps })
    await pass(96)
    expect(await everythingOf(id)).toMatchObject({ row: { erased_for: 'age' }, steps: [] })
  })

  it('deletes the requests anew of what was sent again after theirs were deleted', async () => {
    kept = { payloads: null, rejected: null, attempts: 30 }
    const id = await order('1', delivered)
    now += 31 * dayMs
    await today()
    await run()
    expect(await everythingOf(id)).toMatchObject({ row: { erased_at: null }, attempts: [], steps: [] })
    await inbox.askForAnotherLead(id, 1)
    await settle(delivered)
    await pass(24)
    expect((await everythingOf(id)).steps).toHaveLength(1)
    await pass(12)
    expect(await everythingOf(id)).toMatchObject({ row: { erased_at: null, attempts: 2 }, attempts: [], steps: [] })
  })

  it('gives no erased order another lead', async () => {
    const id = await order('1', delivered)
    now += 90 * dayMs + 1
    await today()
    await run()
    expect(await inbox.askForAnotherLead(id, 1)).toBe(false)
    expect(await inbox.redeliver(id)).toBe(false)
  })

  it('deletes refused requests after their own time', async () => {
    await inbox.keepRefused(aRefusal(account))
    now += 13 * dayMs
    await inbox.keepRefused(aRefusal(account))
    now += dayMs + 1
    await run()
    const { messages } = await inbox.list({ limit: 9, state: 'rejected' })
    expect(messages.map(({ received_at }) => received_at)).toEqual([now - dayMs - 1])
  })

  it('keeps what is to be kept for ever', async () => {
    kept = { payloads: null, rejected: null, attempts: null }
    const id = await order('1', delivered)
    await inbox.keepRefused(aRefusal(account))
    const before = await everythingOf(id)
    now += 3000 * dayMs
    await today()
    await run()
    expect(await everythingOf(id)).toEqual(before)
    expect((await inbox.list({ limit: 9, state: 'rejected' })).messages).toHaveLength(1)
  })

  it('works once a day, in one process, and says what it has done', async () => {
    const first = await order('1', delivered)
    now += 91 * dayMs
    await today()
    const job = createJob()
    await job.look(unstopped)
    const { tasks, ranAt } = await job.standing()
    expect([ranAt, tasks[0]]).toEqual([now, { task: 'payloads', days: 90, removed: 1, removedAt: now }])
    expect((await everythingOf(first)).row?.erased_at).toBe(now)
    kept = { ...kept, payloads: 1 }
    now += dayMs - 1
    await createJob().look(unstopped)
    await job.look(unstopped)
    expect((await job.standing()).ranAt).toBe(now - dayMs + 1)
    // The other one has the turn until it is known to be gone.
    now += dayMs / 24
    await job.look(unstopped)
    expect((await job.standing()).ranAt).toBe(now)
  })

  it('does not believe a clock that is years ahead', async () => {
    const old = await order('1', delivered)
    now += 86 * dayMs
    const newer = await order('2', delivered)
    await run()
    const warned: object[] = []
    now += 5 * 365 * dayMs
    const job = createJob({ ...silent, warn: (details) => void warned.push(details) })
    await job.look(unstopped)
    expect((await everythingOf(old)).row?.erased_at).toBe(now)
    expect((await everythingOf(newer)).row?.erased_at).toBe(null)
    expect([warned, (await job.standing()).daysAhead]).toEqual([[{ days: 5 * 365 - 7 }], 5 * 365 - 7])
    // Nor one that was set right again.
    now -= 5 * 365 * dayMs
    await job.look(unstopped)
    expect((await job.standing()).ranAt).toBe(now)
  })

  it('counts on the overview as before', async () => {
    await order('1', delivered)
    now += 60_000
    await inbox.tally()
    const before = await inbox.figures(now - dayMs)
    now += 91 * dayMs
    await today()
    await run()
    const { tallies } = await inbox.figures(before.tallies[0]?.slotAt ?? 0)
    expect(tallies[0]).toEqual(before.tallies[0])
  })

  it('deletes what else would grow without end', async () => {
    const at = now
    const run1: Pick<Selectable<Tables['runs']>, 'id' | 'state'> = { id: 'run-1', state: 'done' }
    const common = { account, name: 'x', created_at: at, created_by: 'a', scope: '{}', position: null }
    await opened.db
      .insertInto('runs')
      .values({ ...run1, ...common, ended_at: at })
      .execute()
    await opened.db
      .insertInto('runs')
      .values({ ...common, id: 'run-2', state: 'paused' })
      .execute()
    const item = { message_id: 'm', outcome: 'delivered' as const }
    await opened.db
      .insertInto('run_items')
      .values([
        { run_id: 'run-1', ...item },
        { run_id: 'run-2', ...item },
      ])
      .execute()
    await opened.db.insertInto('tallies').values({ slot_at: at }).execute()
    now += 401 * dayMs
    await today()
    await run()
    const left = async (table: 'runs' | 'run_items' | 'tallies') =>
      (await opened.db.selectFrom(table).selectAll().execute()).length
    expect([await left('runs'), await left('run_items'), await left('tallies')]).toEqual([1, 1, 0])
  })
})

describe('the time that is believed', () => {
  it.each([
    ['the clock, where it is near', 10 * dayMs, 9 * dayMs, 10 * dayMs],
    ['a week more than is known, where it is far ahead', 1000 * dayMs, 9 * dayMs, 16 * dayMs],
    ['the clock, where it is set back', 5 * dayMs, 9 * dayMs, 5 * dayMs],
    ['none, where nothing is known', 5 * dayMs, null, null],
  ])('is %s', (_, clock, known, expected) => expect(trustedTime(clock, known)).toBe(expected))
})
