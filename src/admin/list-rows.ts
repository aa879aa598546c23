import { createHash } from 'node:crypto'
import type { ListedMessage } from '../inbox/list.ts'
import { dateOf } from './list-query.ts'
import { maskEmail, maskPhone } from './mask.ts'

interface Wording {
  /** Such as ru-RU. */
  locale: string
  timeZone: string
  /** Of the account, such as RUB; null: a plain number. */
  currency: string | null
  /** What people call sources, by their ids. */
  sourceNames: Map<string, string>
  /** Unix ms. */
  now: number
  /** Whether phones and e-mails are masked. */
  isMasked: boolean
}

export type Row = ReturnType<ReturnType<typeof createRows>>

/** What a row of the list shows of an order, in words. */
export function createRows({ locale, timeZone, currency, sourceNames, now, isMasked }: Wording) {
  const format = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, { timeZone, ...options })
  const clock = format({ timeStyle: 'medium' })
  const short = format({ timeStyle: 'short' })
  const dayOfYear = format({ day: 'numeric', month: 'short' })
  const withYear = format({ dateStyle: 'short' })
  const whole = format({ dateStyle: 'full', timeStyle: 'medium' })
  const money = createMoney(locale, currency)
  const relative = createRelative(locale)
  const today = dateOf(now, timeZone)

  /** The day only where it is not today. */
  function timeOf(ms: number) {
    const date = dateOf(ms, timeZone)
    if (date === today) return { day: null, clock: clock.format(ms) }
    const day = (date.slice(0, 4) === today.slice(0, 4) ? dayOfYear : withYear).format(ms)
    return { day, clock: short.format(ms) }
  }

  return (message: ListedMessage) => {
    const { received_at, total, phone_digits, email, next_attempt_at } = message
    const dueAt = message.state === 'pending' && next_attempt_at && next_attempt_at > now ? next_attempt_at : null
    return {
      ...message,
      sourceName: sourceNames.get(message.source) ?? null,
      time: timeOf(received_at),
      wholeTime: whole.format(received_at),
      sum: total === null ? null : money(Number(total)),
      buyer: [
        phone_digits && (isMasked ? maskPhone(phone_digits) : readablePhone(phone_digits)),
        email && (isMasked ? maskEmail(email) : email),
      ].filter(Boolean),
      due: dueAt && { in: relative(dueAt - now), ...timeOf(dueAt), whole: whole.format(dueAt) },
      /** Changes with whatever changes in the row. */
      stamp: stampOf(message),
    }
  }
}

/** Without the cents that are none. */
function createMoney(locale: string, currency: string | null) {
  const plain = { minimumFractionDigits: 2, maximumFractionDigits: 2, trailingZeroDisplay: 'stripIfInteger' } as const
  const isKnown = currency !== null && Intl.supportedValuesOf('currency').includes(currency)
  const format = new Intl.NumberFormat(locale, isKnown ? { ...plain, style: 'currency', currency } : plain)
  // Billions may go on in a second line, but between their thousands.
  return (sum: number) => format.format(sum).replace(/[\u00a0\u202f]/g, ' ')
}

const units = [
  ['day', 24 * 60 * 60_000],
  ['hour', 60 * 60_000],
  ['minute', 60_000],
  ['second', 1000],
] as const

function createRelative(locale: string) {
  const format = new Intl.RelativeTimeFormat(locale, { style: 'short' })
  return (ms: number) => {
    const [unit, size] = units.find(([, size]) => Math.abs(ms) >= size) ?? ['second', 1000]
    return format.format(Math.round(ms / size), unit)
  }
}

/** `+7 916 123-45-67`; of another country its digits. */
function readablePhone(digits: string) {
  const [, code, head, middle, end] = /^[78](\d{3})(\d{3})(\d\d)(\d\d)$/.exec(digits) ?? []
  return code ? `+7 ${code} ${head}-${middle}-${end}` : digits
}

function stampOf(message: ListedMessage) {
  const { state, reason, attempts, next_attempt_at, lease_until, lead_id, total, order_number, duplicates } = message
  const isSending = lease_until !== null
  const shown = [state, reason, attempts, isSending ? 0 : next_attempt_at, isSending, lead_id, total, order_number]
  return createHash('sha256')
    .update(JSON.stringify([...shown, duplicates, message.partner_id, message.warnings]))
    .digest('base64url')
    .slice(0, 8)
}
