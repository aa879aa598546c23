import { decodeTexts } from './entities.ts'
import { type Order, type Product, textOf, type Voucher } from './order.ts'

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

/** Lists that are read as such; one that is something else stays a field like any other. */
const lists: ReadonlySet<string> = new Set(['products', 'vouchers', 'totals'])

/** The order of an OpenCart shop's partner cabinet. Texts come HTML-escaped from the shop's database. */
export function parseOpencart(body: Record<string, unknown>): Omit<Order, 'source'> {
  const fields: Order['fields'] = Object.create(null)
  const meta: Order['meta'] = Object.create(null)
  const rows: Record<string, unknown[]> = {}
  for (const [key, value] of Object.entries(decodeTexts(body))) {
    if (lists.has(key) && isObject(value)) rows[key] = Object.values(value)
    else if (key === 'products' && typeof value === 'string') rows[key] = [value]
    else if (metaKeys.has(key)) meta[key] = value
    else fields[key] = value
  }
  const { products = [], vouchers = [], totals = [] } = rows
  return {
    format: 'lk',
    fields,
    meta,
    products: products.flatMap(parseProduct),
    vouchers: vouchers.flatMap(parseVoucher),
    totals: totals.flatMap(parseTotal),
  }
}

/** The cabinet sends blank rows for products that were taken out of the cart; a row with a name is none. */
function parseProduct(row: unknown): Product[] {
  if (!isObject(row)) return typeof row === 'string' ? parseBareProduct(row) : []
  const { product_id, name, sku, model, option, quantity, price, total } = row
  const id = textOf(product_id)
  const known = textOf(name) || textOf(model) || (id === '0' ? '' : id)
  if (known === '') return []
  const article = textOf(sku) || textOf(model)
  return [
    {
      id,
      name: known,
      sku: article === known ? '' : article,
      options: isObject(option) ? Object.values(option).flatMap(parseOption) : [],
      quantity: textOf(quantity),
      price: textOf(price),
      total: textOf(total),
    },
  ]
}

/** Nobody's cabinet is known to send names alone, but they would be all that there is. */
function parseBareProduct(name: string): Product[] {
  return name === '' ? [] : [{ id: '', name, sku: '', options: [], quantity: '1', price: '', total: '' }]
}

function parseOption(row: unknown): Product['options'] {
  if (!isObject(row)) return []
  const [name, value] = [textOf(row['name']), textOf(row['value'])]
  return value === '' ? [] : [{ name, value }]
}

function parseVoucher(row: unknown): Voucher[] {
  if (!isObject(row)) return []
  const voucher = { description: textOf(row['description']) || textOf(row['code']), amount: textOf(row['amount']) }
  return voucher.description === '' && voucher.amount === '' ? [] : [voucher]
}

/** The sum of all stands in the order's `total`, that of the products beside each. */
const sums: ReadonlySet<string> = new Set(['total', 'sub_total'])

function parseTotal(row: unknown): Order['totals'] {
  if (!isObject(row)) return []
  const { code, title, value } = row
  const [name, amount] = [textOf(title) || textOf(code), textOf(value)]
  return sums.has(textOf(code)) || name === '' || amount === '' ? [] : [{ title: name, value: amount }]
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
