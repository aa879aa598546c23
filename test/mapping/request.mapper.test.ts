import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTranslate } from '../../src/config/translate.ts'
import { noteWithWarnings, splitNote } from '../../src/mapping/note.ts'
import { formatMoney, formatQuantity, parseNumber } from '../../src/mapping/numbers.ts'
import { type Form, mapOrder, type Rules } from '../../src/mapping/request.mapper.ts'
import type { Order } from '../../src/order/order.ts'
import { parseOrder } from '../../src/order/parse.ts'
import { leadFields } from './lead-fields.ts'

const translate = createTranslate(
  { 'default.lead_name': 'Заявка Партнера', 'order.product': '{{name}}, {{quantity}}шт.' },
  'ru',
)

const form: Form = { pipeline_id: 1, status_id: 2, lead_name: '', mapping: {}, logic: {}, tags: { lead: [] } }

function rules(changes: Partial<Form> = {}, amoFields: Rules['amoFields'] = {}): Rules {
  return {
    forms: { default: { ...form, ...changes }, vip: { ...form, pipeline_id: 9 } },
    amoFields,
    leadFields,
    translate,
  }
}

function order(parts: Partial<Order> = {}): Order {
  return { fields: {}, meta: {}, products: [], ...parts }
}

const product = (name: string, quantity = '1') => ({ id: '1', name, quantity, price: '', total: '' })

describe('the name of the lead', () => {
  it.each([
    ['', [], 'Заявка Партнера'],
    ['', ['Бак', 'Насос'], 'Бак, Насос'],
    ['Заказ из ЛК', [], 'Заказ из ЛК'],
    ['Заказ из ЛК', ['Бак'], 'Заказ из ЛК, Бак'],
  ])('of form «%s» and products %j is «%s»', (lead_name, names, expected) => {
    const plan = mapOrder(order({ products: names.map((name) => product(name)) }), rules({ lead_name }))
    expect(plan.lead.name).toBe(expected)
  })

  it('is taken from the order where the mapping says so', () => {
    const mapping = { title: { mapped_id: 'lead_name' } }
    expect(
      mapOrder(order({ fields: { title: 'Срочно' }, products: [product('Бак')] }), rules({ mapping })).lead.name,
    ).toBe('Срочно, Бак')
  })

  it('is cut to what the CRM can hold, never within a character', () => {
    const { name } = mapOrder(order({ products: [product('🚢'.repeat(300))] }), rules()).lead
    expect(Array.from(name)).toHaveLength(255)
    expect(name.endsWith('🚢…')).toBe(true)
  })
})

