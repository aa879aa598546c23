import { z } from 'zod'
import { messageStates } from '../database/tables.ts'
import type { Filter } from '../inbox/filter.ts'
import { reasons } from '../inbox/message.ts'
import { zoneOf } from '../mapping/values/time-zones.ts'

/** Days of the pages' time zone, of which the last is today; but yesterday is a day of its own. */
export const periods = ['today', 'yesterday', '7d', '30d'] as const
/** An order that failed and waits for its next try is told from one that nobody has tried yet. */
export const listedStates = ['pending', 'retrying', 'delivered', 'held', 'dead', 'rejected'] as const

const day = 24 * 60 * 60_000
const text = z.string().trim().min(1).max(190)
/** Before the first of them no order can have come; the day after the last can still be written. */
const moment = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })])
  .refine((at) => Date.parse(at) >= 0 && Date.parse(at) < Date.UTC(9999, 11, 30))

/** The filters as they stand in the address; in this order they stand in the addresses that we make. */
const filters = z.object({
  q: text,
  state: z.enum(listedStates),
  reason: z.enum(reasons),
  /** MySQL compares what is not ASCII with no id. */
  source: text.regex(/^[ -~]+$/),
  form: text,
  partner: text,
  lead: z.enum(['none']),
  period: z.enum(periods),
  /** A day, the last of them included, or an instant. */
  from: moment,
  to: moment,
}).shape
const places = z.object({
  order: z.enum(['newest', 'oldest']),
  limit: z.coerce.number().int().min(1).max(500),
  cursor: z.uuid(),
  /** How many were just sent again. */
  queued: z.coerce.number().int().min(0),
}).shape
const known = { ...filters, ...places }

type Read<Shape extends Record<string, z.ZodType>> = { [Key in keyof Shape]?: z.output<Shape[Key]> | undefined }
export type Filters = Read<typeof filters>
type Known = Filters & Read<typeof places>

export interface ListQuery {
  /** What was understood. */
  filters: Filters
  /** The same for the inbox. */
  filter: Filter
  order: 'newest' | 'oldest'
  limit: number
  cursor: string | undefined
  queued: number | undefined
  /** The names of those that were not, and so filter nothing. */
  ignored: string[]
}

export interface Calendar {
  timeZone: string
  /** Unix ms. */
  now: number
  /** Whether who asks sees phones and e-mails masked. */
  isMasked?: boolean
}

/** What stands in the address of the list, or in a form that carries it. */
export function readListQuery(given: Record<string, unknown>, calendar: Calendar): ListQuery {
  const read: Known = {}
  const ignored: string[] = []
  for (const [key, value] of Object.entries(given)) {
    if (value === '') continue
    const { success, data } = Object.hasOwn(known, key)
      ? known[key as keyof Known].safeParse(value)
      : { success: false, data: undefined }
    if (success) Object.assign(read, { [key]: data })
    else ignored.push(key.slice(0, 40))
  }
  const { order = 'newest', limit = 50, cursor, queued, ...filters } = read
  return { filters, filter: filterOf(filters, calendar), order, limit, cursor, queued, ignored: ignored.slice(0, 10) }
}

function filterOf(
  { q, state, lead, period, from, to, ...same }: Filters,
  { timeZone, now, isMasked }: Calendar,
): Filter {
  const zone = zoneOf(timeZone)
  const midnightOf = (date: string, days = 0) => zone.instantOf(Date.parse(date) + days * day)
  const today = dateOf(now, timeZone)
  const begins = from && (isDay(from) ? midnightOf(from) : Date.parse(from))
  const ends = to && (isDay(to) ? midnightOf(to, 1) : Date.parse(to))
  const first = { today: 0, yesterday: -1, '7d': -6, '30d': -29 }
  const since = [begins, period && midnightOf(today, first[period])].filter((time) => typeof time === 'number')
  const until = [ends, period === 'yesterday' ? midnightOf(today) : null].filter((time) => typeof time === 'number')
  return {
    ...same,
    ...(state === 'retrying' ? { state: 'pending', retrying: true } : { state: messageState(state) }),
    ...(q && { text: q }),
    ...(q && isMasked && { isMasked }),
    ...(lead && { leadless: true }),
    ...(since.length > 0 && { from: Math.max(...since) }),
    ...(until.length > 0 && { until: Math.min(...until) }),
  }
}

const messageState = (name: Filters['state']) => messageStates.find((state) => state === name)
const isDay = (moment: string) => moment.length === 10

/** The day at an instant, such as 2026-11-22. */
export function dateOf(instant: number, timeZone: string) {
  return new Date(instant + zoneOf(timeZone).offsetAt(instant) * 60_000).toISOString().slice(0, 10)
}

/** The filters as an address has them; the same filters give the same text. */
export function queryOf(wanted: Filters & { order?: string; limit?: number }) {
  const pairs = Object.keys(known).flatMap((key): [string, string][] => {
    const value = wanted[key as keyof typeof wanted]
    return value === undefined ? [] : [[key, String(value)]]
  })
  return new URLSearchParams(pairs).toString()
}

/** The filters as fields of a form that means the orders that match now; days that move on are named. */
export function fieldsOf({ filters, filter }: Pick<ListQuery, 'filters' | 'filter'>) {
  const { period: _, ...lasting } = filters
  const instant = (name: string, ms: number | undefined) => (ms === undefined ? {} : { [name]: iso(ms) })
  return { ...lasting, ...instant('from', filter.from), ...instant('to', filter.until) }
}

function iso(ms: number) {
  return new Date(ms).toISOString()
}
