import { gzipSync } from 'node:zlib'
import qs from 'qs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { onEachDatabase } from '../support/databases.ts'
import { asMultipart, inCp1251, pairsOf } from '../support/orders.ts'
import { startParom } from '../support/parom.ts'

const form = 'application/x-www-form-urlencoded'

/** As large as orders of the partner cabinet get: far beyond the 1,000 parameters and 20 items that parsers of forms stop at. */
function largeOrder(comment: string) {
  const products = Array.from({ length: 150 }, (_, index) => ({
    product_id: String(index + 1),
    name: index % 2 ? 'Бак - Реактор' : 'Автоклав - Бак с переливом',
    model: '',
    quantity: String(index + 1),
    price: '100',
    total: String(100 * (index + 1)),
    reward: '0',
    option: [{ name: 'Цвет', value: 'красный' }],
    tax: '0',
    download: '',
    subtract: '1',
  }))
  return { customer_id: '1', total: '1132500', products, comment }
}

function percentEncoded(bytes: Buffer) {
  return bytes.toString('latin1').replace(/[^\w.]/g, (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, '0')}`)
}

function asCp1251Form(order: object) {
  return pairsOf(order)
    .map((pair) => pair.map((text) => percentEncoded(inCp1251(text))).join('='))
    .join('&')
}

onEachDatabase('an order of 150 products and 1,800 parameters', (database) => {
  let parom: Awaited<ReturnType<typeof startParom>>
  let orders = 0
  beforeAll(async () => {
    parom = await startParom({ databaseUrl: await database.fresh() })
  })
  afterAll(() => parom.close())

  it.each<[string, (order: object) => string | Buffer, Record<string, string>]>([
    ['a form', (order) => qs.stringify(order), { 'content-type': form }],
    ['multipart', asMultipart, { 'content-type': 'multipart/form-data; boundary=b' }],
    ['JSON', JSON.stringify, { 'content-type': 'application/json' }],
    ['a form in CP1251', asCp1251Form, { 'content-type': `${form}; charset=windows-1251` }],
    ['a form in CP1251 that does not say so', asCp1251Form, { 'content-type': form }],
    ['a form in gzip', (order) => gzipSync(qs.stringify(order)), { 'content-type': form, 'content-encoding': 'gzip' }],
  ])('reaches its lead uncut as %s', async (_, write, headers) => {
    const order = largeOrder(`Последнее поле заказа ${++orders}`)
    expect(pairsOf(order).length).toBeGreaterThan(1700)
    const { status, body } = await parom.post(write(order), headers)
    expect(status).toBe(200)
    const { lead_id } = await parom.reaches(body.id, 'delivered')

    const { leads, notes } = await parom.sandbox.state()
    const lead = leads.find(({ id }: { id: number }) => id === lead_id)
    expect(lead.price).toBe(1_132_500)
    expect(JSON.stringify(lead.custom_fields_values)).toContain(order.comment)
    const linked = lead._embedded.catalog_elements.map(({ metadata }: { metadata: { quantity: number } }) => metadata)
    expect(linked.map(({ quantity }: { quantity: number }) => quantity).sort()).toEqual([5625, 5700])
    const note = notes.find(({ entity_id }: { entity_id: number }) => entity_id === lead_id)
    expect(note.params.text).toContain('Бак - Реактор (Цвет: красный), 100шт.')
  })
})
