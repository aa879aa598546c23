/** Nothing that is counted or paid for takes more characters. */
const longestNumber = 40

/** A number as shops write it: `12500.0000`, `1 250,50`, `3`. Null for anything else. */
export function parseNumber(text: string): number | null {
  if (text.length > longestNumber) return null
  const plain = text.replace(/[\s\u00a0\u202f]/g, '').replace(/,(?=\d{1,2}$)/, '.')
  if (!/^[+-]?(\d+(\.\d*)?|\.\d+)$/.test(plain)) return null
  const number = Number(plain)
  return Number.isFinite(number) ? number : null
}

const whole = new Intl.NumberFormat('ru-RU', { maximumFractionDigits: 0 })
const withKopecks = new Intl.NumberFormat('ru-RU', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
const upToThree = new Intl.NumberFormat('ru-RU', { maximumFractionDigits: 3 })

/** `12 500`, or `12 500,50` when there are kopecks; what is no number stays as it is. */
export function formatMoney(text: string) {
  const amount = parseNumber(text)
  if (amount === null) return text
  const rounded = Math.round(amount * 100) / 100
  return Number.isInteger(rounded) ? whole.format(rounded) : withKopecks.format(rounded)
}

/** `3`, or `1,5`; what is no number stays as it is. */
export function formatQuantity(text: string) {
  const quantity = parseNumber(text)
  return quantity === null ? text : upToThree.format(quantity)
}
