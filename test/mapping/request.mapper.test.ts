import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { createTranslate } from '../../src/config/translate.ts'
import type { Form } from '../../src/mapping/form.ts'
import { noteWithWarnings, splitNote } from '../../src/mapping/note.ts'
import { formatMoney, formatQuantity, parseNumber } from '../../src/mapping/numbers.ts'
import { createMapper, type Rules } from '../../src/mapping/request.mapper.ts'
import type { Order, Product } from '../../src/order/order.ts'
import { parseOrder } from '../../src/order/parse.ts'
import { account } from './account.ts'

const form: Form = {
  sources: [],
  pipeline_id: 1,
  status_id: 2,
  lead_name: '',
  entities_create: ['lead'],
  mapping: {},
  logic: {},
  tags: { lead: [], contact: [], company: [] },
  partner_not_found: 'warn',
  products: { match: ['name', 'sku'], not_found: 'warn' },
}

let standard: Omit<Rules, 'forms' | 'amoFields'>

beforeAll(async () => {
  const { templates, translations } = await loadConfig({ ENV_TYPE: 'local' })
  standard = {
    templates: { standard: templates.standard, forms: {} },
    translate: createTranslate(translations.ru, 'ru'),
    defaultNames: { contact: 'Покупатель', company: 'Компания' },
    formOfSource: new Map([['shop2', 'vip']]),
  }
})

interface Changes extends Partial<Form> {
  others?: Record<string, Partial<Form>>
}

/** Maps an order by a form that differs from the plainest in `changes`. */
function map(
  parts: Partial<Order>,
  { others = {}, ...changes }: Changes = {},
  amoFields: Rules['amoFields'] = {},
  company = standard.defaultNames.company,
) {
  const forms = Object.entries({ default: changes, ...others }).map(([name, own]) => [name, { ...form, ...own }])
  const order: Order = {
    source: 'lk',
    format: 'lk',
    fields: {},
    meta: { customer_id: '1' },
    products: [],
    vouchers: [],
    totals: [],
    ...parts,
  }
  const defaultNames = { ...standard.defaultNames, company }
  return createMapper({ ...standard, defaultNames, forms: Object.fromEntries(forms), amoFields }, account)(order)
}

function product(name: string, changes: Partial<Product> = {}): Product {
  return { id: '1', name, sku: '', options: [], quantity: '1', price: '', total: '', ...changes }
}

describe('the name of the lead', () => {
  it.each([
    ['', [], 'Заявка Партнера'],
    ['', ['Бак', 'Насос'], 'Бак, Насос'],
    ['Заказ из ЛК', [], 'Заказ из ЛК'],
    ['Заказ из ЛК', ['Бак'], 'Заказ из ЛК, Бак'],
  ])('of form «%s» and products %j is «%s»', (lead_name, names, expected) => {
    expect(map({ products: names.map((name) => product(name)) }, { lead_name }).lead.name).toBe(expected)
  })

  it('is taken from the order where the mapping says so', () => {
    const mapping = { title: { mapped_id: 'lead_name' } }
    expect(map({ fields: { title: 'Срочно' }, products: [product('Бак')] }, { mapping }).lead.name).toBe('Срочно, Бак')
  })

  it('is cut to what the CRM can hold, never within a character', () => {
    const { name } = map({ products: [product('🚢'.repeat(300))] }).lead
    expect(Array.from(name)).toHaveLength(255)
    expect(name.endsWith('🚢…')).toBe(true)
  })

  it('is one line', () => {
    const mapping = { title: { mapped_id: 'lead_name' } }
    expect(map({ fields: { title: 'Срочно\r\nкод' } }, { mapping }).lead.name).toBe('Срочно код')
  })
})

