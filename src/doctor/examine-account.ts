import type { AccountState, Facts, Setup } from './facts.ts'
import { error, type Finding, ok, warning } from './finding.ts'

const minute = 60_000

/** Clocks, time zones and currency. */
export function examineAccount({ clockAhead, timeZone, currency }: AccountState, _: Setup, facts: Facts): Finding[] {
  const zones = { account: timeZone, machine: facts.timeZone }
  return [
    ...examineClock(clockAhead),
    timeZone === facts.timeZone ? ok('time_zone_same', zones) : ok('time_zone_differs', zones),
    ...(currency === null ? [] : [ok('currency', { currency })]),
  ]
}

/** The processes take turns by their clocks, and what is new in the CRM is told by its own. */
function examineClock(ahead: number | null): Finding[] {
  if (ahead === null) return []
  const params = { seconds: String(Math.max(1, Math.ceil(Math.abs(ahead) / 1000))) }
  const isAhead = ahead > 0
  if (Math.abs(ahead) > 5 * minute) return [isAhead ? error('clock_ahead', params) : error('clock_behind', params)]
  if (Math.abs(ahead) > minute / 2) return [isAhead ? warning('clock_ahead', params) : warning('clock_behind', params)]
  return [ok('clock_right', params)]
}
