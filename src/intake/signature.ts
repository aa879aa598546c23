import { createHmac } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { isSame } from './token.ts'

const toleranceMs = 5 * 60_000
const version = 'v1,'

/**
 * Whether one of the keys has signed the body, and lately. https://www.standardwebhooks.com: `webhook-signature` is a
 * list of `v1,<base64>`, so that a sender may change its key.
 */
export function isSigned(headers: IncomingHttpHeaders, body: Buffer, keys: readonly Buffer[], now: number) {
  const id = headers['webhook-id']
  const timestamp = headers['webhook-timestamp']
  const signature = headers['webhook-signature']
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signature !== 'string') return false
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(now - Number(timestamp) * 1000) > toleranceMs) return false

  const signatures = signature.split(' ').filter((each) => each.startsWith(version))
  const presented = signatures.map((each) => Buffer.from(each.slice(version.length), 'base64'))
  let isOurs = false
  for (const key of keys) {
    // Node reads headers as latin1, so this gives back the very bytes that were sent.
    const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`, 'latin1').update(body).digest()
    for (const each of presented) if (isSame(expected, each)) isOurs = true
  }
  return isOurs
}
