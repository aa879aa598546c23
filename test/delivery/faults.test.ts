import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Database, openDatabase } from '../../src/database/open.ts'
import { onEachDatabase } from '../support/databases.ts'
import { anOrder, asForm, sampleOrder } from '../support/orders.ts'
import { startParom } from '../support/parom.ts'

const createLead = { method: 'POST', path: '/api/v4/leads' }
const link = { method: 'POST', path: '/api/v4/leads/link' }
const createNote = { method: 'POST', path: '/api/v4/leads/notes' }

onEachDatabase('a delivery that meets a fault', (database) => {
  let databaseUrl: string
  let parom: Awaited<ReturnType<typeof startParom>>
  beforeEach(async () => {
    databaseUrl = await database.fresh()
    parom = await startParom({ databaseUrl })
  })
  afterEach(() => parom.close())

  /** Writes what a crash would have left. */
  async function tamper(write: (db: Database['db']) => Promise<unknown>) {
    const { db, close } = openDatabase(databaseUrl)
    await write(db)
    await close()
  }

  async function expectOneOfEverything() {
    const { leads, notes, links } = await parom.sandbox.state()
    expect(leads).toHaveLength(1)
    expect(notes).toHaveLength(1)
    expect(leads[0]._embedded.catalog_elements).toHaveLength(3)
    return { lead: leads[0], note: notes[0], links }
  }

  /** Moves time on from try to try until the message has the state. */
  async function patientlyReaches(id: string, state: string) {
    for (let tries = 0; tries < 100; tries++) {
      const message = await parom.inbox.find(id)
      if (message?.state === state) return message
      if (message?.next_attempt_at && message.lease_until === null && message.attempts > 0)
        parom.advance(message.next_attempt_at - parom.clock.now() + 1)
      await new Promise((resolve) => setTimeout(resolve, 60))
    }
    return parom.reaches(id, state)
  }

  describe('with an answer that gets lost', () => {
    it.each([
      ['of the lead', { ...createLead, effect: 'lost_answer' }],
      ['of the lead, with a 500 instead', { ...createLead, effect: 'status', status: 500, commit: true }],
      [
        'of the lead, with a 502 in HTML instead',
        { ...createLead, effect: 'status', status: 502, commit: true, html: true },
      ],
      ['of the lead, cut in the middle', { ...createLead, effect: 'truncate' }],
      ['of the links', { ...link, effect: 'lost_answer' }],
      ['of the note', { ...createNote, effect: 'lost_answer' }],
      ['of the note, with a 504 instead', { ...createNote, effect: 'status', status: 504, commit: true, html: true }],
    ])('%s: nothing is made twice', async (_case, fault) => {
      await parom.sandbox.faults([{ ...fault, times: 1 }])
      const { body } = await parom.post(sampleOrder)
      const message = await patientlyReaches(body.id, 'delivered')
      const { lead } = await expectOneOfEverything()
      expect(message).toMatchObject({ lead_id: lead.id, attempts: 2, reason: null })
    })
  })

  it('still looks for a lost lead after a later create was refused', async () => {
    await parom.sandbox.faults([
      { ...createLead, effect: 'drop', times: 1 },
      { ...createLead, effect: 'status', status: 429, headers: { 'Retry-After': '1' }, times: 1 },
    ])
    const { body } = await parom.post(sampleOrder)
    const scans = async () =>
      (await parom.sandbox.requests()).filter(
        ({ method, path }) => method === 'GET' && path.startsWith('/api/v4/leads?'),
      )
    await patientlyReaches(body.id, 'delivered')
    await expectOneOfEverything()
    const [last, refused] = await parom.inbox.attempts(body.id)
    expect(refused).toMatchObject({ reason: 'crm_rate_limited' })
    expect(last?.steps[0]).toMatchObject({ name: 'recover', state: 'confirmed' })
    expect((await scans()).length).toBeGreaterThan(1)
  })

  it('makes one lead when the CRM does the work after we have stopped waiting', async () => {
    await parom.sandbox.faults([{ ...createLead, effect: 'delay', delay_ms: 2500, times: 1 }])
    const { body } = await parom.post(sampleOrder)
    await vi.waitFor(async () => expect((await parom.sandbox.state()).leads).toHaveLength(1), { timeout: 10_000 })
    expect(await parom.inbox.find(body.id)).toMatchObject({
      state: 'pending',
      reason: 'crm_unavailable',
      lead_id: null,
    })
    await patientlyReaches(body.id, 'delivered')
    await expectOneOfEverything()
  })

  it.each([
    ['refused before any work', { ...createLead, effect: 'status', status: 500, commit: false }],
    ['cut off before any work', { ...createLead, effect: 'drop' }],
  ])('makes the lead after all when the create was %s, but not before it is sure', async (_case, fault) => {
    await parom.sandbox.faults([{ ...fault, times: 1 }])
    const { body } = await parom.post(sampleOrder)
    const creates = async () =>
      (await parom.sandbox.requests()).filter(({ method, path }) => method === 'POST' && path === '/api/v4/leads')
    await expect.poll(async () => (await parom.inbox.find(body.id))?.reason).toBe('crm_unavailable')
    parom.advance(5_000)
    await expect.poll(async () => (await parom.inbox.find(body.id))?.attempts).toBe(2)
    await expect.poll(async () => (await parom.inbox.find(body.id))?.lease_until).toBeNull()
    expect(await creates()).toHaveLength(1)

    await patientlyReaches(body.id, 'delivered')
    await expectOneOfEverything()
    expect(await creates()).toHaveLength(2)
  })

  it('tries again after the wait when the CRM is overloaded, and tells why it waits', async () => {
    await parom.sandbox.faults([
      { method: 'GET', path: '/api/v4/*', effect: 'status', status: 503, html: true, times: 3 },
    ])
    const { body } = await parom.post(sampleOrder)
    const message = await patientlyReaches(body.id, 'delivered')
    expect(message.attempts).toBeGreaterThan(1)
    const attempts = await parom.inbox.attempts(body.id)
    expect(attempts.at(-1)).toMatchObject({
      number: 1,
      outcome: 'retry',
      reason: 'crm_unavailable',
      error: expect.stringContaining('503'),
    })
    await expectOneOfEverything()
  })

  it('waits as long as a 429 asks for', async () => {
    await parom.sandbox.faults([
      { ...createLead, effect: 'status', status: 429, headers: { 'Retry-After': '30' }, commit: false, times: 1 },
    ])
    const { body } = await parom.post(sampleOrder)
    await expect.poll(async () => (await parom.inbox.find(body.id))?.reason).toBe('crm_rate_limited')
    const waiting = await parom.inbox.find(body.id)
    expect((waiting?.next_attempt_at ?? 0) - parom.clock.now()).toBeGreaterThan(25_000)
  })

  it('writes one note though the process fails to record that it did', async () => {
    const { body } = await parom.post(sampleOrder)
    const message = await parom.reaches(body.id, 'delivered')
    await tamper((db) =>
      db.updateTable('messages').set({ note_id: null, state: 'pending', next_attempt_at: 0 }).execute(),
    )
    parom.advance(0)
    expect(await parom.reaches(body.id, 'delivered')).toMatchObject({ note_id: message.note_id, attempts: 2 })
    await expectOneOfEverything()
  })

  it.each([
    ['contacts', 7143599, 'Нет контакта с id партнёра 1'],
    ['elements', 525441, 'Нет в каталоге amoCRM и не привязано к сделке: «Бак - Реактор»'],
  ])(
    'makes the lead all the same when something in %s was deleted since it was last read',
    async (kind, id, warning) => {
      const warm = await parom.post(asForm(anOrder({ customer_id: '2' })))
      await parom.reaches(warm.body.id, 'delivered')
      await parom.sandbox.remove(kind, id)
      const { body } = await parom.post(sampleOrder)
      await parom.reaches(body.id, 'delivered')
      const { leads, notes } = await parom.sandbox.state()
      expect(leads).toHaveLength(2)
      expect(notes[1].params.text).toContain(warning)
    },
  )

  it('settles an order whose refusal is told at endless length', async () => {
    await parom.sandbox.faults([
      { ...createLead, effect: 'status', status: 400, body: { title: 'Bad Request', detail: 'ы'.repeat(100_000) } },
    ])
    const { body } = await parom.post(`${sampleOrder}&email=${encodeURIComponent('İ'.repeat(190))}`)
    expect(await parom.reaches(body.id, 'dead')).toMatchObject({ attempts: 1, reason: 'crm_rejected' })
  })

  it('leaves a message alone over which five processes died', async () => {
    await parom.sandbox.faults([{ path: '/api/v4/*', effect: 'status', status: 401 }])
    const { body } = await parom.post(sampleOrder)
    await parom.reaches(body.id, 'held')
    await tamper(async (db) => {
      const numbers = [2, 3, 4, 5, 6]
      const died = numbers.map((number) => ({ message_id: body.id, number, started_at: parom.clock.now() }))
      await db.insertInto('attempts').values(died).execute()
      await db
        .updateTable('messages')
        .set({ attempts: 6, attempts_before: 0, state: 'pending', next_attempt_at: 0 })
        .execute()
    })
    await parom.sandbox.faults([])
    parom.advance(5 * 60_000 + 1)
    expect(await parom.reaches(body.id, 'dead')).toMatchObject({
      reason: 'internal',
      error: expect.stringContaining('5 processes died'),
    })
    expect((await parom.sandbox.state()).leads).toEqual([])

    await parom.inbox.redeliver(body.id)
    await parom.reaches(body.id, 'delivered')
  })

  it('does not take a CRM that is down for one that lets us in again', async () => {
    await parom.sandbox.faults([{ path: '/api/v4/*', effect: 'status', status: 401 }])
    const { body } = await parom.post(sampleOrder)
    await parom.reaches(body.id, 'held')
    await parom.sandbox.faults([{ path: '/api/v4/*', effect: 'status', status: 503 }])
    const asked = (await parom.sandbox.requests()).length
    parom.advance(5 * 60_000 + 1)
    await expect.poll(async () => (await parom.sandbox.requests()).length).toBe(asked + 1)
    expect(await parom.inbox.find(body.id)).toMatchObject({ state: 'held', reason: 'crm_unauthorized' })
  })

  it('gives up after ten tries within 72 hours and leaves the order to a person', async () => {
    await parom.sandbox.faults([{ ...createLead, effect: 'status', status: 500, commit: false }])
    const { body } = await parom.post(sampleOrder)
    const startedAt = parom.clock.now()
    const message = await patientlyReaches(body.id, 'dead')
    // After the first one it was only looked whether the lead is there.
    expect(message).toMatchObject({ attempts: 11, reason: 'crm_unavailable', next_attempt_at: null })
    expect(parom.clock.now() - startedAt).toBeLessThan(72 * 3600_000)
  })

  it('leaves an order that the CRM refuses to a person after one try, with the CRM’s own words', async () => {
    const refusal = {
      status: 400,
      title: 'Bad Request',
      'validation-errors': [
        {
          request_id: '0',
          errors: [
            { code: 'NotSupportedChoice', path: 'status_id', detail: 'The value you selected is not a valid choice.' },
          ],
        },
      ],
    }
    await parom.sandbox.faults([{ ...createLead, effect: 'status', status: 400, body: refusal }])
    const { body } = await parom.post(sampleOrder)
    expect(await parom.reaches(body.id, 'dead')).toMatchObject({
      attempts: 1,
      reason: 'crm_rejected',
      error: expect.stringContaining('status_id: NotSupportedChoice'),
    })
  })

  it.each([
    [401, 'crm_unauthorized', 5],
    [402, 'crm_payment_required', 5],
    [403, 'crm_forbidden', 60],
  ])(
    'keeps orders while the CRM answers %i, asks it rarely, and sends them when it lets us in again',
    async (status, reason, askedAgainAfter) => {
      await parom.sandbox.faults([{ path: '/api/v4/*', effect: 'status', status, html: status === 403 }])
      const { body } = await parom.post(sampleOrder)
      await parom.reaches(body.id, 'held')
      const asked = (await parom.sandbox.requests()).length
      const second = await parom.post(`${sampleOrder}&order_id=2`)
      expect(second.status).toBe(200)
      parom.advance(60_000)
      await new Promise((resolve) => setTimeout(resolve, 200))
      expect((await parom.sandbox.requests()).length - asked).toBe(0)
      expect(await parom.inbox.find(body.id)).toMatchObject({ state: 'held', reason })

      await parom.sandbox.faults([])
      parom.advance(askedAgainAfter * 60_000)
      await parom.reaches(body.id, 'delivered')
      await parom.reaches(second.body.id, 'delivered')
      expect((await parom.sandbox.state()).leads).toHaveLength(2)
    },
  )
})
