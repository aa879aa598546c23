import type { Right } from '../config/rights.ts'
import type { Reason } from '../inbox/message.ts'
import type { StoredAttempt, StoredMessage } from '../inbox/queries.ts'
import { faultsOf, type NamedFault } from './crm-faults.ts'

/** A page on which the cause can be mended, or an address on the order's own; the text is `story.link.<text>`. */
interface MendLink {
  text: string
  /** Below BASE_PATH; one that begins with `#` is a place on the order's page. */
  address: string
  /** Who can open it; anybody who sees the order, where none is named. */
  right?: Right
}

const connection: MendLink = { text: 'connection', address: '/api/auth', right: 'maintenance' }
const checkup: MendLink = { text: 'checkup', address: '/app/doctor', right: 'maintenance' }
const mapping: MendLink = { text: 'mapping', address: '/app/mapping', right: 'settings.see' }
const received: MendLink = { text: 'received', address: '#received', right: 'orders.read' }
const order: MendLink = { text: 'order', address: '#order', right: 'orders.read' }
const story: MendLink = { text: 'story', address: '#story' }

/** Where each cause is looked into and mended; the words are `story.why.<reason>` and `story.mend.<reason>`. */
export const mendLinks: Record<Reason, MendLink[]> = {
  conflict: [],
  not_connected: [connection],
  crm_unavailable: [connection, story],
  crm_rate_limited: [connection],
  crm_unauthorized: [connection],
  crm_payment_required: [connection],
  crm_forbidden: [connection],
  crm_rejected: [checkup, mapping, order],
  unknown_outcome: [],
  order_unreadable: [received],
  internal: [story],
  unauthorized: [received],
  bad_signature: [received],
  address_not_allowed: [received],
  rate_limited: [received],
  empty: [received],
  unreadable: [received],
  too_large: [received],
  unsupported_type: [received],
  invalid: [received],
  erased: [],
}

/** Why an order is where it is: the closed word, what amoCRM named, and where to go. */
export function explain({ reason, error }: StoredMessage, attempts: StoredAttempt[]) {
  return {
    reason,
    error: reason === 'invalid' ? null : error,
    /** What its sender was told of it. */
    problems: reason === 'invalid' ? (error ?? '').split('\n') : [],
    links: Object.entries(mendLinks).find(([each]) => each === reason)?.[1] ?? [],
    faults: reason === 'crm_rejected' ? lastFaults(attempts, error) : [],
  }
}

/** @param attempts the latest first */
function lastFaults([latest]: StoredAttempt[], error: string | null): NamedFault[] {
  const failed = latest?.steps.findLast(({ state }) => state === 'failed')
  return failed ? faultsOf(failed, error) : []
}
