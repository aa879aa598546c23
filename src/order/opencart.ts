import { decodeHTMLStrict } from 'entities'
import { type Order, type Product, textOf } from './order.ts'

const metaKeys: ReadonlySet<string> = new Set([
  'invoice_prefix',
  'store_id',
  'store_name',
  'store_url',
  'customer_id',
  'customer_group_id',
  'affiliate_id',
  'commission',
  'marketing_id',
  'tracking',
  'language_id',
  'currency_id',
  'currency_code',
  'currency_value',
  'ip',
  'forwarded_ip',
  'user_agent',
  'accept_language',
  'contact_id',
  'form_id',
])

/** The order of an OpenCart shop's partner cabinet. Texts come HTML-escaped from the shop's database. */
export function parseOpencart(body: Record<string, unknown>): Order {
  const order: Order = { fields: Object.create(null), meta: Object.create(null), products: [] }
  for (const [key, value] of Object.entries(decodeTexts(body, 0) as Record<string, unknown>)) {
    if (key === 'products' && typeof value === 'object' && value !== null) {
      order.products = Object.values(value).flatMap(parseProduct)
    } else {
      const part = metaKeys.has(key) ? order.meta : order.fields
      part[key] = value
    }
  }
  return order
}

const deepest = 20

/** Nobody nests an order deeper than this but to do harm. */
function decodeTexts(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return decodeHTMLStrict(value).toWellFormed().trim()
  if (typeof value !== 'object' || value === null) return value
  if (depth >= deepest) return '…'
  if (Array.isArray(value)) return value.map((item) => decodeTexts(item, depth + 1))
  const decoded: Record<string, unknown> = Object.create(null)
  for (const [key, item] of Object.entries(value)) decoded[key] = decodeTexts(item, depth + 1)
  return decoded
}

/** The cabinet sends blank rows for products that were taken out of the cart; a row with a name is none. */
function parseProduct(row: unknown): Product[] {
  if (typeof row !== 'object' || row === null) return []
  const { product_id, name, model, quantity, price, total } = row as Record<string, unknown>
  const id = textOf(product_id)
  const known = textOf(name) || textOf(model) || (id === '0' ? '' : id)
  if (known === '') return []
  return [{ id, name: known, quantity: textOf(quantity), price: textOf(price), total: textOf(total) }]
}
