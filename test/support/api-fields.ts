import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import ru from '../../config/translations/ru.ts'
import type { ApiFormat } from '../../src/order/order.ts'

/** An example of the document, of which each call gives a copy. */
export function exampleOf(format: ApiFormat): Record<string, unknown> {
  return JSON.parse(readFileSync(join(import.meta.dirname, `../fixtures/api/${format}.json`), 'utf8'))
}

type Words = keyof { [Key in keyof typeof ru as Key extends `api.expected.${infer Word}` ? Word : never]: true }

interface Kind {
  good: unknown[]
  /** What is no such value, and what is said of it. */
  bad: [unknown, Words][]
  any?: fc.Arbitrary<unknown>
}

const notIn = (words: Words, ...values: unknown[]): Kind['bad'] => values.map((value) => [value, words])
const written = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 100 })
  .filter((text) => text.trim() !== '' && text.length < 1000)
const texts = ['Иван', 'x'.repeat(1000), ' с краю ', 'Кофе ☕ 👨‍👩‍👧 и 🎁', '<b>&amp;</b>', '__proto__', '0']
const phones = [
  ...['+7 999 999-99-99', '8 (999) 123-45-67', '89991234567', 79991234567, '9991234567', '8-999-123-45-67'],
  ...['+375 29 123-45-67', ' +7(999)1234567 ', '+7 999 123 45 67 доб. 12', '8 800 555 35 35', '+7 999 123–45–67'],
]

/** What the document means by its types, read from it and not from the schemas. */
const kinds = {
  text: {
    good: texts,
    bad: [...notIn('text', 5, true, [], {}), ['x'.repeat(1001), 'text_long']],
    any: written,
  },
  comment: {
    good: [...texts, 'я'.repeat(20_000), 'одна\nи другая'],
    bad: [...notIn('text', 5, false, ['x']), ['x'.repeat(20_001), 'comment_long']],
    any: written,
  },
  code: { good: ['3', '3/1 к. 2', 3, 0, 'А-101'], bad: notIn('text', true, [], {}), any: written },
  number: {
    good: [304, 0, -37.64, '1502', '55.76', '-1'],
    bad: notIn('number', 'x', true, [], {}, '12,5', '1e5', '1 000'),
    any: fc.double({ noNaN: true, noDefaultInfinity: true }),
  },
  amount: {
    good: [0, 0.00098, 12554, '300', '300.50', 1e12],
    bad: notIn('amount', -1, '-1', -0.01, 'x', true, [], {}, 'бесплатно'),
    any: fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
  },
  whole: {
    good: [0, 1, 2, 3, 12554, -1, '3'],
    bad: notIn('whole', 1.5, '1.5', 'x', true, [], {}, 2 ** 60),
    any: fc.maxSafeInteger(),
  },
  id: {
    good: [0, 1191767, '857', Number.MAX_SAFE_INTEGER],
    bad: notIn('id', -1, 1.5, 'x', '-5', 2 ** 53, true, [], {}),
    any: fc.maxSafeNat(),
  },
  quantity: {
    good: [1, '2', 1_000_000],
    bad: notIn('quantity', 0, -1, '0', 1.5, 'много', true, [], {}),
    any: fc.integer({ min: 1 }),
  },
  email: {
    good: ['ivan@example.ru', 'иван@почта.рф', 'a+b.c@d-e.co', ' ivan@example.ru ', '[email\u00a0protected]'],
    bad: notIn('email', 'ivan', '@example.ru', 'ivan@', 'a b@example.ru', 'a@b@c.ru', 'a@b', 5, true, {}),
    any: fc.emailAddress().filter((email) => !email.includes('"')),
  },
  phone: {
    good: phones,
    bad: notIn('phone', 'телефон', '12', 12, true, [], {}, '+7 999'),
    any: fc.constant(89991234567),
  },
  deliveryType: { good: ['pickup', 'pickpoint'], bad: notIn('delivery_type', 'Address', 'courier', 5, true, []) },
  deliveryCompany: { good: ['СДЭК', 'dpd', 'DPD', 'сдэк'], bad: notIn('delivery_company', 'ПЭК', 5, true, []) },
  paymentOption: {
    good: [1, 2, 3, 4, 5, 39, 43, '1', '43'],
    bad: notIn('payment_option', 0, 6, 38, 40, '6', 1.5, 'наличные', true, []),
  },
  timestamp: {
    good: [1, 1626695813, '1626695813'],
    bad: notIn('timestamp', 0, -1, 1.5, '2021-07-19', 'завтра', true, []),
    any: fc.integer({ min: 1 }),
  },
  elevator: { good: [0, 1, 2, '2'], bad: notIn('elevator', 3, -1, 1.5, 'есть', true, []) },
} satisfies Record<string, Kind>