describe('the form', () => {
  const others = {
    vip: { pipeline_id: 5, status_id: 6 },
    site: { sources: ['metform'], status_id: 3 },
  }

  it('is the one that the order names', () => {
    const plan = map({ meta: { form_id: 'vip' } }, { others })
    expect(plan).toMatchObject({ form: 'vip', lead: { pipelineId: 5, statusId: 6 } })
  })

  it.each<[string, Partial<Order>, string]>([
    ['its source’s own', { source: 'shop2' }, 'vip'],
    ['its source’s own, whatever it looks like', { source: 'shop2', format: 'metform' }, 'vip'],
    ['the one for its source', { source: 'shop3' }, 'shops'],
    ['the one for its source before that for its format', { source: 'shop3', format: 'metform' }, 'shops'],
    ['the one for its format', { source: 'shop4', format: 'metform' }, 'site'],
    ['the one for its format, sent by the cabinet', { format: 'metform' }, 'site'],
    ['the one for the cabinet', {}, 'cabinet'],
    ['the one for orders like the cabinet’s', { source: 'shop4' }, 'cabinet'],
  ])('is else %s', (_, sender, name) => {
    const forms = { ...others, cabinet: { sources: ['lk'] }, shops: { sources: ['shop2', 'shop3'] } }
    expect(map({ ...sender, meta: { form_id: '77' } }, { others: forms }).form).toBe(name)
    expect(map({ ...sender, meta: { form_id: 'site' } }, { others: forms }).form).toBe('site')
  })

  it.each(['nowhere', '__proto__', 'constructor', '', ['vip', 'vip'], null])('is else default: %j', (form_id) => {
    expect(map({ meta: { form_id } }, { others })).toMatchObject({ form: 'default', lead: { pipelineId: 1 } })
  })
})

describe('pipeline, stage and user', () => {
  const logic = {
    payment: { cod: { pipeline_id: 5, status_id: 6 }, card: { status_id: 3 } },
    city: { Пермь: { pipeline_id: 5 }, '*': { responsible_user_id: 504141 } },
  }

  it.each([
    [{}, 1, 2],
    [{ payment: 'cod' }, 5, 6],
    [{ payment: ' COD' }, 5, 6],
    [{ payment: ' cod , nothing' }, 5, 6],
    [{ payment: ['card'] }, 1, 3],
    [{ payment: 'constructor' }, 1, 2],
    [{ payment: { a: [1] } }, 1, 2],
  ])('follow the values of the order: %j', (fields, pipelineId, statusId) => {
    expect(map({ fields }, { logic })).toMatchObject({ lead: { pipelineId, statusId }, warnings: [] })
  })

  it('may name a value that has a comma in it', () => {
    const ofShipping = { shipping: { 'Курьер, до двери': { status_id: 3 }, '*': { pipeline_id: 5 } } }
    expect(map({ fields: { shipping: ' Курьер, до двери' } }, { logic: ofShipping }).lead).toMatchObject({
      pipelineId: 1,
      statusId: 3,
    })
    expect(map({ fields: { shipping: 'Курьер, завтра' } }, { logic: ofShipping }).lead.pipelineId).toBe(5)
  })

  it('mean the first stage of a pipeline when a rule names the pipeline alone', () => {
    expect(map({ fields: { city: 'Пермь' } }, { logic })).toMatchObject({
      lead: { pipelineId: 5, statusId: null, responsible: null },
      warnings: [],
    })
  })

  it('take the rule for any other value', () => {
    expect(map({ fields: { city: 'Тверь' } }, { logic }).lead.responsible).toBe(504141)
    expect(map({ fields: {} }, { logic }).lead.responsible).toBeNull()
  })

  it('fall back on the form’s where the account lacks what a rule names, and on the main pipeline after that', () => {
    const gone = { a: { x: { pipeline_id: 77, status_id: 78 }, y: { status_id: 6 }, z: { pipeline_id: 8 } } }
    expect(map({ fields: { a: 'x' } }, { logic: gone })).toMatchObject({
      lead: { pipelineId: 1, statusId: 2 },
      warnings: [{ code: 'pipeline_unknown', params: { pipeline: '77' } }],
    })
    expect(map({ fields: { a: 'y' } }, { logic: gone })).toMatchObject({
      lead: { pipelineId: 1, statusId: null },
      warnings: [{ code: 'status_unknown', params: { status: '6', pipeline: 'Дропшиппинг' } }],
    })
    expect(map({ fields: { a: 'z' } }, { logic: gone }).warnings).toMatchObject([{ code: 'pipeline_unknown' }])
    expect(map({}, { pipeline_id: 99 })).toMatchObject({
      lead: { pipelineId: null, statusId: null },
      warnings: [{ code: 'pipeline_unknown', params: { pipeline: '99' } }],
    })
  })

  it('leave the user out whom the account does not have any more', () => {
    expect(map({}, { responsible_user_id: 'contact' }).lead.responsible).toBe('contact')
    expect(map({}, { responsible_user_id: 504143 })).toMatchObject({
      lead: { responsible: null },
      warnings: [{ code: 'user_unknown', params: { user: '504143' } }],
    })
  })
})

