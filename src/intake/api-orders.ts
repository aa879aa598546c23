import type { Inbound } from '../inbox/accept.ts'
import { apiKey } from '../inbox/sender-key.ts'
import { type DedupeKey, dedupeKeyOf, type Knock } from './dedupe-key.ts'

/** By which senders say in a header that it is the same order again, on every address of the order API. */
const dedupeBy = [{ in: 'header' as const, name: 'idempotency-key' }]

/** As what a body of the order API is read: as JSON, whatever it is called, but for forms. */
export function apiContentType(contentType: string, body: Buffer) {
  const isForm = /^\s*(multipart\/form-data|application\/x-www-form-urlencoded)\b/i.exec(contentType)
  // curl calls everything a form that is not called anything.
  if (isForm && !(/^\s*a/i.test(isForm[0]) && looksLikeObject(body))) return contentType
  return contentType.replace(/^[^;]*/, 'application/json')
}

function looksLikeObject(body: Buffer) {
  return /^(\ufeff)?\s*\{/.test(body.toString('utf8', 0, 100))
}

/** Of one address: an id that comes to another one is another order's. @param dedupeWindow ms */
export function apiDedupeKey(
  format: NonNullable<Inbound['format']>,
  dedupeWindow: number,
  knock: Omit<Knock, 'fieldOf'>,
): DedupeKey {
  const { key, ...rest } = dedupeKeyOf({ dedupeBy, dedupeWindow }, { ...knock, fieldOf: () => null })
  return { key: apiKey(format, key), ...rest }
}
