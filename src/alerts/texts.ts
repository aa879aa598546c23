import type { Translate } from '../config/translate.ts'
import type { Details } from './rules.ts'

export interface Happening {
  rule: string
  kind: 'raised' | 'more' | 'over'
  /** Unix ms. */
  at: number
  /** Unix ms, when the trouble began. */
  since: number
  details: Details
}

export interface TextSettings {
  translate: Translate
  language: 'ru' | 'en'
  timeZone: string
  /** The address of this installation. */
  base: string
}

/** Characters of what others have written. */
const longestWord = 60

/** What happened, in plain words and without anything of whose orders they are. The first line is a sentence of its own. */
export function describe(happening: Happening, settings: TextSettings): string {
  const { rule, kind, at, since } = happening
  const { translate } = settings
  if (kind === 'over') {
    const lasted = duration(at - since, settings.language)
    return `✓ ${translate(`alerts.over.${rule}`)}. ${translate('alerts.lasted', { lasted })}`
  }
  const lines = [`⚠ ${headline(happening, settings)}`, ...remarks(happening, settings)]
  return [...lines, linkOf(happening, settings.base)].join('\n')
}

function headline({ rule, kind, at, details }: Happening, { translate, language, timeZone }: TextSettings) {
  const time = (ms: unknown) =>
    new Intl.DateTimeFormat(localeOf(language), { dateStyle: 'short', timeStyle: 'short', timeZone }).format(Number(ms))
  const gigabytes = (bytes: unknown) =>
    (Number(bytes) / 1e9).toLocaleString(localeOf(language), { maximumFractionDigits: 1 })
  switch (rule) {
    case 'needs_person':
      return translate(kind === 'more' ? 'alerts.raised.needs_person.more' : 'alerts.raised.needs_person', {
        count: Number(details['count']),
      })
    case 'oldest_waiting':
      return translate('alerts.raised.oldest_waiting', { waited: duration(at - Number(details['since']), language) })
    case 'connection_ends':
      return translate('alerts.raised.connection_ends', { until: time(details['until']) })
    case 'no_orders':
      return translate('alerts.raised.no_orders', { count: Number(details['hours']), last: time(details['last']) })
    case 'database':
      return translate('alerts.raised.database', { host: word(details['host']) })
    case 'disk':
      return translate('alerts.raised.disk', { free: gigabytes(details['free']), size: gigabytes(details['size']) })
    default:
      return translate('alerts.raised.connection_lost')
  }
}

function remarks({ rule, details }: Happening, { translate }: TextSettings) {
  const { reason, orders, stopped } = details
  const isMany = rule === 'needs_person' && Number(details['count']) > 1
  return [
    ...(typeof reason === 'string'
      ? [translate(isMany ? 'alerts.commonest' : 'alerts.reason', { reason: translate(`reason.${reason}`) })]
      : []),
    ...(Array.isArray(orders) && orders.length > 0
      ? [translate('alerts.orders', { orders: orders.map(word).join(', ') })]
      : []),
    ...(stopped ? [translate('alerts.stopped')] : []),
  ]
}

/** Where it is mended. */
function linkOf({ rule, details }: Happening, base: string) {
  if (rule === 'needs_person') return `${base}/app/problems`
  if (rule === 'oldest_waiting') return `${base}/app/transactions/${details['id']}`
  if (rule === 'no_orders') return `${base}/app/transactions`
  return rule.startsWith('connection') ? `${base}/api/auth` : `${base}/app/alerts`
}

/** Nothing that a sender has written can begin a line of its own. */
function word(text: unknown) {
  const oneLine = String(text)
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .trim()
  const characters = Array.from(oneLine)
  return characters.length > longestWord ? `${characters.slice(0, longestWord - 1).join('')}…` : oneLine
}

const minute = 60_000
const units = [
  ['day', 24 * 60 * minute],
  ['hour', 60 * minute],
  ['minute', minute],
] as const

/** The two largest units of it. */
export function duration(ms: number, language: 'ru' | 'en') {
  const first = Math.max(
    units.findIndex(([, length]) => ms >= length),
    0,
  )
  const started = ms < minute ? units.length - 1 : first
  let rest = Math.max(ms, 0)
  const words: string[] = []
  for (const [unit, length] of units.slice(started, started + 2)) {
    const count = Math.floor(rest / length)
    rest -= count * length
    const format = new Intl.NumberFormat(localeOf(language), { style: 'unit', unit, unitDisplay: 'short' })
    if (count > 0 || words.length === 0) words.push(format.format(count))
  }
  return words.join(' ')
}

function localeOf(language: 'ru' | 'en') {
  return language === 'ru' ? 'ru-RU' : 'en-GB'
}
