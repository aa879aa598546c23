import type { Request } from 'express'
import type { Kysely } from 'kysely'
import { v7 as uuidv7 } from 'uuid'
import type { Tables } from '../database/tables.ts'
import { maskedNetwork } from '../people/throttle.ts'

/** Who comes in, who may, and since when. */
const accessActions = [
  'signed_in',
  'sign_in_failed',
  'signed_out',
  'session_ended',
  'everybody_signed_out',
  'sessions_reset',
  'password_set',
  'password_reset',
  'person_invited',
  'person_changed',
  'person_removed',
  'person_reopened',
  'api_user_added',
  'api_user_changed',
  'api_user_blocked',
  'api_user_unblocked',
  'api_user_invited',
  'api_token_made',
  'api_tokens_revoked',
] as const

/** What people do that is kept on record; the texts stand in the translations as `audit.action.<action>`. */
export const auditActions = [
  ...accessActions,
  'redelivered',
  'another_lead',
  'outcome_told',
  'refused_accepted',
  'run_started',
  'run_paused',
  'run_resumed',
  'run_cancelled',
  'exported',
  'audit_exported',
  'test_order_sent',
  'test_order_cleaned',
  'delivery_stopped',
  'delivery_resumed',
  'connected',
  'disconnected',
  'connection_checked',
  'checkup_started',
  'caches_cleared',
  'config_reloaded',
  'alert_tested',
  'checklist_changed',
  'buyer_erased',
] as const
export type AuditAction = (typeof auditActions)[number]

const ofAccess: ReadonlySet<AuditAction> = new Set(accessActions)

/** Characters. */
const longestName = 190

interface Deed {
  action: AuditAction
  /** What it was done to: the id of an order, a login. */
  target?: string | null
  /** How it was, and is since; no secrets, and nothing of whose order it is. */
  was?: unknown
  became?: unknown
  /** Who did it, where that is nobody who is signed in. */
  login?: string
}

export type Audit = ReturnType<typeof createAudit>

interface AuditOptions {
  db: Kysely<Tables>
  /** Is told of what was done about access. */
  log: { info: (details: object, message: string) => void }
  /** Unix ms. */
  now: () => number
}

/** Who did what, from where, and what it changed. Nothing here is ever changed. */
export function createAudit({ db, log, now }: AuditOptions) {
  async function record(req: Request, { action, target = null, was, became, login = req.user?.login ?? '' }: Deed) {
    const at = now()
    await db
      .insertInto('audit')
      .values({
        id: uuidv7({ msecs: at }),
        at,
        login: login.slice(0, longestName),
        address: req.ip?.slice(0, 64) ?? null,
        action,
        target: target?.slice(0, longestName) ?? null,
        was: asJson(was),
        became: asJson(became),
      })
      .execute()
    if (ofAccess.has(action))
      log.info({ action, login, target, network: maskedNetwork(req.ip) }, action.replaceAll('_', ' '))
  }

  /** Whether somebody has signed in from there within the last three months. */
  async function hasSignedIn(login: string, address: string) {
    const row = await db
      .selectFrom('audit')
      .select('id')
      .where('login', '=', login)
      .where('id', '>=', firstIdAt(now() - quarter))
      .where('action', '=', 'signed_in')
      .where('address', '=', address)
      .limit(1)
      .executeTakeFirst()
    return row !== undefined
  }

  /** Who did what to one thing, in the order of time. */
  function deedsTo(target: string) {
    return db.selectFrom('audit').select(['at', 'login', 'action']).where('target', '=', target).orderBy('id').execute()
  }

  return { record, hasSignedIn, deedsTo }
}

const quarter = 90 * 24 * 60 * 60_000

/** Below the ids of all that happened then or later. @param at unix ms */
export function firstIdAt(at: number) {
  const hex = Math.max(0, Math.trunc(at)).toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-`
}

function asJson(value: unknown) {
  return value === undefined ? null : JSON.stringify(value)
}
