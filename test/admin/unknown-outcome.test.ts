import { hash } from '@node-rs/argon2'
import fc from 'fast-check'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { leadNumber } from '../../src/admin/lead-number.ts'
import { configWithUsers } from '../support/config.ts'
import { onEachDatabase } from '../support/databases.ts'
import { anOrder, asForm } from '../support/orders.ts'
import { startParom } from '../support/parom.ts'
import { createVisitor, formWith } from '../support/visitor.ts'

type Parom = Awaited<ReturnType<typeof startParom>>

/** The account cannot hold the field by which a lead is found again. */
const noMarker = { method: 'POST', path: '/api/v4/leads/custom_fields', effect: 'status', status: 403 }
const loseAnswer = { method: 'POST', path: '/api/v4/leads', effect: 'lost_answer', times: 1 }

const newOrder = () => asForm(anOrder({ comment: String(Math.random()) }))

async function deliveredOrder(parom: Parom) {
  await parom.sandbox.faults([noMarker])
  const { body } = await parom.post(newOrder())
  return parom.reaches(body.id, 'delivered')
}

async function orderOfUnknownOutcome(parom: Parom) {
  await parom.sandbox.faults([noMarker, loseAnswer])
  const { body } = await parom.post(newOrder())
  await expect.poll(async () => (await parom.inbox.find(body.id))?.reason).toBe('crm_unavailable')
  await parom.sandbox.faults([noMarker])
  parom.advance(10_000)
  const message = await parom.reaches(body.id, 'dead')
  expect(message).toMatchObject({ reason: 'unknown_outcome', lead_id: null })
  return message
}

onEachDatabase('an order of which nobody knows whether it has a lead', (database) => {
  let parom: Parom
  let admin: ReturnType<typeof createVisitor>
  let _csrf: string
  const logged: string[] = []
  beforeAll(async () => {
    const log = pino({ level: 'info' }, { write: (line: string) => logged.push(line) })
    parom = await startParom({ databaseUrl: await database.fresh(), log })
    await parom.sandbox.faults([noMarker])
    admin = createVisitor(parom.url)
    await admin.signIn()
    _csrf = formWith('_csrf', /./, (await admin.visit('/app/transactions')).text)['_csrf'] ?? ''
  })
  afterAll(() => parom.close())
  const page = (id: string) => `/app/transactions/${id}`
  const again = (id: string, fields: Record<string, string> = {}) =>
    admin.submit(`${page(id)}/redeliveries`, { _csrf, ...fields })
  const leadsOf = async () => (await parom.sandbox.state()).leads as { id: number }[]

  it.each([
    ['its number', (id: number) => ` ${id} `],
    ['its address', (id: number) => `${parom.sandbox.url}/leads/detail/${id}?tab=1#x`],
  ])('goes on with the lead that a person has found, told by %s', async (_, tell) => {
    const { id } = await orderOfUnknownOutcome(parom)
    const { text } = await admin.visit(page(id))
    expect(text).toContain('Неизвестно, создана ли сделка')
    const leads = await leadsOf()
    const lost = leads.at(-1)?.id ?? 0
    const { status } = await again(id, { ...formWith('outcome', /^created/, text), lead: tell(lost) })
    expect(status).toBe(303)
    expect(await parom.reaches(id, 'delivered')).toMatchObject({ lead_id: lost, reason: null, error: null })
    expect(await leadsOf()).toHaveLength(leads.length)
    const { notes } = await parom.sandbox.state()
    expect(notes.filter((note: { entity_id: number }) => note.entity_id === lost)).toHaveLength(1)
    expect(logged.join('')).toMatch(new RegExp(`"message":"${id}","login":"admin","lead":${lost},`))
  })

  it('makes the lead when a person says that there is none', async () => {
    const { id } = await orderOfUnknownOutcome(parom)
    const form = formWith('outcome', 'not_created', (await admin.visit(page(id))).text)
    const leads = (await leadsOf()).length
    await Promise.all([again(id, form), again(id, form)])
    await parom.reaches(id, 'delivered')
    expect((await again(id, form)).status).toBe(303)
    expect(await parom.reaches(id, 'delivered')).toMatchObject({ edition: 1 })
    expect(await leadsOf()).toHaveLength(leads + 1)
  })

  it('takes no lead that there is not, or that is another order’s, and nothing without an answer', async () => {
    const other = await deliveredOrder(parom)
    const before = await orderOfUnknownOutcome(parom)
    const form = formWith('outcome', /^created/, (await admin.visit(page(before.id))).text)
    for (const [lead, status, words] of [
      ['', 422, 'Это не номер сделки и не её адрес'],
      ['77 или 78', 422, 'Это не номер сделки и не её адрес'],
      ['999999999999', 422, 'В amoCRM нет сделки 999999999999'],
      [String(other.lead_id), 409, 'принадлежит другому заказу'],
    ] as const) {
      const answer = await again(before.id, { ...form, lead })
      expect(answer).toMatchObject({ status, text: expect.stringContaining(words) })
    }
    await parom.sandbox.faults([noMarker, { method: 'GET', path: '/api/v4/leads/*', effect: 'status', status: 500 }])
    const answer = await again(before.id, { ...form, lead: '12345' })
    expect(answer).toMatchObject({ status: 502, text: expect.stringContaining('ничего не изменилось: GET') })
    await parom.sandbox.faults([noMarker])
    // An old page, from before another attempt; no answer at all; and a bulk that never makes a second lead.
    expect((await again(before.id, { outcome: 'not_created', attempts: '1' })).status).toBe(303)
    expect((await again(before.id)).status).toBe(303)
    const everything = await admin.submit('/app/transactions/redeliveries', { _csrf, state: 'dead' })
    expect(everything.location).toContain('queued=0')
    expect(await parom.inbox.find(before.id)).toEqual(before)
  })
})