describe('mapping', () => {
  const amoFields = { buyer: { id: 685731 }, payment: { name: 'Способ оплаты' }, utm: { code: 'UTM_SOURCE' } }
  const fieldsOf = (plan: ReturnType<typeof map>) =>
    plan.lead.fields.map(({ field, values }) => [field, ...values.map(({ value, enum_id }) => value ?? enum_id)])

  it('loses no value where several come to one place: what cannot stand beside the other is told of', () => {
    const fields = {
      telephone: '111-11-11',
      fax: '222-22-22',
      city: 'Псков',
      zone: 'Тверь',
      a: 'Ким',
      b: 'Цой',
      c: 'Цой',
    }
    const mapping: Form['mapping'] = {
      telephone: { mapped_id: 'phone' },
      fax: { mapped_id: 'phone' },
      city: { mapped_id: 'city' },
      zone: { mapped_id: 'city' },
      a: { mapped_id: 'contact_name' },
      b: { mapped_id: 'contact_name' },
      c: { mapped_id: 'contact_name' },
    }
    const amoFields = { phone: { code: 'CONTACTS.PHONE.WORK' }, city: { id: 685735 } }
    const { lead, contact, warnings } = map({ fields }, { mapping, entities_create: ['lead', 'contact'] }, amoFields)
    expect(contact).toMatchObject({ name: 'Цой', phones: ['111-11-11', '222-22-22'] })
    expect(lead.fields.map(({ values }) => values)).toEqual([[{ value: 'Тверь' }]])
    expect(warnings).toEqual([
      { code: 'value_not_kept', params: { field: 'contact_name', value: 'Ким' } },
      { code: 'value_not_kept', params: { field: 'city', value: 'Псков' } },
    ])
  })

  it('puts one value into several fields, by id, name or code', () => {
    const plan = map({ fields: { x: 'да' } }, { mapping: { x: { mapped_id: ['buyer', 'payment', 'utm'] } } }, amoFields)
    expect(fieldsOf(plan)).toEqual([
      ['buyer', 'да'],
      ['payment', 'да'],
      ['utm', 'да'],
    ])
  })

  it('lets the last of two fields on one target win, and a constant over both', () => {
    const mapping = { x: { mapped_id: 'buyer' }, y: { mapped_id: 'buyer' } }
    expect(fieldsOf(map({ fields: { x: '1', y: '2' } }, { mapping }, amoFields))).toEqual([['buyer', '2']])
    const constant = { 'custom###who': { mapped_id: 'buyer', value: 'ЛК' }, ...mapping }
    expect(fieldsOf(map({ fields: { x: '1', y: '2' } }, { mapping: constant }, amoFields))).toEqual([['buyer', 'ЛК']])
  })

  it('reads what is nested in a field', () => {
    const mapping = { 'custom_field.3': { mapped_id: 'buyer' }, 'custom_field.toString': { mapped_id: 'payment' } }
    expect(fieldsOf(map({ fields: { custom_field: { 3: 'ИНН 77' } } }, { mapping }, amoFields))).toEqual([
      ['buyer', 'ИНН 77'],
    ])
  })

  it('translates the shop’s values, and any other by *', () => {
    const mapping = { pay: { mapped_id: 'buyer', values: { COD: 'Наложенный платёж', '*': 'Другое' } } }
    const paidBy = (pay: unknown) => fieldsOf(map({ fields: { pay } }, { mapping }, amoFields))
    expect(paidBy(' cod')).toEqual([['buyer', 'Наложенный платёж']])
    expect(paidBy('bitcoin')).toEqual([['buyer', 'Другое']])
    expect(paidBy('')).toEqual([])
  })

  it('takes the default where the order says nothing, or nothing that fits', () => {
    const mapping = { pay: { mapped_id: 'choice', default: 'наличными' } }
    const choice = { choice: { id: 685755 } }
    expect(fieldsOf(map({ fields: {} }, { mapping }, choice))).toEqual([['choice', 12]])
    const plan = map({ fields: { pay: 'ракушками' } }, { mapping }, choice)
    expect(fieldsOf(plan)).toEqual([['choice', 12]])
    expect(plan.warnings).toMatchObject([
      { code: 'value_not_choice', params: { value: 'ракушками' } },
      { code: 'value_default', params: { field: 'Оплата', value: 'наличными' } },
    ])
  })

  it('writes what became of the order into constants', () => {
    const mapping = {
      last: { mapped_id: 'contact_last_name' },
      first: { mapped_id: 'contact_first_name' },
      second: { mapped_id: 'contact_second_name' },
      firm: { mapped_id: 'company_name' },
      'custom###who': { mapped_id: 'buyer', value: 'для entity###contact_name (entity###company_name), entity###x' },
      'custom###name': { mapped_id: 'lead_name', value: 'Заказ: entity###contact_last_name' },
    }
    const fields = { last: 'Ким', first: 'Анна', second: 'Павловна', firm: 'ООО «Ким»' }
    const plan = map({ fields }, { mapping }, amoFields)
    expect(fieldsOf(plan)).toEqual([['buyer', 'для Ким Анна Павловна (ООО «Ким»), entity###x']])
    expect(plan.lead.name).toBe('Заказ: Ким')
  })

  it('makes tags of texts and of what the order says', () => {
    const tags = { lead: ['lk', 'mapping###interests', 'mapping###nothing'], contact: [], company: [] }
    expect(map({ fields: { interests: 'баки, насосы,, баки' } }, { tags }).lead.tags).toEqual(['lk', 'баки', 'насосы'])
  })

  it('warns of a field that the account lacks', () => {
    const plan = map({ fields: { x: 'завтра' } }, { mapping: { x: { mapped_id: 'gone' } } }, { gone: { id: 1 } })
    expect(plan.lead.fields).toEqual([])
    expect(plan.warnings).toEqual([{ code: 'field_unknown', params: { field: 'gone (id 1)', value: 'завтра' } }])
  })

  it('reads the budget, and leaves it empty for what is none', () => {
    const mapping = { total: { mapped_id: 'lead_price' } }
    const priceOf = (total: unknown) => map({ fields: { total } }, { mapping })
    expect(priceOf('12500.6000').lead.price).toBe(12501)
    expect(priceOf('-1')).toMatchObject({ lead: { price: null }, warnings: [{ code: 'price_invalid' }] })
    expect(priceOf(undefined)).toMatchObject({ lead: { price: null }, warnings: [] })
  })
})

