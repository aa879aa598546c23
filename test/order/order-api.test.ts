import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { createMapper, type Mapper } from '../../src/mapping/request.mapper.ts'
import { apiFormats, textOf } from '../../src/order/order.ts'
import { parseOrder, type Received } from '../../src/order/parse.ts'
import { goldenAccount } from '../fixtures/golden-account.ts'
import { readGoldenRules } from '../support/golden.ts'

const parse = (body: object, known: Partial<Received> = {}) =>
  parseOrder({
    source: 'api-ro',
    contentType: 'application/json',
    body: Buffer.from(JSON.stringify(body)),
    format: 'create-order',
    ...known,
  })

const item = { productId: 1, itemId: 2, name: 'Бак', price: 10.1, quantity: 3, status: 3 }

describe('an order of the order API', () => {
  it.each([
    ['what the shop says', { summWithoutDelivery: 25, items: [item] }, '25'],
    ['that as a text', { summWithoutDelivery: '25,50', items: [item] }, '25,50'],
    ['the items, where it says nothing', { items: [item, { ...item, quantity: '2' }] }, '50.5'],
    ['the items, where it says zero', { summWithoutDelivery: 0, items: [item] }, '30.3'],
    [
      'no more than kopecks',
      {
        items: [
          { ...item, price: 0.1 },
          { ...item, price: 0.2, quantity: 1 },
        ],
      },
      '0.5',
    ],
    ['nothing, where a price is no number', { items: [item, { ...item, price: 'дорого' }] }, undefined],
    ['nothing, where there are no items', { items: [] }, undefined],
  ])('totals %s', async (_, body, total) => {
    expect((await parse(body)).fields['total']).toBe(total)
  })

  it.each(['[email\u00a0protected]', '[email protected]'])('takes %j for no e-mail', async (email) => {
    expect((await parse({ email })).fields['email']).toBe('')
  })

  it('has partner, form and code from us, whatever its body says', async () => {
    const said = { customer_id: '1', form_id: 'default', order_id: 'A-17', total: '1', items: [item] }
    const sender = { partnerId: '42', form: 'callback' }
    const { fields, meta } = await parse(said, { code: 'RO0000-00001', sender })
    expect(meta).toEqual({ customer_id: '42', form_id: 'callback', order_id: 'A-17', total: '1' })
    expect(fields).toMatchObject({ order_id: 'RO0000-00001', total: '30.3' })
    expect((await parse(said, { sender: { partnerId: null, form: null } })).meta).not.toHaveProperty('customer_id')
  })

  it('keeps what delivery costs unless it is nothing', async () => {
    const { totals } = await parse({ totalDeliveryPrice: '490.50', deliveryIntervalCost: 0 })
    expect(totals).toEqual([{ title: 'totalDeliveryPrice', value: '490.50' }])
  })
})

const names = [
  ...['name', 'email', 'phone', 'deliveryType', 'deliveryCompany', 'lgsTerminalCode', 'address', 'comment', 'items'],
  ...['paymentOption', 'desiredDeliveryDate', 'desiredDeliveryInterval', 'totalDeliveryPrice', 'summWithoutDelivery'],
  ...['totalWeight', 'order_id', 'total', 'addressText', 'customer_id', 'form_id', '__proto__', 'toString', 'своё'],
]
const inside = ['city', 'house', 'elevator', 'latitude', 'productId', 'itemId', 'parentId', 'name', 'price', 'quantity']
const name = fc.oneof(fc.constantFrom(...names, ...inside, 'status', 'deliveryPrice', 'constructor'), fc.string())

const scalar = fc.oneof(
  fc.constantFrom<unknown>(
    1,
    5,
    39,
    77,
    0,
    '2',
    3,
    1626695813,
    '1626695813000',
    'address',
    'external',
    'pickpoint',
    1e300,
  ),
  fc.constantFrom<unknown>(
    '8 999 123-45-67 доб. 5',
    '[email\u00a0protected]',
    'a@b.ru',
    '&amp;',
    '\ud83d',
    '12 554,50 ₽',
  ),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
)
const { any } = fc.letrec<{ any: unknown }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    scalar,
    fc.array(tie('any'), { maxLength: 4 }),
    fc.dictionary(name, tie('any'), { maxKeys: 6 }),
  ),
}))
const body = fc
  .record({
    rest: fc.dictionary(name, any, { maxKeys: 10 }),
    items: fc.array(fc.dictionary(name, any, { maxKeys: 6 })),
  })
  .map(({ rest, items }) => ({ ...rest, ...(items.length > 0 ? { items } : {}) }))

describe('any body', () => {
  let mapOrder: Mapper
  beforeAll(async () => {
    mapOrder = createMapper(await readGoldenRules(), goldenAccount)
  })

  it('becomes an order in words and a plan, and nothing of it is lost', async () => {
    await fc.assert(
      fc.asyncProperty(body, fc.constantFrom(...apiFormats), async (sent, format) => {
        const order = await parse(sent, { format, code: 'RO0000-00001' })
        const { lead, note } = mapOrder(order)
        expect(lead.name).not.toBe('')
        expect(note).toContain('RO0000-00001')
        expect(JSON.stringify({ lead, note }).isWellFormed()).toBe(true)
        const kept = textsIn(order).join('\n')
        for (const text of textsIn(await asDecoded(sent))) expect(isIn(kept, text), text).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })
})

/** The body with its texts as every order has them: an unknown order keeps all of it as fields. */
async function asDecoded(sent: object) {
  const { fields } = await parseOrder({
    source: 'lk',
    contentType: 'application/json',
    body: Buffer.from(JSON.stringify({ whole: sent })),
  })
  return fields['whole']
}

/** Every value that is no list and no object. */
function textsIn(value: unknown): string[] {
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [textOf(value)]
}

/** Options of products that are objects have become JSON. */
function isIn(kept: string, text: string) {
  if (/^\[email.protected\]$/u.test(text)) return true
  const written = /^8 999 123-45-67/.test(text) && !kept.includes(text) ? '+79991234567, доб. 5' : text
  return kept.includes(written) || kept.includes(JSON.stringify(written).slice(1, -1))
}