/** The fields of each address by the document: `!` is required, `items[]` stands for each of them. */
const fieldsOf: Record<ApiFormat, string> = {
  'create-order': `!name:text !email:email !phone:phone !deliveryType:deliveryType deliveryCompany:deliveryCompany
    lgsTerminalCode:code lgsTerminalId:code lgsCompanyId:number lgsTariffId:number
    address.corp:code address.build:code address.porch:code address.floor:code address.flat:code
    address.elevator:elevator address.intercom:code address.metro:text address.latitude:number
    address.longitude:number address.kladr:code address.city:text address.street:text address.house:code
    comment:comment !paymentOption:paymentOption !desiredDeliveryDate:timestamp !desiredDeliveryInterval:text
    deliveryIntervalCost:amount totalDeliveryPrice:amount summWithoutDelivery:amount
    !totalWeight:amount !totalVolume:amount items[].deliveryPrice:amount`,
  'buy-click': 'phone:phone email:email name:text comment:comment !totalWeight:amount !totalVolume:amount',
  callback: '!phone:phone name:text comment:comment',
}
const itemFields = `!items[].productId:id !items[].itemId:id items[].parentId:id !items[].name:text !items[].price:amount
  !items[].quantity:quantity !items[].status:whole`

interface Field extends Kind {
  path: string
  isRequired: boolean
}

export const formats = ['create-order', 'buy-click', 'callback'] as const satisfies ApiFormat[]

/** @param index of the item that `items[]` shall be */
export function fieldsIn(format: ApiFormat, index = 0): Field[] {
  const all = format === 'callback' ? fieldsOf[format] : `${fieldsOf[format]} ${itemFields}`
  return all.split(/\s+/).map((word) => {
    const [path = '', kind = ''] = word.replace('!', '').split(':')
    const place = path.replace('[]', `[${index}]`)
    return { path: place, isRequired: word.startsWith('!'), ...kinds[kind as keyof typeof kinds] }
  })
}

/** A copy in which `items[0].price` is another; undefined takes it out. */
export function withField(body: Record<string, unknown>, path: string, value: unknown) {
  const copy = structuredClone(body)
  const keys = path.split(/[.[\]]+/).filter(Boolean)
  const last = keys.pop() ?? ''
  let place = copy
  for (const key of keys) {
    place[key] ??= {}
    place = place[key] as Record<string, unknown>
  }
  if (value === undefined) delete place[last]
  else place[last] = value
  return copy
}

/** What is said of a field. */
export function problem(path: string, words: Words) {
  return `Поле ${path}: ${ru[`api.expected.${words}`]}`
}

/** Any order as the document wants it, with some of what it leaves open. */
export function anyOrder(format: ApiFormat): fc.Arbitrary<Record<string, unknown>> {
  const count = format === 'callback' ? fc.constant(0) : fc.integer({ min: 1, max: 4 })
  return count.chain((items) => {
    const every = [
      ...fieldsIn(format).filter(({ path }) => !path.startsWith('items')),
      ...Array.from({ length: items }, (_, index) =>
        fieldsIn(format, index).filter(({ path }) => path.startsWith('items')),
      ).flat(),
    ]
    const parts = every.map(({ path, isRequired, good, any }) => {
      const value = any ? fc.oneof(fc.constantFrom(...good), any) : fc.constantFrom(...good)
      const isThere = isRequired || path === 'phone' ? value : fc.option(value, { nil: undefined })
      return isThere.map((value) => [path, value] as const)
    })
    return fc
      .tuple(...parts)
      .map((values) =>
        values.reduce<Record<string, unknown>>(
          (body, [path, value]) => (value === undefined ? body : withField(body, path, value)),
          items > 0 ? { items: Array.from({ length: items }, () => ({})) } : {},
        ),
      )
  })
}
