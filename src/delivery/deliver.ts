import type { Amocrm } from '../amocrm/client.ts'
import { AmocrmError } from '../amocrm/errors.ts'
import { refusedFields } from '../amocrm/leads.ts'
import { ensureMarkerField } from '../amocrm/marker.ts'
import type { Mirror } from '../amocrm/mirror.ts'
import type { Inbox } from '../inbox/inbox.ts'
import type { Claim } from '../inbox/message.ts'
import type { Translate } from '../mapping/plan.ts'
import { mapOrder, type Rules } from '../mapping/request.mapper.ts'
import { type Order, phoneDigits, textOf } from '../order/order.ts'
import { parseOrder } from '../order/parse.ts'
import { createPlanRunner } from './apply-plan.ts'
import { ClaimLostError } from './failure.ts'
import { resolvePlan } from './resolve.ts'

interface DelivererOptions {
  inbox: Inbox
  amocrm: Amocrm
  mirror: Mirror
  rules: Pick<Rules, 'forms' | 'amoFields'>
  translate: Translate
  /** Unix ms. */
  now: () => number
}

/** Carries one message to the CRM: parse, map, apply. */
export function createDeliverer({ inbox, amocrm, mirror, rules, translate, now }: DelivererOptions) {
  let marker: { fieldId: number | null; lookAgainAt: number } | null = null

  async function findMarker() {
    if (!marker || now() >= marker.lookAgainAt) {
      const fieldId = await ensureMarkerField(amocrm)
      marker = { fieldId, lookAgainAt: fieldId === null ? now() + lookForMarkerEvery : Number.POSITIVE_INFINITY }
    }
    return marker.fieldId
  }

  function forget() {
    mirror.forget()
    marker = null
  }

  async function deliver(claim: Claim): Promise<number> {
    const order = await parseOrder(claim)
    if (!(await inbox.record(claim, searchColumns(order)))) throw new ClaimLostError()
    const applyPlan = createPlanRunner(claim, { inbox, amocrm, translate, now })

    const mapAndApply = async ({ repair }: { repair: boolean }) => {
      const plan = mapOrder(order, { ...rules, leadFields: await mirror.leadFields(), translate })
      const resolved = await resolvePlan(plan, mirror)
      return applyPlan(plan, resolved, { markerField: await findMarker(), repair })
    }

    let isAllReadAnew = false
    /** A contact, a product or a field that our copy still shows may be gone. */
    const repair = (error: unknown) => {
      if (!(error instanceof AmocrmError && error.kind === 'rejected') || isAllReadAnew) throw error
      isAllReadAnew = refusedFields(error).length === 0
      if (isAllReadAnew) mirror.forget()
      else mirror.forgetFields()
      marker = null
      return mapAndApply({ repair: true })
    }
    // Fields may be all that the CRM looks at first.
    return mapAndApply({ repair: false }).catch(repair).catch(repair)
  }

  return {
    /** Gives the id of the lead. */
    deliver,
    /** What we know of the account is looked up anew: it may be another one by now. */
    forget,
  }
}

/** Where the token may not make fields, that is asked again only after a while. */
const lookForMarkerEvery = 60 * 60_000

function searchColumns({ fields, meta }: Order) {
  const column = (...values: unknown[]) => {
    const text = values.map((value) => textOf(value).trim()).find(Boolean)
    return text?.slice(0, 190) ?? null
  }
  return {
    order_number: column(fields['order_id'], fields['order_number']),
    partner_id: column(meta['customer_id']),
    phone_digits: phoneDigits(fields['telephone']) || null,
    email: column(textOf(fields['email']).toLowerCase()),
  }
}
