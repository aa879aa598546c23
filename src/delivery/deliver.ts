import type { Amocrm } from '../amocrm/client.ts'
import { isRejected } from '../amocrm/errors.ts'
import { ensureMarkerField } from '../amocrm/marker.ts'
import type { Mirror } from '../amocrm/mirror.ts'
import type { Inbox } from '../inbox/inbox.ts'
import type { Claim } from '../inbox/message.ts'
import type { CrmAccount, Plan, Translate } from '../mapping/plan.ts'
import { createMapper, type Mapper, type Rules } from '../mapping/request.mapper.ts'
import { type Order, phoneDigits, textOf } from '../order/order.ts'
import { parseOrder } from '../order/parse.ts'
import { clockSkewMs, createPlanRunner, type Options, quietMs } from './apply-plan.ts'
import { ClaimLostError, TooEarlyError } from './failure.ts'
import { resolvePlan } from './resolve.ts'

interface DelivererOptions {
  inbox: Inbox
  amocrm: Amocrm
  mirror: Mirror
  /** Id of the contacts' field that holds the shop's partner id. */
  partnerFieldId: number
  rules: Rules
  translate: Translate
  /** Unix ms. */
  now: () => number
}

/** Carries one message to the CRM: parse, map, apply. */
export function createDeliverer(options: DelivererOptions) {
  const { inbox, amocrm, mirror, rules, now } = options
  let marker: { fieldId: number | null; lookAgainAt: number } | null = null
  let prepared: { account: CrmAccount; mapOrder: Mapper } | null = null

  async function findMarker() {
    if (!marker || now() >= marker.lookAgainAt) {
      const fieldId = await ensureMarkerField(amocrm)
      marker = { fieldId, lookAgainAt: fieldId === null ? now() + lookForMarkerEvery : Number.POSITIVE_INFINITY }
    }
    return marker.fieldId
  }

  /** The mirror gives the same account as long as nothing in it has changed. */
  async function findMapper() {
    const account = await mirror.account()
    const current = prepared?.account === account ? prepared : { account, mapOrder: createMapper(rules, account) }
    prepared = current
    return current.mapOrder
  }

  async function deliver(claim: Claim): Promise<number> {
    const order = await parseOrder(claim)
    if (!(await inbox.record(claim, searchColumns(order)))) throw new ClaimLostError()
    const applyPlan = createPlanRunner(claim, options)

    const mapAndApply = async (repair: Options['repair']) => {
      const plan = (await findMapper())(order)
      const since = await lookForLostCards(claim, plan)
      const resolved = await resolvePlan(plan, mirror, {
        contactId: claim.contactId,
        companyId: claim.companyId,
        since,
      })
      return applyPlan(plan, resolved, { markerField: await findMarker(), repair })
    }
    /** What our copy still shows may be gone. */
    const tryAgain = (repair: Options['repair']) => async (error: unknown) => {
      if (!isRejected(error)) throw error
      await mirror.forgetAccount()
      marker = null
      return mapAndApply(repair)
    }
    return mapAndApply('nothing').catch(tryAgain('fields')).catch(tryAgain('everything'))
  }

  /** Cards and products that were made all the same are found after this as any others are. */
  async function lookForLostCards({ cardsRequestAt }: Claim, { company, fallbacks }: Plan) {
    if (cardsRequestAt === null) return null
    const quiet = cardsRequestAt + quietMs - now()
    if (quiet > 0) throw new TooEarlyError(quiet)
    await mirror.look('contacts')
    if (company) await mirror.look('companies')
    if (fallbacks.product === 'create') await mirror.look('products')
    return cardsRequestAt - clockSkewMs
  }

  return {
    /** Gives the id of the lead. */
    deliver,
    /** What the account is like is looked up anew: it may have been changed, or be another one, by now. */
    async forget() {
      marker = null
      await mirror.forgetAccount()
    },
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