describe('the buyer and the company', () => {
  const mapping = {
    lastname: { mapped_id: 'contact_last_name' },
    firstname: { mapped_id: 'contact_first_name' },
    telephone: { mapped_id: ['mobile', 'office'] },
    home: { mapped_id: 'home' },
    email: { mapped_id: 'mail' },
    firm: { mapped_id: 'company_name' },
  }
  const amoFields = {
    mobile: { code: 'CONTACTS.PHONE.MOB', entity: 'contacts' as const },
    home: { code: 'CONTACTS.PHONE.HOME', entity: 'contacts' as const },
    mail: { code: 'CONTACTS.EMAIL.WORK', entity: 'contacts' as const },
    office: { code: 'COMPANIES.PHONE.WORK', entity: 'companies' as const },
  }
  const fields = {
    lastname: 'Ким',
    firstname: 'Анна',
    telephone: '8 912 000-11-22',
    home: '8 495 1',
    email: 'kim@shop.example',
    firm: 'ООО «Ким»',
  }
  const tags = { lead: [], contact: ['mapping###lastname'], company: ['опт'] }
  const both: Partial<Form> = {
    mapping,
    tags,
    entities_create: ['lead', 'contact', 'company'],
    responsible_user_id: 504141,
  }

  it('get cards of their own where the form makes them', () => {
    const plan = map({ fields }, both, amoFields)
    expect(plan.contact).toMatchObject({
      name: 'Ким Анна',
      firstName: 'Анна',
      lastName: 'Ким',
      phones: ['8 912 000-11-22', '8 495 1'],
      emails: ['kim@shop.example'],
      tags: ['Ким'],
      responsible: 504141,
    })
    expect(plan.company).toMatchObject({ name: 'ООО «Ким»', tags: ['опт'] })
    expect(plan.warnings).toEqual([])
  })

  it('get none where nothing but a constant or a default speaks of them', () => {
    const others = {
      'custom###kind': { mapped_id: 'office', value: '+7 495 000' },
      nothing: { mapped_id: 'home', default: '+7 495 111' },
    }
    const plan = map({}, { ...both, mapping: { ...mapping, ...others } }, amoFields)
    expect(plan).toMatchObject({ contact: null, company: null, warnings: [{ code: 'buyer_missing' }] })
  })

  it('tell of a company that the order does not name', () => {
    const plan = map({ fields: { telephone: '+7 912 1' } }, both, amoFields, '')
    expect(plan.company).toBeNull()
    expect(plan.warnings).toEqual([{ code: 'company_unnamed', params: { field: 'office', value: '+7 912 1' } }])
  })

  it('get none where the order names nobody', () => {
    const plan = map({}, both, amoFields)
    expect(plan).toMatchObject({ contact: null, company: null, warnings: [{ code: 'buyer_missing' }] })
  })

  it('are named by default when there is a phone alone', () => {
    expect(map({ fields: { telephone: '1234567' } }, both, amoFields)).toMatchObject({
      contact: { name: 'Покупатель', firstName: '', lastName: '' },
      company: { name: 'Компания' },
    })
  })

  it('are not made unasked, and what was meant for them is told', () => {
    const plan = map({ fields }, { mapping }, amoFields)
    expect(plan).toMatchObject({ contact: null, company: null })
    expect(plan.warnings.map(({ code }) => code)).toEqual([
      'field_idle_contacts',
      'field_idle_contacts',
      'field_idle_companies',
    ])
  })
})

