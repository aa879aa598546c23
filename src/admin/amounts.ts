import { parseNumber } from '../mapping/numbers.ts'

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** `240 мс`, `1,4 с`, `4 мин 12 с`, `2 ч 5 мин`: the two largest units. */
export function formatSpan(ms: number, locale: string) {
  const length = Math.max(0, ms)
  const say = (value: number, unit: string, maximumFractionDigits = 0) =>
    new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits }).format(value)
  const both = (large: number, largeUnit: string, small: number, smallUnit: string) => {
    const rest = Math.floor((length % large) / small)
    const whole = say(Math.floor(length / large), largeUnit)
    return rest > 0 ? `${whole} ${say(rest, smallUnit)}` : whole
  }
  if (length < second) return say(Math.round(length), 'millisecond')
  if (length < 10 * second) return say(length / second, 'second', 1)
  if (length < minute) return say(Math.round(length / second), 'second')
  if (length < hour) return both(minute, 'minute', second, 'second')
  if (length < day) return both(hour, 'hour', minute, 'minute')
  return both(day, 'day', hour, 'hour')
}

/** `12 500 ₽`; without a currency the number alone, and what is no number stays as it is. */
export function formatSum(text: string, currency: string | null, locale: string) {
  const amount = parseNumber(text)
  if (amount === null || Math.abs(amount) > Number.MAX_SAFE_INTEGER) return text
  const minimumFractionDigits = Number.isInteger(Math.round(amount * 100) / 100) ? 0 : 2
  const digits = { minimumFractionDigits, maximumFractionDigits: 2 }
  const style = currency !== null && /^[A-Z]{3}$/.test(currency) ? { style: 'currency' as const, currency } : {}
  return new Intl.NumberFormat(locale, { ...style, currencyDisplay: 'narrowSymbol', ...digits }).format(amount)
}
