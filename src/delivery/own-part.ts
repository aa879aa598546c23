import type { Exchange } from '../amocrm/client.ts'
import type { CrmFault } from '../amocrm/errors.ts'
import { isOwn, type Reading } from './attempt.ts'

/** Characters kept of what was sent and of what was answered. */
const longestRecord = { request: 100_000, answer: 16_000 }

/** What an exchange says of each of the orders that it was for, as their pages show it. */
export function createOwnParts(exchange: Exchange, readings: Reading[]) {
  const { call, answer: text } = exchange
  // A list that is looked through holds what is not of these orders at all.
  const isShared = readings.length > 1 || call.method === 'GET'
  const answer = isShared ? parseJson(text) : undefined
  const isCutOff = isShared && answer === undefined && /^\s*[[{]/.test(text ?? '')

  return (reading: Reading) => {
    const own = (items: unknown[]) => (isShared ? items.filter((item) => isOwn(reading, item)) : items)
    const request = Array.isArray(call.body) ? { ...call, body: own(call.body) } : call
    const whole = isCutOff ? null : text
    const part = answer === undefined ? whole : JSON.stringify(ownAnswer(reading, answer, call.body))
    return {
      request: JSON.stringify(request).slice(0, longestRecord.request),
      answer: part?.slice(0, longestRecord.answer) ?? null,
    }
  }
}

function ownAnswer(reading: Reading, answer: Record<string, unknown>, body: unknown) {
  const embedded = asRecord(answer['_embedded'])
  const faults = answer['validation-errors']
  const isOfOthers = (entry: unknown) => !isOwnFault(reading, String(asRecord(entry)?.['request_id'] ?? ''), body)
  return {
    ...answer,
    ...(embedded && {
      _embedded: Object.fromEntries(
        Object.entries(embedded).map(([name, items]) => [
          name,
          Array.isArray(items) ? items.filter((item) => isOwn(reading, item)) : items,
        ]),
      ),
    }),
    ...(Array.isArray(faults) && { 'validation-errors': faults.filter((entry) => !isOfOthers(entry)) }),
  }
}

/** What the CRM has against this order's part of a request. */
export function ownFaults(reading: Reading, faults: readonly CrmFault[], body: unknown): CrmFault[] {
  return faults.filter(({ item }) => item !== null && isOwnFault(reading, item, body))
}

/** @param item a request id, or a place in the body */
function isOwnFault(reading: Reading, item: string, body: unknown) {
  const placed = Array.isArray(body) && /^\d+$/.test(item) ? body[Number(item)] : undefined
  return isOwn(reading, { request_id: item }) || isOwn(reading, placed)
}

function parseJson(text: string | null) {
  try {
    return asRecord(JSON.parse(text ?? ''))
  } catch {
    return undefined
  }
}

function asRecord(value: unknown) {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
}
