/** How many of something took how long; the key is a power of `step` in ms, so that many of these can be added up. */
export type Durations = Record<number, number>

/** Known to five per cent. */
const step = 1.1

/** @param ms below zero where clocks differ */
export function addDuration(durations: Durations, ms: number, count = 1) {
  const power = Math.round(Math.log(Math.max(ms, 1)) / Math.log(step))
  durations[power] = (durations[power] ?? 0) + count
}

export function sumOf(all: Durations[]): Durations {
  const sum: Durations = {}
  for (const durations of all)
    for (const [power, count] of Object.entries(durations)) sum[Number(power)] = (sum[Number(power)] ?? 0) + count
  return sum
}

export function countOf(durations: Durations) {
  return Object.values(durations).reduce((sum, count) => sum + count, 0)
}

/** The ms in which this share of them was done; null of none. @param share 0 to 1 */
export function quantileOf(durations: Durations, share: number) {
  const powers = Object.keys(durations).map(Number)
  let left = Math.ceil(countOf(durations) * share)
  for (const power of powers.toSorted((one, other) => one - other)) {
    left -= durations[power] ?? 0
    if (left <= 0) return Math.round(step ** power)
  }
  return null
}
