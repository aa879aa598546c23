import type { AmocrmClient } from '../amocrm/client.ts'
import { findMarkerField } from '../amocrm/marker.ts'
import type { Mirror } from '../amocrm/mirror.ts'
import type { Plan } from '../mapping/plan.ts'
import { createMapper, type Rules } from '../mapping/request.mapper.ts'
import { asTest } from '../mapping/test-order.ts'
import type { Order } from '../order/order.ts'
import { parseOrder } from '../order/parse.ts'
import { type PlannedRequest, plannedRequests } from './requests.ts'
import { type Resolved, resolvePlan } from './resolve.ts'

export interface DryRun {
  order: Order
  plan: Plan
  resolved: Resolved
  /** Id of the field that marks our leads; null: the delivery would make it first. */
  markerField: number | null
  /** In the order in which they would be sent. */
  requests: PlannedRequest[]
}

interface DryRunOptions {
  client: AmocrmClient
  mirror: Mirror
  /** Id of the contacts' field that holds the shop's partner id. */
  partnerFieldId: number
  rules: Rules
}

/**
 * What the delivery would do with a message, were it the first try. The account is only read.
 * Throws UnreadableBodyError and AmocrmError.
 */
export async function dryRun(
  message: Parameters<typeof parseOrder>[0] & { id?: string; isTest?: boolean },
  { client, mirror, partnerFieldId, rules }: DryRunOptions,
): Promise<DryRun> {
  const { translate } = rules
  const order = await parseOrder(message)
  const mapped = createMapper(rules, await mirror.account())(order)
  const plan = message.isTest ? asTest(mapped, translate) : mapped
  const resolved = await resolvePlan(plan, mirror, { contactId: null, companyId: null, since: null })
  const key = message.id ?? `<${translate('plan.message_id')}>`
  const markerField = await findMarkerField(client)
  return {
    order,
    plan,
    resolved,
    markerField,
    requests: plannedRequests(plan, resolved, { key, markerField, partnerFieldId, translate }),
  }
}
