import { AmocrmError } from '../amocrm/errors.ts'
import type { Reason } from '../inbox/message.ts'
import { UnreadableBodyError } from '../order/body.ts'

/** What to do about a failure: try again, wait for the connection, or leave it to a person. */
export interface Failure {
  reason: Reason
  next: 'retry' | 'hold' | 'give_up'
  /** What it said, for the order's page. */
  error: string
  /** What of it may stand in a log; without it nothing but the error itself tells. */
  logged?: string
  /** Ms that the CRM asked for. */
  retryAfter: number | null
  /** Whether it says nothing of the order, so that it does not count as a try. */
  isUntried?: boolean
}

/** A lead may have been made, and there is no way to find out. */
export class UnknownOutcomeError extends Error {
  override name = 'UnknownOutcomeError'

  constructor() {
    super('the answer to the create was lost, and the account has no marker field to find the lead by')
  }
}

/** A lead that may have been made was not found, but it is too early to be sure. */
export class TooEarlyError extends Error {
  override name = 'TooEarlyError'
  readonly retryAfter: number

  constructor(retryAfter: number) {
    super('the answer to the create was lost; it is looked for once more before anything is sent again')
    this.retryAfter = retryAfter
  }
}

const reasonOf: Record<AmocrmError['kind'], Reason> = {
  not_connected: 'not_connected',
  unavailable: 'crm_unavailable',
  rate_limited: 'crm_rate_limited',
  unauthorized: 'crm_unauthorized',
  payment_required: 'crm_payment_required',
  forbidden: 'crm_forbidden',
  blocked: 'crm_forbidden',
  rejected: 'crm_rejected',
}

/** Characters; the CRM may say anything, and it has to fit a column. */
const longestMessage = 4000

/** The only place that turns an error into a decision. */
export function classify(error: unknown): Failure {
  const message = (error instanceof Error ? error.message : String(error)).slice(0, longestMessage)
  if (error instanceof AmocrmError) {
    const { kind, temporary, retryAfter } = error
    const next = temporary ? 'retry' : kind === 'rejected' ? 'give_up' : 'hold'
    const isUntried = kind === 'rate_limited'
    return { reason: reasonOf[kind], next, error: message, logged: error.logged, retryAfter, isUntried }
  }
  if (error instanceof TooEarlyError)
    return { reason: 'crm_unavailable', next: 'retry', error: message, retryAfter: error.retryAfter, isUntried: true }
  if (error instanceof UnknownOutcomeError)
    return { reason: 'unknown_outcome', next: 'give_up', error: message, retryAfter: null }
  if (error instanceof DeadlyMessageError)
    return { reason: 'internal', next: 'give_up', error: message, retryAfter: null }
  if (error instanceof UnreadableBodyError)
    return { reason: 'order_unreadable', next: 'give_up', error: message, retryAfter: null }
  return { reason: 'internal', next: 'retry', error: message, retryAfter: null }
}

/** Process after process died over this message. */
export class DeadlyMessageError extends Error {
  override name = 'DeadlyMessageError'

  constructor(deaths: number) {
    super(`${deaths} processes died while they worked on this order`)
  }
}

/** Another process works on the message by now; this one has to leave it alone. */
export class ClaimLostError extends Error {
  override name = 'ClaimLostError'
}
