import type { Claim, Warning } from '../inbox/message.ts'
import type { StepName } from '../inbox/steps.ts'
import type { MappingWarning, Plan } from '../mapping/plan.ts'
import type { Order } from '../order/order.ts'
import type { LeadDraft } from './requests.ts'
import type { Resolved, ResolvedLink } from './resolve.ts'

/** A claimed message that could be read. */
export interface Reading {
  claim: Claim
  order: Order
  /** Numbers of the steps that are on record and not sent yet, and the next one. */
  steps: { planned: Map<StepName, number>; next: number }
  /** Whether the CRM has answered what was last sent to be made for it, so that it is there by now or never will be. */
  isAnswered: boolean
}

/** One try to carry a message to the CRM. */
export interface Attempt extends Reading {
  plan: Plan
  resolved: Resolved
  /** The cards that were made for it, and those that the CRM did not take. */
  made: Partial<Record<CardKind, number | null>>
  /** To its products, once those that the catalog lacked are made. */
  links: ResolvedLink[]
  /** Its lead as it is to be sent, without what was refused of it. */
  draft: LeadDraft | null
}

export type CardKind = 'partner' | 'contact' | 'company'

/** What is done about what the CRM refuses: nothing, leaving it out, or leaving out people and products too. */
export type Repair = 'nothing' | 'fields' | 'everything'

/** Why attempts go no further. */
export type Failures<Each extends Reading = Attempt> = Map<Each, unknown>

export function beginReading(claim: Claim, order: Order): Reading {
  return { claim, order, steps: { planned: new Map(), next: 1 }, isAnswered: false }
}

/** Once it is made. */
export function leadOf({ claim }: Reading) {
  return claim.leadId ?? 0
}

export function warn({ claim }: Reading, more: MappingWarning[]) {
  claim.warnings = distinct([...claim.warnings, ...more])
}

/** A field may be refused for several of its values. */
export function distinct(warnings: Warning[]): Warning[] {
  return [...new Map(warnings.map((warning) => [JSON.stringify(warning), warning])).values()]
}

/** Whether an item of a request or of an answer belongs to this order and not to another of its batch. */
export function isOwn({ claim: { key, leadId } }: Reading, item: unknown): boolean {
  if (typeof item !== 'object' || item === null) return false
  const { request_id, entity_id, custom_fields_values } = item as Record<string, unknown>
  if (request_id === key || (typeof request_id === 'string' && request_id.startsWith(`${key}:`))) return true
  if (leadId !== null && entity_id === leadId) return true
  return Array.isArray(custom_fields_values) && JSON.stringify(custom_fields_values).includes(`"${key}"`)
}
