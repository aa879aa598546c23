import { atOnce } from '../amocrm/batches.ts'
import { requestsPerSecond } from '../amocrm/traffic.ts'
import type { Translate } from '../config/translate.ts'
import type { Scope } from '../inbox/run-scope.ts'
import type { Run } from '../inbox/runs.ts'

/** Leads, links and notes, and a look for what an earlier try may have made. */
const requestsOfBatch = 4

/** Ms that so many orders take, when nothing else is sent. */
export function estimateMs(orders: number) {
  return (Math.ceil(orders / atOnce) * requestsOfBatch * 1000) / requestsPerSecond.delivery
}

export const pace = { requests: requestsPerSecond.delivery, orders: atOnce }

/** Rounded as people do: seconds, minutes, hours. */
export function aboutWords(ms: number, translate: Translate) {
  const seconds = Math.max(1, Math.ceil(ms / 1000))
  if (seconds < 90)
    return translate('runs.about.seconds', { count: seconds < 10 ? seconds : Math.ceil(seconds / 5) * 5 })
  const minutes = Math.ceil(seconds / 60)
  if (minutes < 90) return translate('runs.about.minutes', { count: minutes })
  return translate('runs.about.hours', { count: Math.ceil(minutes / 60) })
}

/** What is known of how far a run has come. */
export function progressOf(run: Run) {
  const { total, delivered, failed, retrying, skipped, queued, waiting, worked_ms, state, isCollecting } = run
  const sent = delivered + failed + retrying
  const handled = sent + skipped
  const left = waiting + queued
  const isGoing = state === 'running' && left > 0 && !isCollecting
  const percent = total === 0 ? (state === 'running' ? 0 : 100) : Math.floor((handled / total) * 100)
  return {
    handled,
    percent,
    /** For those who listen, not each percent is worth a word. */
    announced: Math.floor(percent / 10) * 10,
    /** Ms. */
    eta: isGoing ? (sent > 0 && worked_ms > 0 ? (left * worked_ms) / sent : estimateMs(left)) : null,
    isMoving: state === 'running' || queued > 0,
  }
}

/** What such a run may be called. */
export function nameOf(scope: Scope, date: string, translate: Translate) {
  return [causeWords(scope, translate), date].join(', ')
}

function causeWords(scope: Scope, translate: Translate) {
  if ('ids' in scope) return translate('runs.name.ticked', { count: scope.ids.length })
  if ('failedOf' in scope) return translate('runs.name.failed')
  const { reason, state } = scope.filter
  if (reason) return [translate(`reason.${reason}`), scope.cause].filter(Boolean).join(' · ')
  return translate(state ? `runs.name.${state}` : 'runs.name.all')
}
