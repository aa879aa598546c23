import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ApiFormat } from '../../src/order/order.ts'
import { acceptApiOrder, addShop } from '../support/api-shops.ts'
import { seeLead } from '../support/crm-sight.ts'
import { onEachDatabase } from '../support/databases.ts'
import { startParom } from '../support/parom.ts'

const example = (format: ApiFormat) =>
  JSON.parse(readFileSync(join(import.meta.dirname, `../fixtures/api/${format}.json`), 'utf8'))

onEachDatabase('the delivery of orders of the order API', (database) => {
  let parom: Awaited<ReturnType<typeof startParom>>
  let shop: string
  let partnersShop: string
  beforeAll(async () => {
    const databaseUrl = await database.fresh()
    parom = await startParom({ databaseUrl })
    shop = (await addShop(databaseUrl)).source
    const settings = { partner_id: '42', form: null }
    partnersShop = (await addShop(databaseUrl, { email: 'partner@shop.example', settings })).source
  })
  afterAll(() => parom.close())

  const accept = (format: ApiFormat, body: object, { source = shop, code = 'RO0000-00001' } = {}) =>
    acceptApiOrder(parom.inbox, { source, format, code, body })
  async function deliver(...order: Parameters<typeof accept>) {
    const message = await parom.reaches(await accept(...order), 'delivered')
    const state = await parom.sandbox.state()
    const codes = JSON.parse(message.warnings ?? '[]').map(({ code }: { code: string }) => code)
    return { message, lead: seeLead(message.lead_id ?? 0, state), codes }
  }

  it.each([
    ['create-order', 'Заказ, Смартфон Xiaomi', 'заказ', 25108],
    ['buy-click', 'Купить в 1 клик, Смартфон Xiaomi', '1 клик', 25108],
    ['callback', 'Обратный звонок', 'обратный звонок', 0],
  ] as const)('makes of the document’s %s a lead of its own form', async (format, name, tag, price) => {
    const { message, lead } = await deliver(format, example(format))
    expect(message).toMatchObject({
      form: format,
      order_number: 'RO0000-00001',
      phone_digits: '79999999999',
      email: null,
    })
    expect(lead).toMatchObject({ name: expect.stringContaining(name), tags: [tag], price })
    expect(lead.fields['Номер заказа']).toEqual(['RO0000-00001'])
    expect(lead.contacts.map((contact) => contact.name)).toEqual(['Иванов Иван Иванович'])
  })

  it('misses no partner where the shop has none', async () => {
    expect((await deliver('callback', { phone: '8 921 700-11-22', name: 'Олег' })).codes).toEqual([])
  })

  it('links the partner to whom the shop is tied, and the buyer, whomever the body names', async () => {
    const body = { phone: '+7 921 700-33-44', name: 'Анна', customer_id: '1' }
    const { message, lead, codes } = await deliver('callback', body, { source: partnersShop })
    expect(lead.contacts.map((contact) => [contact.name, contact.is_main])).toEqual([
      ['ООО Ромашка, закупки', true],
      ['Анна', false],
    ])
    expect([message.partner_id, codes]).toEqual(['42', []])
  })

  it.each([
    ['phone', { phone: '8 (912) 345-67-89, доб. 5', name: 'Кто-то' }, 'Росс Партнёр'],
    ['e-mail', { email: 'Partner10@shop.example', name: 'Кто-то', items: [] }, 'Анна Ким'],
  ])('finds the buyer by %s', async (_, body, name) => {
    const { lead } = await deliver('buy-click', body)
    expect(lead.contacts.map((contact) => contact.name)).toEqual([name])
  })

  it('makes one card of a new buyer whose orders come at once', async () => {
    const buyer = { phone: '+7 921 555-77-88', email: 'novy@shop.example', name: 'Новый Покупатель' }
    const ids = await Promise.all([
      accept('callback', buyer),
      accept('buy-click', { ...buyer, phone: '8-921-555-77-88', items: [] }),
      accept('create-order', { ...example('create-order'), ...buyer, phone: '89215557788' }, { source: partnersShop }),
    ])
    for (const id of ids) await parom.reaches(id, 'delivered')
    const { contacts } = await parom.sandbox.state()
    expect(contacts.filter(({ name }: { name: string }) => name === buyer.name)).toHaveLength(1)
  })

  it('knows by phone and name together a buyer who gives a phone of nines alone', async () => {
    const madeOf = async (name: string) =>
      (await deliver('callback', { phone: '8 (999) 999-99-99', name })).message.contact_id
    expect(await madeOf('Пётр Девятый')).not.toBeNull()
    expect(await madeOf('пётр  девятый'), 'he is there').toBeNull()
    expect(await madeOf('Анна Девятая')).not.toBeNull()
  })

  it('finds orders by phone and knows what they come to, also while they wait', async () => {
    const body = {
      ...example('create-order'),
      phone: '8 921 000-55-66 доб. 7',
      email: 'Find@Shop.example',
      summWithoutDelivery: 990,
    }
    const { message } = await deliver('create-order', body)
    expect(message).toMatchObject({ phone_digits: '79210005566', email: 'find@shop.example', total: 990 })
    const { messages } = await parom.inbox.list({ text: '+7 921 000-55-66', limit: 5 })
    expect(messages.map(({ id }) => id)).toEqual([message.id])
  })
})