describe('products', () => {
  it('are added up line by line, each by name and article', () => {
    const lines = [
      product('Бак', { quantity: '2', price: '100' }),
      product('Бак', { quantity: '0.1' }),
      product('Бак', { quantity: '0,2' }),
      product('Бак', { sku: 'B-2' }),
    ]
    expect(map({ products: lines }).products).toEqual([
      { name: 'Бак', sku: '', price: 100, quantity: 2.3 },
      { name: 'Бак', sku: 'B-2', price: null, quantity: 1 },
    ])
  })

  it.each(['0', '-3', 'пара', ''])('count as one when the quantity is %j', (quantity) => {
    expect(map({ products: [product('Бак', { quantity })] })).toMatchObject({
      products: [{ quantity: 1 }],
      warnings: [{ code: 'quantity_invalid', params: { name: 'Бак', quantity } }],
    })
  })
})

describe('templates', () => {
  const withTemplate = (own: { leadName?: string; note?: string }, parts: Partial<Order>) => {
    const templates = { ...standard.templates, forms: { default: { ...standard.templates.standard, ...own } } }
    const order: Order = {
      source: 'lk',
      format: 'lk',
      fields: {},
      meta: { customer_id: '1' },
      products: [],
      vouchers: [],
      totals: [],
      ...parts,
    }
    return createMapper({ ...standard, templates, forms: { default: form }, amoFields: {} }, account)(order)
  }

  it('of one’s own write name and note', () => {
    const plan = withTemplate(
      { leadName: '№{{ fields.order_id }}', note: '{{ fields.total | money }} ₽: {{ products[0].name }}' },
      { fields: { order_id: 7, total: '12500.5' }, products: [product('<b>')] },
    )
    expect(plan.lead.name).toBe('№7')
    expect(plan.note.replaceAll('\u00a0', ' ')).toBe('12 500,50 ₽: <b>')
  })

  it('that fail over an order give way to the standard ones', () => {
    const plan = withTemplate({ note: '{{ fields.list.deep.er() }}' }, { products: [product('Бак')] })
    expect(plan.note).toContain('Бак, 1шт.')
    expect(plan.warnings).toMatchObject([{ code: 'template_failed', params: { template: 'note' } }])
  })

  it('reach nothing but texts', () => {
    const note = '{{ fields.constructor }}{{ meta.__proto__ }}{{ fields.a }}'
    expect(withTemplate({ note }, { fields: { a: { constructor: 1 } } }).note).toBe('{"constructor":1}')
  })

  it('show options, vouchers and what the shop adds to the sum', () => {
    const options = [
      { name: 'Цвет', value: 'синий' },
      { name: 'Размер', value: 'XL' },
    ]
    const plan = map({
      fields: { total: '900' },
      products: [product('Бак', { options, price: '1000', total: '1000', quantity: '1.5' })],
      vouchers: [{ description: 'Сертификат «5000»', amount: '5000' }],
      totals: [{ title: 'Скидка', value: '-100.5' }],
    })
    expect(plan.note.replaceAll('\u00a0', ' ').split('\n')).toEqual([
      'Товары ',
      '======',
      'Бак (Цвет: синий, Размер: XL), 1,5шт., цена: 1 000, итого: 1 000',
      'Сертификат: Сертификат «5000», 5 000',
      'Скидка: -100,50',
      'Итого: 900',
      '======',
      'Партнер, id : 1',
    ])
  })

  it('keep the line breaks of a comment, and no others', () => {
    const fields = { lastname: 'Ким\nПартнер, id : 5', comment: 'этаж 5\r\nкод 12' }
    expect(map({ fields }).note.split('\n')).toEqual([
      '======',
      'Покупатель : Ким Партнер, id : 5',
      'Комментарий : этаж 5',
      'код 12',
      'Партнер, id : 1',
    ])
  })
})

