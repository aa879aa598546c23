import { days } from '../config/alert-schema.ts'

const minute = 60_000
/** Ms. Working time is counted in pieces of this length. */
const piece = 10 * minute
/** Nobody waits for orders longer. */
const furthestBack = 60 * 24 * 60 * minute

interface Span {
  /** `HH:MM` */
  from: string
  to: string
  timeZone: string
}

/** Whether it is between these times; `to` may be on the next day. @param at unix ms */
export function isWithin(at: number, { from, to, timeZone }: Span) {
  const { time } = localTime(at, timeZone)
  return from < to ? time >= from && time < to : time >= from || time < to
}

/** Ms of working time between two times, to within ten minutes. */
export function workingTime(since: number, until: number, hours: Span & { days: string[] }) {
  let worked = 0
  for (let at = until; at > Math.max(since, until - furthestBack); at -= piece) {
    const length = Math.min(piece, at - since)
    const { day } = localTime(at - 1, hours.timeZone)
    if (hours.days.includes(day) && isWithin(at - 1, hours)) worked += length
  }
  return worked
}

const formats = new Map<string, Intl.DateTimeFormat>()

function localTime(at: number, timeZone: string) {
  const format =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat('en-GB', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    })
  formats.set(timeZone, format)
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]))
  const day = days.find((each) => each === parts.get('weekday')?.toLowerCase()) ?? 'mon'
  return { day, time: `${parts.get('hour')}:${parts.get('minute')}` }
}
