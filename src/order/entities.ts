import { decodeHTMLStrict } from 'entities'

const deepest = 20

/** Characters that nobody sees, but that may turn the text around them, or end it. */
const unseen = /(?![\n\r\t])\p{Cc}|[\u202a-\u202e\u2066-\u2069\ufeff]/gu

/** A body with the HTML entities of its texts decoded and nothing in them that cannot be seen. Nobody nests an order deeper than this but to do harm. */
export function decodeTexts(body: Record<string, unknown>) {
  return decode(body, 0) as Record<string, unknown>
}

function decode(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return decodeHTMLStrict(value).replace(unseen, '').toWellFormed().trim()
  if (typeof value !== 'object' || value === null) return value
  if (depth >= deepest) return '…'
  if (Array.isArray(value)) return value.map((item) => decode(item, depth + 1))
  const decoded: Record<string, unknown> = Object.create(null)
  for (const [key, item] of Object.entries(value)) decoded[key] = decode(item, depth + 1)
  return decoded
}
