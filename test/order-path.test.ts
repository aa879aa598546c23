import { afterEach, beforeEach, expect, it } from 'vitest'
import { onEachDatabase } from './support/databases.ts'
import { anOrder, asForm, sampleOrder } from './support/orders.ts'
import { startParom } from './support/parom.ts'

onEachDatabase('the path of an order', (database) => {
  let parom: Awaited<ReturnType<typeof startParom>>
  beforeEach(async () => {
    parom = await startParom({ databaseUrl: await database.fresh() })
  })
  afterEach(() => parom.close())

  async function deliver(body: string, headers?: Record<string, string>) {
    const answer = await parom.post(body, headers)
    expect(answer).toMatchObject({ status: 200 })
    return parom.reaches(answer.body.id, 'delivered')
  }

  async function onlyLead() {
    const { leads, notes, elements } = await parom.sandbox.state()
    expect(leads).toHaveLength(1)
    expect(notes).toHaveLength(1)
    const [lead] = leads
    const nameOf = (id: number) => elements.find((element: { id: number }) => element.id === id)?.name
    return {
      ...lead,
      note: notes[0].params.text.replaceAll('\u00a0', ' '),
      fields: Object.fromEntries(
        lead.custom_fields_values.map((field: { field_name: string; values: { value: string }[] }) => [
          field.field_name,
          field.values[0]?.value,
        ]),
      ),
      products: Object.fromEntries(
        lead._embedded.catalog_elements.map((link: { id: number; metadata: { quantity: number } }) => [
          nameOf(link.id),
          link.metadata.quantity,
        ]),
      ),
      contacts: lead._embedded.contacts.map(({ id, is_main }: { id: number; is_main: boolean }) => ({ id, is_main })),
    }
  }

  it('turns the sample order into one lead with contact, fields, products and note', async () => {
    const { status, body } = await parom.post(sampleOrder)
    expect(status).toBe(200)
    expect(body).toEqual({ status: 200, id: expect.stringMatching(/^[0-9a-f-]{36}$/) })

    const message = await parom.reaches(body.id, 'delivered')
    const lead = await onlyLead()
    expect(lead).toMatchObject({
      id: message.lead_id,
      name: 'Автоклав - Бак с переливом, Бак - Реактор, Бак из черного метала - 300 л.',
      price: 104200,
      pipeline_id: 1731979,
      status_id: 26034988,
      contacts: [{ id: 7143599, is_main: true }],
    })
    expect(lead._embedded.tags.map((tag: { name: string }) => tag.name)).toEqual(['dropshipping'])
    expect(lead.fields).toEqual({
      Покупатель: 'Ross',
      'Телефон покупателя': '323232333',
      'E-mail покупателя': '4601partner@localhost.net',
      'Адрес: улица': '203 Fabien Lane',
      'Адрес: город': 'Nisi dolorum et quod',
      'Способ оплаты': 'На карту Приват Банка',
      'Способ доставки': 'Новая почта (на отделение)',
      Комментарий: 'Beatae atque et veni',
      'Ключ заказа Parom': body.id,
    })
    expect(lead.products).toEqual({
      'Автоклав - Бак с переливом': 3,
      'Бак - Реактор': 6,
      'Бак из черного метала - 300 л.': 1,
    })
    expect(lead.note.split('\n')).toEqual([
      'Товары ',
      '======',
      'Автоклав - Бак с переливом, 3шт., цена: 12 500, итого: 12 500',
      'Бак - Реактор, 6шт., цена: 84 000, итого: 84 000',
      'Бак из черного метала - 300 л., 1шт., цена: 7 700, итого: 7 700',
      'Итого: 104 200',
      '======',
      'Покупатель : Ross',
      'Телефон : 323232333',
      'Метод оплаты : На карту Приват Банка',
      'Метод доставки : Новая почта (на отделение)',
      'Отделение/Адрес : 203 Fabien Lane',
      'Город/село : Nisi dolorum et quod',
      'Комментарий : Beatae atque et veni',
      'Партнер, id : 1',
    ])
  })

  it('makes no second lead when the same order comes again', async () => {
    const first = await parom.post(sampleOrder)
    await parom.reaches(first.body.id, 'delivered')
    const again = await parom.post(sampleOrder)
    expect(again.body).toEqual({ status: 200, id: first.body.id, duplicate: true })
    expect(await parom.inbox.find(first.body.id)).toMatchObject({ duplicates: 1 })
    await onlyLead()
  })

  it('takes the same cart for a new order once the window is over', async () => {
    const first = await parom.post(sampleOrder)
    await parom.reaches(first.body.id, 'delivered')
    parom.advance(10 * 60_000 + 1)
    const second = await parom.post(sampleOrder)
    expect(second.body).toEqual({ status: 200, id: expect.not.stringMatching(first.body.id) })
    await parom.reaches(second.body.id, 'delivered')
    expect((await parom.sandbox.state()).leads).toHaveLength(2)
  })

  it('reads the order from JSON, with numbers where PHP has texts', async () => {
    const message = await deliver(JSON.stringify(anOrder({ customer_id: '2', total: 12500.5 })), {
      'content-type': 'application/json; charset=utf-8',
    })
    expect(message).toMatchObject({ partner_id: '2', phone_digits: '79123456789' })
    const lead = await onlyLead()
    expect(lead).toMatchObject({ price: 12501, contacts: [{ id: 7143601, is_main: true }] })
    expect(lead.note).toContain('Итого: 12 500,50')
  })

  it('reads the order from multipart', async () => {
    const form = new FormData()
    for (const [name, value] of new URLSearchParams(asForm(anOrder({ comment: 'Быстрее, пожалуйста 🙏' }))))
      form.append(name, value)
    const response = await fetch(`${parom.url}/api/order/create`, { method: 'POST', body: form })
    const { id } = (await response.json()) as { id: string }
    await parom.reaches(id, 'delivered')
    const lead = await onlyLead()
    expect(lead.fields['Комментарий']).toBe('Быстрее, пожалуйста 🙏')
    expect(lead.products).toEqual({ 'Автоклав - Бак с переливом': 1 })
  })

  it('decodes the entities that the shop keeps its texts in', async () => {
    await deliver(
      asForm(
        anOrder({
          lastname: 'O&#039;Нил &amp; Ко',
          products: [
            {
              product_id: '7',
              name: 'Бак &quot;Премиум&quot; &amp; Ко',
              quantity: '1.5',
              price: '10.50',
              total: '15.75',
            },
          ],
        }),
      ),
    )
    const lead = await onlyLead()
    expect(lead.name).toBe('Бак "Премиум" & Ко')
    expect(lead.products).toEqual({ 'Бак "Премиум" & Ко': 1.5 })
    expect(lead.fields['Покупатель']).toBe("O'Нил & Ко")
    expect(lead.note).toContain('Бак "Премиум" & Ко, 1,5шт., цена: 10,50, итого: 15,75')
  })

  it('adds up a product that stands on two lines', async () => {
    const line = { product_id: '194', name: 'Автоклав - Бак с переливом', price: '1', total: '1' }
    await deliver(
      asForm(
        anOrder({
          products: [
            { ...line, quantity: 2 },
            { ...line, quantity: 5 },
          ],
        }),
      ),
    )
    expect((await onlyLead()).products).toEqual({ 'Автоклав - Бак с переливом': 7 })
  })

  it('carries an order of 150 products whole', async () => {
    const { elements } = await parom.sandbox.state()
    const known = elements.slice(0, 60).map(({ name }: { name: string }) => name)
    const names: string[] = [...known, ...Array.from({ length: 90 }, (_, index) => `Новинка ${index}`)]
    const products = names.map((name, index) => ({
      product_id: String(index + 1),
      name,
      quantity: index + 1,
      price: '100.0000',
      total: '100.0000',
    }))
    const message = await deliver(asForm(anOrder({ products })))
    const lead = await onlyLead()
    expect(Object.keys(lead.products)).toHaveLength(60)
    expect(lead.products[known[59]]).toBe(60)
    expect(lead.note).toContain('Новинка 89, 150шт.')
    expect(JSON.parse(message.warnings ?? '[]')).toHaveLength(1)
    expect(lead.note).toContain('не привязано к сделке: «Новинка 0», «Новинка 1»')
  })

  it.each([
    ['an unknown partner', { customer_id: '777' }, 'Нет контакта с id партнёра 777'],
    ['a guest', { customer_id: '0' }, 'В заказе нет id партнёра'],
    ['a partner id that only looks alike', { customer_id: '01' }, 'Нет контакта с id партнёра 01'],
    ['no products and no total', { products: [], total: '' }, null],
    ['a total that is no number', { total: 'по договорённости' }, 'Бюджет сделки «по договорённости»'],
    [
      'a product that the catalog lacks',
      { products: [{ product_id: '9', name: 'Дирижабль', quantity: 1 }] },
      'Нет в каталоге amoCRM и не привязано к сделке: «Дирижабль»',
    ],
    [
      'a quantity that is no number',
      { products: [{ product_id: '194', name: 'Бак - Реактор', quantity: 'много' }] },
      'Количество «много»',
    ],
    ['a list where a text belongs', { lastname: ['Ким', 'Пак'] }, null],
    ['a text too long for its field', { lastname: 'Я'.repeat(300) }, 'длиннее 256 знаков'],
  ])('makes the lead all the same for %s, and says so in the note', async (_case, fields, warning) => {
    const message = await deliver(asForm(anOrder(fields)))
    const lead = await onlyLead()
    expect(message.lead_id).toBe(lead.id)
    if (warning) expect(lead.note).toContain(warning)
    else expect(lead.note).not.toContain('Обратите внимание')
  })

  it('finds a partner and a product that were made after the last look', async () => {
    await deliver(asForm(anOrder()))
    const { access_token } = await parom.sandbox.credentials()
    const create = (path: string, body: object[]) =>
      fetch(`${parom.sandbox.url}${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    expect(
      (
        await create('/api/v4/contacts', [
          { name: 'Новый партнёр', custom_fields_values: [{ field_id: 641351, values: [{ value: 'P-900' }] }] },
        ])
      ).status,
    ).toBe(200)
    expect((await create('/api/v4/catalogs/4521/elements', [{ name: 'Дирижабль' }])).status).toBe(200)

    parom.advance(61_000)
    await parom.sandbox.advance(61_000)
    const message = await deliver(
      asForm(anOrder({ customer_id: 'P-900', products: [{ product_id: '9', name: 'Дирижабль', quantity: 1 }] })),
    )
    expect(message.warnings).toBe('[]')
  })
})