describe('a viewer', () => {
  it('sees no forms that send, stop or decide anything, and may use none', async () => {
    const { folder, remove } = configWithUsers([
      { login: 'viewer', name: 'Смотритель', password: await hash('viewer-password'), roles: ['viewer'] },
    ])
    const parom = await startParom({ databaseUrl: 'sqlite::memory:', env: { CONFIG_DIR: folder } })
    const orders = [await deliveredOrder(parom), await orderOfUnknownOutcome(parom)]
    const viewer = createVisitor(parom.url)
    await viewer.signIn('viewer', 'viewer-password')
    const { _csrf = '' } = formWith('_csrf', /./, (await viewer.visit('/app/transactions')).text)
    const pages = ['/app/transactions?state=dead', ...orders.map(({ id }) => `/app/transactions/${id}`)]
    // What changes nothing but how he himself sees the pages.
    const harmless = ['/language', '/logout', '/app/transactions/views']
    for (const path of pages) {
      const { status, text } = await viewer.visit(path)
      const forms = [...text.matchAll(/method="post" action="([^"]*)"/g)].map(([, address = '']) => address)
      expect([status, forms.filter((address) => !harmless.includes(address))]).toEqual([200, []])
    }
    const addresses = [
      '/app/transactions/redeliveries',
      '/app/delivery/pause',
      '/app/delivery/resume',
      ...orders.map(({ id }) => `/app/transactions/${id}/redeliveries`),
    ]
    const form = { _csrf, state: 'dead', words: 'вторая сделка', edition: '1', outcome: 'not_created', attempts: '2' }
    for (const path of addresses) expect((await viewer.submit(path, form)).status, path).toBe(403)
    for (const order of orders) expect(await parom.inbox.find(order.id)).toEqual(order)
    await parom.close()
    remove()
  })
})

describe('the number of a lead', () => {
  it.each([
    ['123', 123],
    [' 123\n', 123],
    ['https://shop.amocrm.ru/leads/detail/123', 123],
    ['https://shop.amocrm.ru/leads/detail/123/?tab_id=x#y', 123],
    ['HTTP://127.0.0.1:3001/leads/detail/123', 123],
    ['', null],
    ['0', null],
    ['-5', null],
    ['1.5', null],
    ['1e5', null],
    ['12 34', null],
    ['9'.repeat(16), null],
    ['https://shop.amocrm.ru/contacts/detail/123', null],
    ['https://shop.amocrm.ru/leads/detail/', null],
    ['javascript:123', null],
  ])('in «%s» is %s', (text, number) => expect(leadNumber(text)).toBe(number))

  it('is a whole number or none, whatever is typed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const number = leadNumber(text)
        expect(number === null || (Number.isSafeInteger(number) && number > 0)).toBe(true)
      }),
    )
  })
})
