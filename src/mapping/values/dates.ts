import { type Converted, type Given, refused, taken } from './converted.ts'
import { type Zone, zoneOf } from './time-zones.ts'

const minute = 60_000
const day = 86_400_000

/** A date alone is the account's midnight: amoCRM shows it by the account's clocks, so any other may be a day off. */
export function convertDate(given: Given): Converted {
  const { type } = given.target.field
  const zone = zoneOf(given.timeZone)
  const instant = instantOf(given.text, zone, type === 'birthday')
  if (instant === null) return refused(given, 'value_not_date')
  if (type === 'date_time') return taken([{ value: rfc3339(instant, zone) }])
  const wall = instant + zone.offsetAt(instant) * minute
  return taken([{ value: rfc3339(zone.instantOf(Math.floor(wall / day) * day), zone) }])
}

/** `04.07.2026`, by the clocks of the zone; what is no date stays as it is. */
export function formatDay(written: string, timeZone: string) {
  const zone = zoneOf(timeZone)
  const instant = instantOf(written.trim(), zone, false)
  if (instant === null) return written
  const wall = new Date(instant + zone.offsetAt(instant) * minute).toISOString()
  return wall.slice(0, 10).split('-').reverse().join('.')
}

/** `2026-07-04T00:00:00+03:00` */
function rfc3339(instant: number, zone: Zone) {
  const offset = zone.offsetAt(instant)
  const wall = new Date(instant + offset * minute).toISOString().slice(0, 19)
  const ahead = Math.abs(offset)
  return `${wall}${offset < 0 ? '-' : '+'}${pad(Math.floor(ahead / 60))}:${pad(ahead % 60)}`
}

const pad = (number: number) => String(number).padStart(2, '0')

const longestDate = 64
const lastYear = 2100

function instantOf(written: string, zone: Zone, isBirthday: boolean): number | null {
  if (written.length > longestDate) return null
  if (!/^(\d{10}|\d{13})$/.test(written)) {
    return readCalendar(written.toLowerCase().replace(/\s+/g, ' '), zone, isBirthday)
  }
  const instant = Number(written) * (written.length === 10 ? 1000 : 1)
  return instant < Date.UTC(lastYear + 1) ? instant : null
}

const clock = /(?:^|[t ,])(\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d+)?)? ?(z|[+-]\d\d(?::?\d\d)?)?(?=$|[ ,])/

/** A day with or without a time, which may stand before or behind it. */
function readCalendar(text: string, zone: Zone, isBirthday: boolean): number | null {
  const time = clock.exec(text)
  const [, hours = '0', minutes = '0', seconds = '0', offset] = time ?? []
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return null
  const date = readDate(time ? text.replace(clock, ' ') : text, isBirthday)
  if (date === null) return null
  const wall = date.midnight + ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000
  if (offset === undefined) return zone.instantOf(wall)
  // Behind other dates it is the end of a time span: 10:00 -14.
  const ahead = minutesOf(offset)
  return date.isIso && Math.abs(ahead) <= farthestAhead ? wall - ahead * minute : null
}

const farthestAhead = 14 * 60

function minutesOf(offset: string) {
  if (offset === 'z') return 0
  const digits = offset.replace(':', '').slice(1)
  const ahead = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2))
  return offset.startsWith('-') ? -ahead : ahead
}

const iso = /^(?<year>\d{4})([-./])(?<month>\d{1,2})\2(?<day>\d{1,2})$/
const dotted = /^(?<day>\d{1,2})([-./])(?<month>\d{1,2})\2(?<year>\d{4}|\d\d)(?: ?(?:г|года?|р|року)\.?)?$/
const worded = /^(?<day>\d{1,2})[ -](?<word>\p{L}{3,})\.?,?[ -](?<year>\d{4})(?: ?(?:г|года?|р|року)\.?)?$/u

function readDate(text: string, isBirthday: boolean) {
  const date = text.replace(/^[ ,]+|[ ,]+(?:в[ ,]+)?$/g, '')
  const isIso = iso.test(date)
  const {
    year = '',
    month,
    day = '',
    word = '',
  } = (iso.exec(date) ?? dotted.exec(date) ?? worded.exec(date))?.groups ?? {}
  const midnight = midnightOf(fullYear(year, isBirthday), month ? Number(month) : monthOf(word), Number(day))
  return midnight === null ? null : { midnight, isIso }
}

/** Two digits: 00–68 are 2000–2068; of a birthday 00–29 are 2000–2029. All others are of the past century. */
function fullYear(year: string, isBirthday: boolean) {
  if (year.length !== 2) return Number(year)
  return Number(year) + (Number(year) > (isBirthday ? 29 : 68) ? 1900 : 2000)
}

/** As if local time were UTC. Null for a day that no calendar has. */
function midnightOf(year: number, month: number, day: number): number | null {
  if (year < 1900 || year > lastYear) return null
  const midnight = new Date(Date.UTC(year, month - 1, day))
  return midnight.getUTCMonth() === month - 1 && midnight.getUTCDate() === day ? midnight.getTime() : null
}

const monthNames = ['ru', 'uk', 'en'].map((language) => {
  const format = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'long', timeZone: 'UTC' })
  return Array.from({ length: 12 }, (_, month) =>
    format.format(Date.UTC(2026, month)).replace(/[\d ]/g, '').toLowerCase(),
  )
})

/** Shortened ones count too: `июл`, `сент`. */
function monthOf(word: string) {
  if (word === '') return 0
  const found = monthNames.map((names) => names.findIndex((name) => name.startsWith(word)))
  return Math.max(...found) + 1
}