describe('mapping', () => {
  it('puts one value into several fields, by id, name or code', () => {
    const amoFields = { a: { id: 685731 }, b: { name: 'Способ оплаты' }, c: { code: 'UTM_SOURCE' } }
    const plan = mapOrder(
      order({ fields: { x: 'да' } }),
      rules({ mapping: { x: { mapped_id: ['a', 'b', 'c'] } } }, amoFields),
    )
    expect(plan.lead.fields.map(({ fieldId, value }) => [fieldId, value])).toEqual([
      [685731, 'да'],
      [685743, 'да'],
      [685753, 'да'],
    ])
  })

  it('sends an order elsewhere by the values of its fields, pipeline and stage each for itself', () => {
    const logic = {
      payment: { cod: { pipeline_id: 5, status_id: 6 }, card: { status_id: 7 } },
      city: { Пермь: { pipeline_id: 8 } },
    }
    const routeOf = (fields: Record<string, unknown>) => {
      const { pipelineId, statusId } = mapOrder(order({ fields }), rules({ logic })).lead
      return [pipelineId, statusId]
    }
    expect(routeOf({})).toEqual([1, 2])
    expect(routeOf({ payment: 'cod' })).toEqual([5, 6])
    expect(routeOf({ payment: ' card , cod' })).toEqual([5, 6])
    expect(routeOf({ payment: 'cod', city: 'Пермь' })).toEqual([8, 6])
    expect(routeOf({ payment: ['card'] })).toEqual([1, 7])
    expect(routeOf({ payment: 'constructor' })).toEqual([1, 2])
  })

  it('makes tags of texts and of what the order says', () => {
    const tags = { lead: ['lk', 'mapping###interests', 'mapping###nothing'] }
    expect(mapOrder(order({ fields: { interests: 'баки, насосы,, баки' } }), rules({ tags })).lead.tags).toEqual([
      'lk',
      'баки',
      'насосы',
    ])
  })

  it('writes constants, and passes over what has no place yet', () => {
    const mapping = { 'custom###source': { mapped_id: 'a', value: 'ЛК' }, lastname: { mapped_id: 'contact_name' } }
    const plan = mapOrder(order({ fields: { lastname: 'Ким' } }), rules({ mapping }, { a: { id: 685731 } }))
    expect(plan.lead.fields).toEqual([{ field: 'a', fieldId: 685731, value: 'ЛК' }])
    expect(plan.warnings).toEqual([])
  })

  it('lets the last of two fields on one target win', () => {
    const mapping = { x: { mapped_id: 'a' }, y: { mapped_id: 'a' } }
    const plan = mapOrder(order({ fields: { x: '1', y: '2' } }), rules({ mapping }, { a: { id: 685731 } }))
    expect(plan.lead.fields).toEqual([{ field: 'a', fieldId: 685731, value: '2' }])
  })

  it('warns of a field that the account lacks or that holds something else than text', () => {
    const mapping = { x: { mapped_id: ['gone', 'date'] } }
    const plan = mapOrder(
      order({ fields: { x: 'завтра' } }),
      rules({ mapping }, { gone: { id: 1 }, date: { id: 685751 } }),
    )
    expect(plan.lead.fields).toEqual([])
    expect(plan.warnings).toEqual([
      { code: 'field_unknown', params: { field: 'gone (id 1)', value: 'завтра' } },
      { code: 'field_type', params: { field: 'Дата доставки', type: 'date', value: 'завтра' } },
    ])
  })

  it('chooses the form that the order names, and default for any other', () => {
    expect(mapOrder(order({ meta: { form_id: 'vip' } }), rules())).toMatchObject({
      form: 'vip',
      lead: { pipelineId: 9 },
    })
    for (const form_id of ['nowhere', '__proto__', 'constructor', ['vip', 'vip']]) {
      expect(mapOrder(order({ meta: { form_id } }), rules())).toMatchObject({
        form: 'default',
        lead: { pipelineId: 1 },
      })
    }
  })

  it.each([
    [undefined, null],
    ['', null],
    ['0', null],
    [0, null],
    [1, '1'],
    [' 42 ', '42'],
    ['01', '01'],
  ])('reads customer_id %j as partner %j', (customer_id, partnerId) => {
    expect(mapOrder(order({ meta: { customer_id } }), rules()).partnerId).toBe(partnerId)
  })

  it('never throws and never loses a product, whatever is in the body', async () => {
    const keys = fc.constantFrom(
      'products',
      'total',
      'lastname',
      'customer_id',
      'form_id',
      '__proto__',
      'constructor',
      'toString',
    )
    const body = fc.dictionary(fc.oneof(keys, fc.string()), fc.jsonValue({ maxDepth: 5 }))
    const mapping = {
      total: { mapped_id: 'lead_price' },
      lastname: { mapped_id: ['a', 'lead_name'] },
      ['__proto__']: { mapped_id: 'a' },
    }
    await fc.assert(
      fc.asyncProperty(body, async (value) => {
        const parsed = await parseOrder({
          source: 'lk',
          contentType: 'application/json',
          body: Buffer.from(JSON.stringify(value)),
        })
        const plan = mapOrder(parsed, rules({ mapping }, { a: { id: 685731 } }))
        expect(plan.lead.name.length).toBeGreaterThan(0)
        expect(new Set(parsed.products.map(({ name }) => name))).toEqual(new Set(plan.products.map(({ name }) => name)))
        for (const { quantity } of plan.products) expect(quantity).toBeGreaterThan(0)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('numbers', () => {
  const plain = (text: string) => text.replaceAll('\u00a0', ' ')

  it.each([
    ['12500.0000', '12 500'],
    ['104200', '104 200'],
    ['10.50', '10,50'],
    ['10,5', '10,50'],
    ['1 250,99', '1 250,99'],
    ['0.005', '0,01'],
    ['99.999', '100'],
    ['-5', '-5'],
    ['бесплатно', 'бесплатно'],
    ['1e3', '1e3'],
    ['', ''],
  ])('writes money %j as «%s»', (text, expected) => expect(plain(formatMoney(text))).toBe(expected))

  it.each([
    ['3', '3'],
    ['1.5', '1,5'],
    ['1000', '1 000'],
    ['пара', 'пара'],
  ])('writes quantity %j as «%s»', (text, expected) => expect(plain(formatQuantity(text))).toBe(expected))

  it.each([['Infinity'], ['NaN'], ['0x10'], ['1,234,567'], ['--1'], ['.'], ['1'.repeat(400)]])(
    'takes %j for no number',
    (text) => expect(parseNumber(text)).toBeNull(),
  )
})

it('takes no longer over a hostile number than over another', () => {
  const before = performance.now()
  expect(parseNumber(`${'1'.repeat(1_000_000)}x`)).toBeNull()
  expect(formatMoney(`${' '.repeat(1_000_000)}1`)).toContain('1')
  expect(performance.now() - before).toBeLessThan(500)
})

describe('a note', () => {
  it('names what could not be placed', () => {
    const text = noteWithWarnings('заказ', [{ code: 'x', params: {} }], (key) => `<${key}>`)
    expect(text).toBe('заказ\n======\n<order.warnings>:\n• <warning.x>')
  })

  it('is split between lines, and loses nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 12_000, unit: 'grapheme' }), { maxLength: 8 }), (lines) => {
        const text = lines.join('\n')
        const parts = splitNote(text)
        for (const part of parts) expect(Array.from(part).length).toBeLessThanOrEqual(10_000)
        expect(parts.join('').replaceAll('\n', '')).toBe(text.replaceAll('\n', ''))
      }),
      { numRuns: 50 },
    )
    expect(splitNote('одна строка')).toEqual(['одна строка'])
  })
})
