/** Kinds of orders that have an address of their own, each with its own body. */
export const apiFormats = ['create-order', 'buy-click', 'callback'] as const
export type ApiFormat = (typeof apiFormats)[number]

export function isApiFormat(format: string): format is ApiFormat {
  return (apiFormats as readonly string[]).includes(format)
}

/** An inbound order, parsed. Texts are trimmed and their HTML entities decoded; nothing else is interpreted. */
export interface Order {
  /** Who sent it: id of a source. */
  source: string
  /** What its body is: an OpenCart cabinet's, that of a WordPress form, or one of the order API. */
  format: 'lk' | 'metform' | ApiFormat
  /** What the buyer filled in and what the shop computed: by the shop's own names. */
  fields: Record<string, unknown>
  /** What the shop knows about the request: partner, store, currency, browser. */
  meta: Record<string, unknown>
  products: Product[]
  /** Gift certificates and the like. */
  vouchers: Voucher[]
  /** What the shop adds to the sum of the products or takes off it: delivery, discounts. */
  totals: { title: string; value: string }[]
}

export interface Product {
  /** The shop's id. */
  id: string
  name: string
  /** The shop's article number; empty when it has none. */
  sku: string
  /** What the buyer chose: size, colour. */
  options: { name: string; value: string }[]
  /** As the shop wrote it; may be no number. */
  quantity: string
  price: string
  /** Of the line, as the shop computed it. */
  total: string
}

export interface Voucher {
  description: string
  amount: string
}

/** A value of an order as one text; empty for what holds none. Lists are joined, nested objects become JSON. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (Array.isArray(value)) return value.map(textOf).filter(Boolean).join(', ')
  if (Object.values(value).every((item) => textOf(item) === '')) return ''
  return JSON.stringify(value)
}

/** The digits of a phone number; empty when there are none. */
export function phoneDigits(value: unknown) {
  return textOf(value).replace(/\D/g, '').slice(0, 32)
}
