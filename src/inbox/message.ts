import type { Progress } from './progress.ts'
import type { Received } from './received.ts'
import type { StepRecord } from './steps.ts'

/** Why a request was refused; the same word in the answer, the table, the log and the filter. */
export const refusalReasons = [
  'unauthorized',
  'bad_signature',
  'address_not_allowed',
  'rate_limited',
  'empty',
  'unreadable',
  'too_large',
  'unsupported_type',
  'invalid',
] as const
export type RefusalReason = (typeof refusalReasons)[number]

/** Why something is no order, or none any more: the reasons of the state `rejected`. */
export const closedReasons = [...refusalReasons, 'erased'] as const

/** Why a delivery failed. */
export const deliveryReasons = [
  'not_connected',
  'crm_unavailable',
  'crm_rate_limited',
  'crm_unauthorized',
  'crm_payment_required',
  'crm_forbidden',
  'crm_rejected',
  'unknown_outcome',
  'order_unreadable',
  'internal',
] as const

/** Why an order was not delivered; `erased`: its buyer asked for that before it was. The same word in the table, the log, the filter and the metrics. */
export const reasons = ['conflict', ...deliveryReasons, ...closedReasons] as const
export type Reason = (typeof reasons)[number]

/** A message that this process may work on while its lease lasts. `attempt` is its fence: every write names it. */
export interface Claim extends Received {
  id: string
  /** By which its lead is known in the CRM. */
  key: string
  attempt: number
  /** The how-manieth try it is since a person last sent it again, or ever. */
  tryNumber: number
  receivedAt: number
  leadRequestAt: number | null
  /** False: that create went out without the key by which its lead could be found. */
  leadMarked: boolean
  leadId: number | null
  productsLinkedAt: number | null
  noteId: number | null
  /** The buyer's contact and company, where this message has made them. */
  contactId: number | null
  companyId: number | null
  /** Unix ms; a create of contacts, companies or products was sent then and its answer may be unknown. */
  cardsRequestAt: number | null
  /** Whether products may have been linked already. */
  productsRequested: boolean
  /** Whether a note may have been written already. */
  noteRequested: boolean
  /** What earlier attempts could not place. */
  warnings: Warning[]
  /** Whether a person tries the settings with it. */
  isTest: boolean
  /** How many earlier attempts were never finished: their processes died over them. */
  deaths: number
  /** What goes on record with whatever is recorded next. */
  unrecorded: { progress: Progress; steps: StepRecord[] }
}

/** How an attempt ended. */
export type Outcome =
  | { kind: 'delivered' }
  | { kind: 'retry'; reason: Reason; error: string; at: number; isUntried?: boolean }
  | { kind: 'held'; reason: Reason; error: string }
  | { kind: 'dead'; reason: Reason; error: string }

/** Something about the order that could not be placed; the text stands in the translations as `warning.<code>`. */
export interface Warning {
  code: string
  params: Record<string, string>
}
