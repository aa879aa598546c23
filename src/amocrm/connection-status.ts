import type { ConnectionKind } from '../database/crm-tables.ts'
import type {} from '../database/tables.ts'
import type { ConnectionRow } from './connection-store.ts'
import { AmocrmError } from './errors.ts'

export const connectionStates = ['none', 'connected', 'expiring', 'lost'] as const

export interface ConnectionStatus {
  /** `none`: nobody has connected an account. `expiring`: somebody should, before it is over. */
  state: (typeof connectionStates)[number]
  kind: ConnectionKind
  baseUrl: string
  account: { id: number | null; name: string | null }
  /** Whose rights we have. */
  user: { id: number | null; name: string | null; isAdmin: boolean | null }
  /** Until when it lasts if nothing is done; unix ms. */
  until: number | null
  /** Since when it is there; unix ms. */
  since: number | null
  /** Why the CRM does not let us in: in a word, in its own words, and since when (unix ms). */
  lost: { reason: string; error: string; at: number } | null
  /** Until when the CRM asked to be left alone; unix ms. */
  pausedUntil: number | null
  /** Since when (unix ms) a person has stopped the delivery, and who. */
  stopped: { at: number; by: string } | null
}

const hour = 60 * 60_000
const day = 24 * hour
/** The CRM renews a refresh token for three months at each use. */
const refreshTokenLife = 90 * day
const expiringWithin = 14 * day
/** Access tokens last a day, and refreshing daily keeps the refresh token alive. */
const refreshAfter = { ms: 22 * hour, ofLife: 0.9 }

/** Ms. However long the CRM asks to be left alone; its documentation asks for 300 s in its example. */
export const longestPause = 10 * 60_000
const pauseMargin = 1000

/** @param baseUrl where the account is found, @param now unix ms */
export function statusOf(row: ConnectionRow, baseUrl: string, now: number): ConnectionStatus {
  const until = row.refresh_token === null ? row.access_expires_at : (row.refreshed_at ?? 0) + refreshTokenLife
  const lost = lossOf(row, until, now)
  const isExpiring = until !== null && until - now < expiringWithin
  return {
    state: row.kind === 'none' ? 'none' : lost ? 'lost' : isExpiring ? 'expiring' : 'connected',
    kind: row.kind,
    baseUrl,
    account: { id: row.account_id, name: row.account_name },
    user: { id: row.user_id, name: row.user_name, isAdmin: row.is_admin === null ? null : row.is_admin === 1 },
    until,
    since: row.connected_at,
    lost,
    pausedUntil: isPaused(row.paused_until, now) ? row.paused_until : null,
    stopped: row.stopped_at === null ? null : { at: row.stopped_at, by: row.stopped_by ?? '' },
  }
}

/** A time far ahead is a wrong clock's. */
function isPaused(until: number | null, now: number) {
  return until !== null && until > now && until <= now + 2 * longestPause
}

/** A process's own pause may end a moment before the one that all know of. Throws AmocrmError. */
export function throwIfPaused(until: number | null, now: number) {
  if (until === null || !isPaused(until, now + pauseMargin)) return
  throw new AmocrmError('rate_limited', 'nothing is sent during a pause', { retryAfter: until - now })
}

function lossOf(row: ConnectionRow, until: number | null, now: number) {
  const { lost_reason, lost_error, lost_at, kind, access_token } = row
  if (isLockedOut(row, now)) return { reason: 'crm_forbidden', error: lost_error ?? '', at: lost_at ?? now }
  if (lost_reason !== null) return { reason: lost_reason, error: lost_error ?? '', at: lost_at ?? now }
  if (kind !== 'none' && access_token === null)
    return { reason: 'not_connected', error: 'the stored tokens do not open with this APP_KEY', at: now }
  if (until !== null && until <= now) return { reason: 'crm_unauthorized', error: 'the token is over', at: until }
  return null
}

/** Whether nothing must be sent. */
export function isLockedOut({ quiet_until }: ConnectionRow, now: number) {
  return quiet_until !== null && quiet_until > now
}

/** Throws AmocrmError. */
export function throwIfLockedOut(row: ConnectionRow, now: number) {
  if (isLockedOut(row, now)) throw new AmocrmError('blocked', 'nothing is sent: amoCRM has locked us out')
}

/** Unix ms. */
export function refreshDueAt({ refreshed_at, access_expires_at }: ConnectionRow) {
  const issued = refreshed_at ?? 0
  const life = (access_expires_at ?? 0) - issued
  return issued + Math.min(refreshAfter.ms, life * refreshAfter.ofLife)
}
