import type { ConnectionStatus } from '../amocrm/connection-status.ts'
import type { AlertRules } from '../config/alerts.ts'
import type { Needy } from '../inbox/standing.ts'
import { workingTime } from './local-time.ts'

export const ruleNames = [
  'needs_person',
  'oldest_waiting',
  'connection_lost',
  'connection_ends',
  'no_orders',
  'database',
  'disk',
] as const
export type RuleName = (typeof ruleNames)[number]

/** They do not wait for the end of the quiet hours. */
export const serious: ReadonlySet<string> = new Set<RuleName>(['connection_lost', 'database', 'disk'])

/** What there is to say of it. */
export type Details = Record<string, unknown>

/** Times are unix ms. */
export interface Facts {
  now: number
  needy: Needy
  oldest: { id: string; since: number } | null
  connection: ConnectionStatus
  lastReceived: number | null
  /** Bytes where the SQLite file lies; null where the database is elsewhere. */
  disk: { free: number; size: number } | null
}

/** What to say of each rule that is broken; null of one that is not. That of the database is not asked of the database. */
export function judge(facts: Facts, rules: AlertRules, raised: ReadonlySet<string>): [RuleName, Details | null][] {
  const { now, needy, connection } = facts
  return [
    ['needs_person', rules.needs_person && needy.count > 0 ? { ...needy } : null],
    ['oldest_waiting', rules.oldest_waiting ? waitsTooLong(facts, rules.oldest_waiting.minutes * minute) : null],
    [
      'connection_lost',
      rules.connection_lost && connection.state === 'lost' ? { reason: connection.lost?.reason ?? null } : null,
    ],
    ['connection_ends', rules.connection_ends ? endsWithin(connection, rules.connection_ends.days * day, now) : null],
    ['no_orders', rules.no_orders ? missesOrders(facts, rules.no_orders) : null],
    ['disk', rules.disk ? isFull(facts, rules.disk, raised.has('disk')) : null],
  ]
}

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const gigabyte = 1e9
/** What has become full again and again would be told again and again. */
const margin = 1.1

function waitsTooLong({ now, oldest, connection }: Facts, ms: number) {
  return oldest && now - oldest.since > ms ? { ...oldest, stopped: connection.stopped !== null } : null
}

function endsWithin({ state, until }: ConnectionStatus, ms: number, now: number) {
  const isThere = state === 'connected' || state === 'expiring'
  return isThere && until !== null && until - now < ms ? { until } : null
}

function missesOrders({ now, lastReceived: last }: Facts, settings: Exclude<AlertRules['no_orders'], false>) {
  const isMissing = last !== null && workingTime(last, now, settings) > settings.hours * hour
  return isMissing ? { last, hours: settings.hours } : null
}

function isFull({ disk }: Facts, { percent, gigabytes }: Exclude<AlertRules['disk'], false>, isRaised: boolean) {
  if (!disk) return null
  const least = Math.max((disk.size * percent) / 100, gigabytes * gigabyte) * (isRaised ? margin : 1)
  return disk.free < least ? disk : null
}
