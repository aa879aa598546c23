import { decodeTexts } from './entities.ts'
import { type ApiFormat, type Order, type Product, textOf } from './order.ts'
import type { Received } from './parse.ts'
import { phoneAsWritten } from './phone.ts'

/** What a page with hidden addresses shows in place of one: the document's own example has it, and so have orders copied from such pages. */
export const hiddenEmail = /^\[email.protected\]$/u

/** Of an order that no shop has sent: it stands for one that has nothing of its own, by a code as the document has it. */
export const ofAnyShop = { source: 'api', code: 'XX0000-00000' }

/** What delivery costs beside the sum of the goods. */
const deliveryCosts = ['totalDeliveryPrice', 'deliveryIntervalCost'] as const

/** An order of the order API by the document's own names. What its sender has validated is not looked at again, and what is odd all the same stays as it is. */
export function parseApiOrder(
  body: Record<string, unknown>,
  format: ApiFormat,
  { code, sender }: Pick<Received, 'code' | 'sender'>,
): Omit<Order, 'source'> {
  const { items, ...sent } = decodeTexts(body)
  const rows = isObject(items) ? Object.values(items) : []
  const products = rows.flatMap(parseItem)
  const odd = isObject(items) ? rows.filter((row) => parseItem(row).length === 0 && textOf(row) !== '') : items
  const own = { ...(code ? { order_id: code } : {}), ...totalOf(sent, products) }
  return {
    format,
    fields: { ...sent, ...contactOf(sent), ...(textOf(odd) === '' ? {} : { items: odd }), ...own },
    meta: {
      // The shop's own words under names that are ours.
      ...Object.fromEntries(
        Object.keys(own).flatMap((name) => (Object.hasOwn(sent, name) ? [[name, sent[name]]] : [])),
      ),
      ...(sender?.partnerId ? { customer_id: sender.partnerId } : {}),
      ...(sender?.form ? { form_id: sender.form } : {}),
    },
    products,
    vouchers: [],
    totals: deliveryCosts.flatMap((title) => {
      const value = textOf(sent[title])
      return value === '' || amountOf(value) === 0 ? [] : [{ title, value }]
    }),
  }
}

function contactOf({ phone, email }: Record<string, unknown>) {
  return {
    ...(typeof phone === 'string' || typeof phone === 'number' ? { phone: phoneAsWritten(String(phone)) } : {}),
    ...(typeof email === 'string' && hiddenEmail.test(email) ? { email: '' } : {}),
  }
}

/** All that is said of an item beside what every product has becomes an option of it. */
function parseItem(item: unknown): Product[] {
  if (!isObject(item)) return typeof item === 'string' && item !== '' ? [{ ...noProduct, name: item }] : []
  const { productId, name, price, quantity, ...rest } = item
  const id = textOf(productId)
  const known = textOf(name) || id || textOf(rest['itemId'])
  if (known === '') return []
  const options = Object.entries(rest).flatMap(([option, value]) =>
    textOf(value) === '' ? [] : [{ name: option, value: textOf(value) }],
  )
  return [{ ...noProduct, id, name: known, options, quantity: textOf(quantity), price: textOf(price) }]
}

const noProduct: Product = { id: '', name: '', sku: '', options: [], quantity: '', price: '', total: '' }

/** Of the goods: what the shop says, else what they come to; no sum at all rather than a wrong one. */
function totalOf({ summWithoutDelivery }: Record<string, unknown>, products: Product[]) {
  if ((amountOf(textOf(summWithoutDelivery)) ?? 0) > 0) return { total: textOf(summWithoutDelivery) }
  let sum = 0
  for (const { price, quantity } of products)
    sum += (amountOf(price) ?? Number.NaN) * (amountOf(quantity) ?? Number.NaN)
  return products.length > 0 && Number.isFinite(sum) ? { total: String(Math.round(sum * 100) / 100) } : {}
}

function amountOf(text: string): number | null {
  const plain = text.replace(/\s/g, '').replace(',', '.')
  return /^-?\d{1,15}(\.\d{1,20})?$/.test(plain) ? Number(plain) : null
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