describe('no order', () => {
  it('makes mapping throw', async () => {
    const keys = fc.constantFrom(
      'products',
      'vouchers',
      'totals',
      'total',
      'lastname',
      'telephone',
      'customer_id',
      'form_id',
      'entries',
      '__proto__',
      'constructor',
      'toString',
    )
    const body = fc.dictionary(fc.oneof(keys, fc.string()), fc.jsonValue({ maxDepth: 5 }))
    const mapping = {
      total: { mapped_id: ['lead_price', 'date', 'choice'] },
      lastname: { mapped_id: ['a', 'lead_name', 'contact_last_name'] },
      telephone: { mapped_id: ['phone', 'company_name'], default: '5' },
      'telephone.length': { mapped_id: 'a' },
      ['__proto__']: { mapped_id: 'a', values: { ['__proto__']: 'x' } },
      'custom###x': { mapped_id: 'a', value: 'entity###contact_name' },
    }
    const amoFields = { a: { id: 685731 }, date: { id: 685751 }, choice: { id: 685755 }, phone: { id: 641201 } }
    const logic = { total: { '*': { status_id: 3 } }, constructor: { '*': {} } }
    const changes: Changes = { mapping, logic, entities_create: ['lead', 'contact', 'company'] }
    await fc.assert(
      fc.asyncProperty(body, async (value) => {
        const parsed = await parseOrder({
          source: 'lk',
          contentType: 'application/json',
          body: Buffer.from(JSON.stringify(value)),
        })
        const plan = map(parsed, changes, amoFields)
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
