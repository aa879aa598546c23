import { expect, it } from 'vitest'
import { describePlan } from '../../src/cli/describe-plan.ts'
import type { DryRun } from '../../src/delivery/dry-run.ts'
import { explainPlan } from '../../src/delivery/explain-plan.ts'
import type { Resolved } from '../../src/delivery/resolve.ts'
import { createMapper } from '../../src/mapping/request.mapper.ts'
import { parseOrder } from '../../src/order/parse.ts'
import { account, withForm } from '../doctor/fitting.ts'
import { anOrder, asForm, type TestOrder } from '../support/orders.ts'

const { rules } = withForm(
  {
    sources: ['lk'],
    responsible_user_id: 'contact',
    entities_create: ['lead', 'contact', 'company'],
    tags: { lead: ['срочно', 'опт'], contact: [], company: [] },
    logic: { paid: { yes: {} } },
    mapping: {
      'options.a': { mapped_id: 'chat' },
      lastname: { mapped_id: 'contact_last_name' },
      company: { mapped_id: 'company_name' },
      telephone: { mapped_id: 'phone' },
      delivery: { mapped_id: 'delivery' },
      lift: { mapped_id: 'lift' },
      chat: { mapped_id: 'chat' },
    },
  },
  {
    phone: { code: 'CONTACTS.PHONE.MOB' },
    delivery: { code: 'LEADS.DELIVERY' },
    lift: { code: 'LEADS.LIFT' },
    chat: { code: 'LEADS.MESSENGER', part: 'Viber' },
  },
)

const nothing: Resolved = {
  contacts: [],
  makesPartner: false,
  buyer: null,
  companyId: null,
  elementIds: [],
  links: [],
  newElements: null,
  warnings: [],
}

async function describeOrder(fields: TestOrder, resolved: Partial<Resolved>, markerField: number | null = null) {
  const contentType = 'application/x-www-form-urlencoded'
  const order = await parseOrder({ source: 'lk', contentType, body: Buffer.from(asForm(anOrder(fields))) })
  const run: DryRun = {
    order,
    plan: createMapper(rules, account)(order),
    resolved: { ...nothing, ...resolved },
    requests: [],
    markerField,
  }
  const { translate } = rules
  return describePlan(explainPlan(run, { account, rules, translate }), translate)
}

const product = { name: 'Автоклав - Бак с переливом', sku: '', price: null, quantity: 1 }
const manager = { id: 7, name: 'Росс', responsibleUserId: 504141 }

it.each<[string, TestOrder, Partial<Resolved>, RegExp[]]>([
  ['the form and why', {}, {}, [/^Форма +default \(она для источника lk\)/]],
  [
    'whoever is responsible',
    {},
    { contacts: [manager] },
    [/Ответственный +ответственный за контакт: Администратор \(504141\)/],
  ],
  ['that nobody is', {}, {}, [/Ответственный +ответственный за контакт: кого назначит amoCRM/]],
  ['the tags', {}, {}, [/Теги +срочно, опт/]],
  [
    'the partner’s contacts',
    {},
    { contacts: [manager, { id: 8, responsibleUserId: null }] },
    [/Партнёр +id 1 → Росс \(7\), 8/],
  ],
  ['a partner to be made', { customer_id: '77' }, { makesPartner: true }, [/Партнёр +id 77 → будет создан/]],
  ['no partner', { customer_id: '' }, {}, [/Партнёр +нет/]],
  [
    'people to be made',
    { company: 'ООО Новая' },
    {},
    [/Контакт покупателя +Иванова → будет создан\n/, /Компания +ООО Новая → будет создана\n/],
  ],
  [
    'people that are there',
    { company: 'ООО Новая' },
    { buyer: { ...manager, name: 'Иванова А.' }, companyId: 9 },
    [
      /Контакт покупателя +Иванова → Иванова А\. \(7\), карточка есть, не меняется\n/,
      /Компания +ООО Новая → 9, карточка есть/,
    ],
  ],
  [
    'a product that is there',
    {},
    { elementIds: [5], links: [{ ...product, elementId: 5, catalogId: 1 }] },
    [/Товар +Автоклав - Бак с переливом × 1 → 5/],
  ],
  [
    'products of one name, each by itself',
    {
      products: [
        { product_id: '1', name: 'Бак', model: 'B-1', quantity: '1' },
        { product_id: '2', name: 'Бак', model: 'B-2', quantity: '2' },
      ],
    },
    { elementIds: [5, null], links: [{ name: 'Бак', quantity: 1, elementId: 5, catalogId: 1 }] },
    [/Товар +Бак × 1 → 5\n/, /Товар +Бак × 2 → не найден\n/],
  ],
  ['a product to be made', {}, { newElements: { catalogId: 1, products: [product] } }, [/Товар +.* → будет создан/]],
  [
    'a product that is not found, and the warning',
    {},
    { warnings: [{ code: 'products_unknown', params: { names: '«Автоклав - Бак с переливом»' } }] },
    [/Товар +.* → не найден/, /Обратите внимание:\n {2}• Нет в каталоге/],
  ],
  [
    'what of the order no field takes, however it is used otherwise',
    { Lastname: 'Ross', site_name: 'shop', empty: ' ', paid: 'yes', chat: '@ross', city: 'Тверь', options: { a: 'b' } },
    {},
    [/В поля amoCRM не попадают:\n {2}.*Lastname, site_name, city\n/],
  ],
  ['a choice', { delivery: 'курьер' }, {}, [/Поле +«Доставка» \(сделка\) = Курьер\n/]],
  ['a yes', { lift: 'да' }, {}, [/Поле +«Подъём на этаж» \(сделка\) = true\n/]],
  ['a phone of its kind', {}, {}, [/Поле +«Телефон» \(контакт\) = \+7 912 345-67-89 \(MOB\)/]],
  ['a kind without a code', { chat: '@ross' }, {}, [/Поле +«Мессенджер» \(сделка\) = @ross \(Viber\)/]],
  ['that the marker is not there yet', {}, {}, [/Служебного поля сделки ещё нет/]],
])('tells %s', async (_, fields, resolved, words) => {
  const text = await describeOrder(fields, resolved)
  for (const word of words) expect(text).toMatch(word)
})

it('lists no fields of a card that is there and stays as it is', async () => {
  expect(await describeOrder({}, { buyer: manager })).not.toContain('«Телефон»')
})

it('goes by the marker that was found, whatever the copy of the account says', async () => {
  expect(await describeOrder({}, {}, 685999)).not.toContain('Служебного поля')
})

it('says nothing of unused fields where every field is used', async () => {
  const order = {
    source: 'lk',
    format: 'lk' as const,
    fields: { lastname: 'Ross' },
    meta: {},
    products: [],
    vouchers: [],
    totals: [],
  }
  const plan = createMapper(rules, account)(order)
  const run = { order, plan, resolved: nothing, requests: [], markerField: null }
  const { translate } = rules
  expect(describePlan(explainPlan(run, { account, rules, translate }), translate)).not.toContain('не попадают')
})
