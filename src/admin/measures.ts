const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

type Unit = 'second' | 'minute' | 'hour' | 'day' | 'megabyte' | 'gigabyte'

/** Texts of how long something takes and how large it is, in the largest units that say enough. */
export function createMeasures(locale: string) {
  const formats = new Map<string, Intl.NumberFormat>()
  const decimals = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 })

  function say(value: number, unit: Unit, digits = 0) {
    const format =
      formats.get(unit + digits) ??
      new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: digits })
    formats.set(unit + digits, format)
    // A number stays with its unit.
    return format.format(value).replaceAll(' ', '\u00a0')
  }

  function sayTwo(ms: number, [larger, ofLarger]: [Unit, number], [smaller, ofSmaller]: [Unit, number]) {
    const rest = Math.floor((ms % ofLarger) / ofSmaller)
    const most = say(Math.floor(ms / ofLarger), larger)
    return rest === 0 ? most : `${most} ${say(rest, smaller)}`
  }

  return {
    duration(ms: number) {
      if (ms < 10 * second) return say(Math.max(0, ms) / second, 'second', 1)
      if (ms < minute) return say(Math.floor(ms / second), 'second')
      if (ms < hour) return say(Math.floor(ms / minute), 'minute')
      if (ms < 2 * day) return sayTwo(ms, ['hour', hour], ['minute', minute])
      return sayTwo(ms, ['day', day], ['hour', hour])
    },
    bytes(count: number) {
      const megabytes = count / 1e6
      return megabytes < 1000 ? say(megabytes, 'megabyte', 1) : say(megabytes / 1000, 'gigabyte', 1)
    },
    decimal: (value: number) => decimals.format(value),
  }
}
