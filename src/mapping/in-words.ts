import { isApiFormat, type Order, textOf } from '../order/order.ts'
import { formatMoney } from './numbers.ts'
import type { Translate } from './plan.ts'
import { formatDay } from './values/dates.ts'

interface Words {
  /** IANA name. */
  timeZone: string
  translate: Translate
}

/** Fields that an order of the order API gets beside its own, with those that each one puts into words. */
export const wordedFields = {
  paymentText: ['paymentOption'],
  deliveryTypeText: ['deliveryType'],
  deliveryText: ['deliveryType', 'deliveryCompany', 'lgsTerminalCode', 'lgsTerminalId', 'lgsCompanyId', 'lgsTariffId'],
  deliveryDateText: ['desiredDeliveryDate', 'desiredDeliveryInterval'],
  addressText: ['address'],
} as const

/** An order with its codes in words, for people. What came stays beside them; of orders other than the order API's nothing changes. */
export function inWords(order: Order, words: Words): Order {
  if (!isApiFormat(order.format)) return order
  const { fields, products, totals } = order
  const { translate } = words
  return {
    ...order,
    // What the shop says by these names itself counts.
    fields: { ...textsOf(fields, words), ...fields },
    products: products.map((product) => ({
      ...product,
      options: product.options.map(({ name, value }) => describeOption(name, value, translate)),
    })),
    totals: totals.map(({ title, value }) => ({ title: named(titles, title, translate), value })),
  }
}

function textsOf(fields: Order['fields'], { timeZone, translate: t }: Words): Record<string, string> {
  const said = (name: string) => textOf(fields[name]).trim()
  const type = named(deliveryTypes, said('deliveryType'), t)
  const texts: Record<keyof typeof wordedFields, string> = {
    paymentText: named(payments, said('paymentOption'), t),
    deliveryTypeText: type,
    deliveryText: [type, ...describeParts(carrier, fields, t)].filter(Boolean).join(', '),
    deliveryDateText: [formatDay(said('desiredDeliveryDate'), timeZone), said('desiredDeliveryInterval')]
      .filter(Boolean)
      .join(', '),
    addressText: describeAddress(fields['address'], t),
  }
  return Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== ''))
}

type Keys = Readonly<Record<string, string>>

/** What a code means; one that nobody knows as it is. */
function named(keys: Keys, code: string, t: Translate) {
  const key = Object.hasOwn(keys, code) ? keys[code] : undefined
  return key ? t(key) : code
}

const payments: Keys = {
  '1': 'order.payment.cash',
  '2': 'order.payment.card',
  '3': 'order.payment.credit',
  '4': 'order.payment.instalments',
  '5': 'order.payment.online',
  '39': 'order.payment.transfer',
  '43': 'order.payment.voucher',
}

const deliveryTypes: Keys = {
  address: 'order.delivery.address',
  external: 'order.delivery.external',
  pickup: 'order.delivery.pickup',
  pickpoint: 'order.delivery.pickpoint',
}

const carrier: Keys = {
  deliveryCompany: '',
  lgsTerminalCode: 'order.delivery.terminal',
  lgsTerminalId: 'order.delivery.point',
  lgsCompanyId: 'order.delivery.company',
  lgsTariffId: 'order.delivery.tariff',
}

const addressParts: Keys = {
  city: '',
  street: '',
  house: 'order.address.house',
  corp: 'order.address.corp',
  build: 'order.address.build',
  porch: 'order.address.porch',
  floor: 'order.address.floor',
  flat: 'order.address.flat',
  intercom: 'order.address.intercom',
  metro: 'order.address.metro',
  elevator: 'order.address.elevator',
}

const elevators: Keys = {
  '0': 'order.elevator.none',
  '1': 'order.elevator.passenger',
  '2': 'order.elevator.freight',
}

/** For machines. */
const coordinates = ['latitude', 'longitude', 'kladr']

/** `Москва, Красная площадь, д. 3, корп. 1, кв. 5, лифт: грузовой` */
function describeAddress(address: unknown, t: Translate) {
  if (typeof address !== 'object' || address === null || Array.isArray(address)) return textOf(address).trim()
  const parts = Object.fromEntries(Object.entries(address).map(([name, value]) => [name, textOf(value).trim()]))
  const { elevator = '' } = parts
  const known = describeParts(addressParts, { ...parts, elevator: named(elevators, elevator, t) }, t)
  const others = Object.entries(parts).filter(
    ([name, text]) => text !== '' && !Object.hasOwn(addressParts, name) && !coordinates.includes(name),
  )
  return [...known, ...others.map(([name, text]) => `${name}: ${text}`)].join(', ')
}

/** What is said of these, each in the words for it, unless the shop has put them there itself: `дом 3`. */
function describeParts(keys: Keys, values: Record<string, unknown>, t: Translate) {
  return Object.entries(keys).flatMap(([name, key]) => {
    const text = textOf(values[name]).trim()
    if (text === '') return []
    return key === '' || ownWords[name]?.test(text) ? text : t(key, { value: text })
  })
}

const ownWords: Record<string, RegExp> = {
  house: /^(д|дом)[.\s]/i,
  corp: /^корп/i,
  build: /^стр/i,
  porch: /^(под|п-д)/i,
  floor: /^эт/i,
  flat: /^(кв|оф|пом)/i,
  metro: /^(м|метро|ст|станция)[.\s]/i,
}

const titles: Keys = {
  totalDeliveryPrice: 'order.totalDeliveryPrice',
  deliveryIntervalCost: 'order.deliveryIntervalCost',
}

const options: Keys = {
  itemId: 'order.item.id',
  parentId: 'order.item.parent',
  deliveryPrice: 'order.item.delivery',
  status: 'order.item.status',
}

const statuses: Keys = {
  '0': 'order.status.none',
  '1': 'order.status.few',
  '2': 'order.status.to_order',
  '3': 'order.status.there',
}

function describeOption(name: string, value: string, t: Translate) {
  const words: Record<string, string> = { status: named(statuses, value, t), deliveryPrice: formatMoney(value) }
  return { name: named(options, name, t), value: (Object.hasOwn(words, name) && words[name]) || value }
}
