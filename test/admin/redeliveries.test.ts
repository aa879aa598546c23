import { pino } from 'pino'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { onEachDatabase } from '../support/databases.ts'
import { anOrder, asForm } from '../support/orders.ts'
import { startParom } from '../support/parom.ts'
import { createVisitor, formWith } from '../support/visitor.ts'

type Parom = Awaited<ReturnType<typeof startParom>>
type Visitor = ReturnType<typeof createVisitor>

const newOrder = () => asForm(anOrder({ comment: String(Math.random()) }))
const refuseLeads = { method: 'POST', path: '/api/v4/leads', effect: 'status', status: 400 }

async function deliveredOrder(parom: Parom) {
  await parom.sandbox.faults([])
  const { body } = await parom.post(newOrder())
  return parom.reaches(body.id, 'delivered')
}

async function refusedOrder(parom: Parom) {
  await parom.sandbox.faults([refuseLeads])
  const { body } = await parom.post(newOrder())
  return parom.reaches(body.id, 'dead')
}

async function csrfOf(visitor: Visitor) {
  return /name="_csrf" value="([^"]+)"/.exec((await visitor.visit('/app/transactions')).text)?.[1] ?? ''
}

onEachDatabase('sending an order again', (database) => {
  let parom: Parom
  let admin: Visitor
  let _csrf: string
  const logged: string[] = []
  beforeAll(async () => {
    const log = pino({ level: 'info' }, { write: (line: string) => logged.push(line) })
    parom = await startParom({ databaseUrl: await database.fresh(), log })
    admin = createVisitor(parom.url)
    await admin.signIn()
    _csrf = await csrfOf(admin)
  })
  afterAll(() => parom.close())
  beforeEach(() => logged.splice(0))
  const page = (id: string) => `/app/transactions/${id}`
  const again = (id: string, fields: Record<string, string> = {}) =>
    admin.submit(`${page(id)}/redeliveries`, { _csrf, ...fields })
  const leadsOf = async () => (await parom.sandbox.state()).leads as { id: number }[]

  it('makes the lead once the cause is gone, with all its tries before it', async () => {
    const { id } = await refusedOrder(parom)
    expect((await admin.visit(page(id))).text).toContain('Отправить ещё раз')
    await parom.sandbox.faults([
      { method: 'POST', path: '/api/v4/leads', effect: 'status', status: 503, commit: false, times: 1 },
    ])
    const { status, location } = await again(id)
    expect([status, location]).toEqual([303, page(id)])
    await expect.poll(async () => (await parom.inbox.find(id))?.reason).toBe('crm_unavailable')
    // The waits count from the redelivery: this was its first try.
    const waiting = await parom.inbox.find(id)
    expect((waiting?.next_attempt_at ?? 0) - parom.clock.now()).toBeLessThan(5_000)
    for (let tries = 0; tries < 3; tries++) {
      parom.advance(31_000)
      await expect.poll(async () => (await parom.inbox.find(id))?.lease_until).toBeNull()
    }
    expect(await parom.reaches(id, 'delivered')).toMatchObject({ attempts_before: 1 })
    expect(logged.join('')).toMatch(new RegExp(`"message":"${id}","login":"admin","msg":"sent again"`))
  })

  it('shows what there is of a delivered one, and sends nothing', async () => {
    const before = await deliveredOrder(parom)
    expect((await admin.visit(page(before.id))).text).not.toContain('Отправить ещё раз')
    const { status, text } = await again(before.id)
    expect(status).toBe(200)
    expect(text).toContain(
      `уже доставлен, ничего не отправлено. Его сделка — <a href="${parom.sandbox.url}/leads/detail`,
    )
    expect(text).toContain('введите слова: вторая сделка')
    expect(await parom.inbox.find(before.id)).toEqual(before)
  })

  it.each(['вторая сделка', 'second lead'])('makes a second lead for the words «%s»', async (words) => {
    const before = await deliveredOrder(parom)
    const form = formWith('edition', '1', (await again(before.id)).text)
    expect((await again(before.id, { ...form, words })).status).toBe(303)
    await expect.poll(async () => (await parom.inbox.find(before.id))?.edition).toBe(2)
    const after = await parom.reaches(before.id, 'delivered')
    expect(after.lead_id).not.toBe(before.lead_id)
    const { leads, notes } = await parom.sandbox.state()
    const made = leads.filter(({ id }: { id: number }) => id === before.lead_id || id === after.lead_id)
    expect(made).toHaveLength(2)
    for (const { id, _embedded } of made) {
      expect(_embedded.catalog_elements).toHaveLength(1)
      expect(notes.filter((note: { entity_id: number }) => note.entity_id === id)).toHaveLength(1)
    }
    expect(logged.join('')).toMatch(new RegExp(`"message":"${before.id}","login":"admin","edition":1,`))
  })

  it.each(['', 'Вторая сделка', 'вторая  сделка', 'да', '<script>'])(
    'sends nothing for the words «%s»',
    async (words) => {
      const before = await deliveredOrder(parom)
      const { status, text } = await again(before.id, { edition: '1', words })
      expect(status).toBe(422)
      expect(text).toContain('Слова не совпали, ничего не отправлено')
      expect(text).not.toContain('<script>')
      expect(await parom.inbox.find(before.id)).toEqual(before)
    },
  )

  it('makes one more lead of many clicks', async () => {
    const before = await deliveredOrder(parom)
    const leads = (await leadsOf()).length
    const form = { edition: '1', words: 'вторая сделка' }
    await Promise.all(Array.from({ length: 5 }, () => again(before.id, form)))
    await parom.reaches(before.id, 'delivered')
    // Whoever still has the page of the first lead open.
    expect((await again(before.id, form)).status).toBe(303)
    expect(await parom.inbox.find(before.id)).toMatchObject({ state: 'delivered', edition: 2 })
    expect(await leadsOf()).toHaveLength(leads + 1)
  })

  it('sends again all that wait for the same reason, and says how many', async () => {
    const dead = [await refusedOrder(parom), await refusedOrder(parom)]
    const delivered = await deliveredOrder(parom)
    const { text } = await admin.visit('/app/transactions?state=dead&reason=crm_rejected')
    expect(text).toContain('Отправить ещё раз все (2)')
    expect((await admin.visit('/app/transactions?state=dead&reason=internal')).text).not.toContain('ещё раз все')
    expect((await admin.visit('/app/transactions')).text).not.toContain('ещё раз все')
    const form = { _csrf, state: 'dead', reason: 'crm_rejected' }
    expect(formWith('all', '1', text)).toMatchObject(form)
    const { status, location } = await admin.submit('/app/transactions/redeliveries', form)
    expect([status, location]).toEqual([303, '/app/transactions?state=dead&reason=crm_rejected&queued=2'])
    expect((await admin.visit(location ?? '')).text).toContain('Поставлено в очередь: 2')
    for (const { id } of dead) await parom.reaches(id, 'delivered')
    expect(await parom.inbox.find(delivered.id)).toEqual(delivered)
    expect(logged.join('')).toContain('"state":"dead","reason":"crm_rejected","queued":2,"login":"admin"')
  })

  it.each([{ state: 'delivered' }, { state: 'nonsense' }, {}])(
    'sends nothing again by the filter %j',
    async (filter) => {
      const before = await deliveredOrder(parom)
      const answer = await admin.submit('/app/transactions/redeliveries', { _csrf, ...filter })
      expect([answer.status, answer.location]).toEqual([303, '/app/transactions'])
      expect(await parom.inbox.find(before.id)).toEqual(before)
    },
  )

  it('filters the list by reason, also for scripts', async () => {
    const { id } = await refusedOrder(parom)
    const json = async (path: string) =>
      JSON.parse((await admin.visit(path, { headers: { accept: 'application/json' } })).text)
    const { transactions, next } = await json('/app/transactions?reason=crm_rejected&limit=1')
    expect(transactions).toMatchObject([{ id, reason: 'crm_rejected' }])
    expect(next === null || next.startsWith('/app/transactions?reason=crm_rejected&limit=1&cursor=')).toBe(true)
    expect((await json('/app/transactions?reason=crm_forbidden')).transactions).toEqual([])
    expect((await json('/app/transactions?reason=nonsense')).transactions.length).toBeGreaterThan(1)
  })

  it('takes a form of this session from somebody who may', async () => {
    const { id } = await refusedOrder(parom)
    const path = `${page(id)}/redeliveries`
    expect((await admin.submit(path, {})).status).toBe(403)
    expect((await admin.submit('/app/transactions/redeliveries', { state: 'dead' })).status).toBe(403)
    expect((await createVisitor(parom.url).submit(path, { _csrf })).status).toBe(302)
    expect((await admin.visit(path)).status).toBe(404)
    expect((await admin.visit('/app/transactions/redeliveries')).location).toBe('/app/transactions')
    expect((await again('01a00000-0000-7000-8000-000000000000')).status).toBe(404)
    expect(await parom.inbox.find(id)).toMatchObject({ state: 'dead' })
  })
})
