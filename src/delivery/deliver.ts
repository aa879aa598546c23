import type { createAmocrmClient } from '../amocrm/client.ts'
import { ensureMarkerField } from '../amocrm/marker.ts'
import type { Mirror } from '../amocrm/mirror.ts'
import type { Inbox } from '../inbox/inbox.ts'
import type { Claim } from '../inbox/message.ts'
import type { Translate } from '../mapping/plan.ts'
import { mapOrder, type Rules } from '../mapping/request.mapper.ts'
import { type Order, phoneDigits, textOf } from '../order/order.ts'
import { parseOrder } from '../order/parse.ts'
import { applyPlan } from './apply-plan.ts'
import { ClaimLostError } from './failure.ts'

export interface DelivererOptions {
  inbox: Inbox
  client: ReturnType<typeof createAmocrmClient>
  mirror: Mirror
  rules: Pick<Rules, 'forms' | 'amoFields'>
  translate: Translate
  /** Unix ms. */
  now: () => number
}

/** Carries one message to the CRM: parse, map, apply. Gives the id of its lead. */
export function createDeliverer({ inbox, client, mirror, rules, translate, now }: DelivererOptions) {
  let markerField: Promise<number | null> | null = null

  return async function deliver(claim: Claim): Promise<number> {
    const order = await parseOrder(claim)
    if (!(await inbox.record(claim, searchColumns(order)))) throw new ClaimLostError()
    const leadFields = await mirror.leadFields()
    const plan = mapOrder(order, { ...rules, leadFields, translate })
    return applyPlan(plan, claim, { inbox, client, mirror, translate, now, markerField: await findMarker() })
  }

  /** Asked for once; after a failure again. */
  function findMarker() {
    markerField ??= ensureMarkerField(client).catch((error: unknown) => {
      markerField = null
      throw error
    })
    return markerField
  }
}

function searchColumns({ fields, meta }: Order) {
  const column = (value: unknown) => textOf(value).trim().slice(0, 190) || null
  return {
    order_number: column(fields['order_id'] ?? fields['order_number']),
    partner_id: column(meta['customer_id']),
    phone_digits: phoneDigits(fields['telephone']) || null,
    email: column(fields['email'])?.toLowerCase() ?? null,
  }
}
