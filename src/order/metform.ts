import { decodeTexts } from './entities.ts'
import type { Order } from './order.ts'

/** Whether a body is what the Metform plugin of WordPress posts: the form's fields in one JSON text, whole or not. */
export function isMetform({ entries }: Record<string, unknown>) {
  return typeof entries === 'string' && /^\s*\{/.test(entries)
}

/** A form that somebody filled in on a WordPress site: `form_id` among the rest says which. */
export function parseMetform({ entries, ...rest }: Record<string, unknown>): Omit<Order, 'source'> {
  const fields = readEntries(String(entries)) ?? { entries }
  return {
    format: 'metform',
    fields: decodeTexts(fields),
    meta: decodeTexts(rest),
    products: [],
    vouchers: [],
    totals: [],
  }
}

function readEntries(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null
  } catch {
    return null
  }
}
