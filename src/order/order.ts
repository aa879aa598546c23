/** An inbound order, parsed. Texts are trimmed and their HTML entities decoded; nothing else is interpreted. */
export interface Order {
  /** What the buyer filled in and what the shop computed: by the shop's own names. */
  fields: Record<string, unknown>
  /** What the shop knows about the request: partner, store, currency, browser. */
  meta: Record<string, unknown>
  products: Product[]
}

export interface Product {
  /** The shop's id. */
  id: string
  name: string
  /** As the shop wrote it; may be no number. */
  quantity: string
  price: string
  /** Of the line, as the shop computed it. */
  total: string
}

/** A value of an order as one text; empty for what holds none. Lists are joined, nested objects become JSON. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (Array.isArray(value)) return value.map(textOf).filter(Boolean).join(', ')
  return JSON.stringify(value)
}

/** The digits of a phone number; empty when there are none. */
export function phoneDigits(value: unknown) {
  return textOf(value).replace(/\D/g, '').slice(0, 32)
}
