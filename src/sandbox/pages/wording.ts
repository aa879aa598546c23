const minute = 60_000
const dayLength = 24 * 60 * minute
const units = [
  ['year', 365 * dayLength],
  ['month', 30 * dayLength],
  ['day', dayLength],
  ['hour', 60 * minute],
  ['minute', minute],
] as const

const made = new Map<string, ReturnType<typeof makeWording>>()

/** Numbers, sums and times as the account's people write them. */
export function createWording(timezone: string, currency: string) {
  const key = `${timezone} ${currency}`
  const known = made.get(key) ?? makeWording(timezone, currency)
  made.set(key, known)
  return known
}

function makeWording(timeZone: string, currency: string) {
  const money = new Intl.NumberFormat('ru-RU', {
    style: 'currency',
    currency,
    maximumFractionDigits: 2,
    minimumFractionDigits: 0,
  })
  const number = new Intl.NumberFormat('ru-RU', { maximumFractionDigits: 3 })
  const day = new Intl.DateTimeFormat('ru-RU', { timeZone, day: 'numeric', month: 'long', year: 'numeric' })
  const date = new Intl.DateTimeFormat('ru-RU', { timeZone, day: 'numeric', month: 'long' })
  const time = new Intl.DateTimeFormat('ru-RU', { timeZone, hour: '2-digit', minute: '2-digit' })
  const exact = new Intl.DateTimeFormat('ru-RU', { timeZone, timeStyle: 'medium' })

  return {
    money: (amount: number) => money.format(amount),
    number: (amount: number) => number.format(amount),
    clockTime: (ms: number) => `${exact.format(ms)},${String(new Date(ms).getUTCMilliseconds()).padStart(3, '0')}`,
    moment(ms: number, nowMs: number) {
      if (day.format(ms) === day.format(nowMs)) return time.format(ms)
      return `${date.format(ms)}, ${time.format(ms)}`
    },
    exactMoment: (ms: number) => `${day.format(ms)}, ${exact.format(ms)}`,
    age(ms: number, nowMs: number) {
      const [unit, length] = units.find(([, length]) => nowMs - ms >= length) ?? []
      if (!unit || !length) return 'сейчас'
      return new Intl.NumberFormat('ru-RU', { style: 'unit', unit }).format(Math.floor((nowMs - ms) / length))
    },
    fieldValue(type: string, value: unknown): string {
      if (type === 'checkbox') return value === true ? 'да' : 'нет'
      if (typeof value === 'number' && ['date', 'date_time', 'birthday'].includes(type)) {
        const ms = value * 1000
        return type === 'date_time' ? `${day.format(ms)}, ${time.format(ms)}` : day.format(ms)
      }
      return typeof value === 'string' ? value : JSON.stringify(value ?? '')
    },
  }
}
