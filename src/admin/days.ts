import { zoneOf } from '../mapping/values/time-zones.ts'

const hour = 60 * 60_000
const day = 24 * hour

/** From one moment up to another, unix ms. */
export interface Span {
  from: number
  to: number
}

/** The day of that time zone that holds a moment. */
export function dayAt(ms: number, timeZone: string): Span {
  const zone = zoneOf(timeZone)
  const local = ms + zone.offsetAt(ms) * 60_000
  const midnight = local - (local % day)
  return { from: zone.instantOf(midnight), to: zone.instantOf(midnight + day) }
}

/** So many days, of which the last holds the moment. */
export function lastDays(ms: number, count: number, timeZone: string): Span[] {
  const days = [dayAt(ms, timeZone)]
  for (let [first] = days; first && days.length < count; [first] = days)
    // No day is shorter than this.
    days.unshift(dayAt(first.from - hour, timeZone))
  return days
}

/** Its hours: 23 or 25 where the clocks are changed. */
export function hoursOf({ from, to }: Span): Span[] {
  const count = Math.ceil((to - from) / hour)
  return Array.from({ length: count }, (_, index) => ({
    from: from + index * hour,
    to: Math.min(to, from + (index + 1) * hour),
  }))
}
