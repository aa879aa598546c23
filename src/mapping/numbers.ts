/** Nothing that is counted or paid for takes more characters. */
const longestNumber = 40

const currency =
  /^(?:\p{Sc}|rub|usd|eur|uah|kzt|byn)|(?:\p{Sc}|rub|usd|eur|uah|kzt|byn|руб(?:\.|лей|ля|ль)?|р\.?|грн\.?|тг\.?)$/giu

/**
 * A number as shops write it: `12500.0000`, `1 250,50 ₽`, `1,250.50`, `3`. Null for anything else, and for what can be
 * read in two ways: `1,250`.
 */
export function parseNumber(text: string): number | null {
  if (text.length > longestNumber) return null
  const plain = withPoint(
    text
      .trim()
      .replace(currency, '')
      .trim()
      .replace(/^[−–]/, '-')
      .replace(/^([+-])\s+/, '$1')
      .replace(/(?<=\d)\s(?=\d{3}(?!\d))/g, ''),
  )
  if (!/^[+-]?(\d+(\.\d*)?|\.\d+)$/.test(plain)) return null
  const number = Number(plain)
  return Number.isFinite(number) ? number : null
}

/** A point or a comma parts thousands only where the other one follows. */
function withPoint(text: string) {
  if (/^[+-]?\d{1,3}(,\d{3})+\.\d+$/.test(text)) return text.replaceAll(',', '')
  if (/^[+-]?\d{1,3}(\.\d{3})+,\d+$/.test(text)) return text.replaceAll('.', '').replace(',', '.')
  return /^[+-]?(\d*,(\d{1,2}|\d{4,})|0,\d+)$/.test(text) ? text.replace(',', '.') : text
}

const decimal = new Intl.NumberFormat('en-US', {
  useGrouping: false,
  maximumFractionDigits: 10,
  signDisplay: 'negative',
})

/** `1250.5`, never `1e-7`. Null where digits would be lost. */
export function decimalText(number: number): string | null {
  return Math.abs(number) <= Number.MAX_SAFE_INTEGER ? decimal.format(number) : null
}

const whole = new Intl.NumberFormat('ru-RU', { maximumFractionDigits: 0 })
const withKopecks = new Intl.NumberFormat('ru-RU', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
const upToThree = new Intl.NumberFormat('ru-RU', { maximumFractionDigits: 3 })

/** `12 500`, or `12 500,50` when there are kopecks; what is no number stays as it is. */
export function formatMoney(text: string) {
  const amount = parseNumber(text)
  if (amount === null || Math.abs(amount) > Number.MAX_SAFE_INTEGER) return text
  const rounded = Math.round(amount * 100) / 100
  return Number.isInteger(rounded) ? whole.format(rounded) : withKopecks.format(rounded)
}

/** `3`, or `1,5`; what is no number stays as it is. */
export function formatQuantity(text: string) {
  const quantity = parseNumber(text)
  return quantity === null ? text : upToThree.format(quantity)
}
