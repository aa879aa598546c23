import { AmocrmError } from '../amocrm/errors.ts'
import { ensureMarkerField } from '../amocrm/marker.ts'
import type { StepName } from '../inbox/steps.ts'
import type { CrmAccount, MappingWarning, Plan } from '../mapping/plan.ts'
import { createMapper, type Mapper } from '../mapping/request.mapper.ts'
import { asTest } from '../mapping/test-order.ts'
import { type Attempt, distinct, type Failures, type Reading, type Repair } from './attempt.ts'
import { cardKinds, cardRules } from './cards.ts'
import type { DelivererOptions } from './deliver.ts'
import { TooEarlyError } from './failure.ts'
import { clockSkewMs, quietMs } from './recover.ts'
import { resolvePlan } from './resolve.ts'

type Tools = Pick<DelivererOptions, 'inbox' | 'amocrm' | 'mirror' | 'rules' | 'now'>

/** Where the token may not make fields, that is asked again only after a while. */
const lookForMarkerEvery = 60 * 60_000

/** What was made, and what cards were made without: a later attempt does not meet it again. */
const isLasting = ({ code, params }: MappingWarning) =>
  code === 'lead_doubled' || /(?<!_not)_created$/.test(code) || params['card'] !== undefined
/** Warnings of products that every attempt looks for until they are linked. */
const ofMissingProducts = /^(catalog_missing|products_unknown|products_not_created)$/

/** Finds out what is to be done for orders. Nothing is written to the CRM but the field of the marker. */
export function createPreparation({ inbox, amocrm, mirror, rules, now }: Tools) {
  let marker: { fieldId: number | null; lookAgainAt: number } | null = null
  let prepared: { account: CrmAccount; mapOrder: Mapper } | null = null
  const forms = Object.values(rules.forms)
  const usesCompanies = forms.some(({ entities_create }) => entities_create?.includes('company'))
  const makesProducts = forms.some(({ products }) => products?.not_found === 'create')

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

  /** Makes attempts of readings: what should be in the CRM, and what of it is there. */
  async function plan(readings: Reading[], repair: Repair): Promise<Failures<Reading>> {
    const mapOrder = await findMapper()
    const failures = await lookForLostCards(readings)
    for (const [index, reading] of readings.entries()) {
      if (failures.has(reading)) continue
      try {
        const mapped = mapOrder(reading.order)
        const plan = reading.claim.isTest ? asTest(mapped, rules.translate) : mapped
        const resolved = await lookUp(plan, reading)
        keepTrue(Object.assign(reading, { plan, resolved, links: resolved.links, made: {}, draft: null }))
      } catch (error) {
        failures.set(reading, error)
        // What keeps one from asking the CRM keeps all of them.
        if (error instanceof AmocrmError && error.kind !== 'rejected')
          for (const other of readings.slice(index)) failures.set(other, error)
      }
    }
    for (const reading of readings) if (!failures.has(reading)) keepPlanned(reading as Attempt, repair)
    return failures
  }

  /** Cards and products that were made all the same are found after this as any others are. */
  async function lookForLostCards(readings: Reading[]): Promise<Failures<Reading>> {
    const failures: Failures<Reading> = new Map()
    const unsure = readings.filter(({ claim }) => claim.cardsRequestAt !== null)
    for (const reading of unsure) {
      const quiet = (reading.claim.cardsRequestAt ?? 0) + quietMs - now()
      if (!reading.isAnswered && quiet > 0) failures.set(reading, new TooEarlyError(quiet))
    }
    if (unsure.length > failures.size) {
      await mirror.look('contacts')
      if (usesCompanies) await mirror.look('companies')
      if (makesProducts) await mirror.look('products')
    }
    return failures
  }

  function lookUp(plan: Plan, { claim: { contactId, companyId, cardsRequestAt } }: Reading) {
    const since = cardsRequestAt === null ? null : cardsRequestAt - clockSkewMs
    return resolvePlan(plan, mirror, { contactId, companyId, since })
  }

  /** Looks once more what there is of an order's people and products: others of its batch have made some. */
  async function resolve(attempt: Attempt) {
    attempt.resolved = await lookUp(attempt.plan, attempt)
    attempt.links = attempt.resolved.links
    keepTrue(attempt)
  }

  /** It goes on record with the first step that is sent. */
  function keepPlanned(attempt: Attempt, repair: Repair) {
    const { claim, steps } = attempt
    const names = repair === 'nothing' ? plannedSteps(attempt) : []
    const planned = names.map((name, index) => ({
      ordinal: steps.next + index,
      first: { name, startedAt: now() },
      state: 'planned' as const,
    }))
    for (const { ordinal, first } of planned) steps.planned.set(first.name, ordinal)
    steps.next += planned.length
    const form = claim.leadId === null ? { form: attempt.plan.form } : {}
    inbox.recordLater({ claim, progress: { ...form, warnings: claim.warnings }, steps: planned })
  }

  return {
    findMarker,
    plan,
    resolve,
    /** What the account is like is looked up anew: it may have been changed, or be another one, by now. */
    async forget() {
      marker = null
      await mirror.forgetAccount()
    },
  }
}

function keepTrue(attempt: Attempt) {
  attempt.claim.warnings = distinct(stillTrue(attempt))
}

/** What is told of the lead and of its products is what was so when they were made. */
function stillTrue({ claim, resolved: { warnings } }: Attempt) {
  const { leadId, productsLinkedAt } = claim
  if (leadId === null) return [...warnings, ...claim.warnings.filter(isLasting)]
  if (productsLinkedAt !== null) return claim.warnings
  const isOfProducts = ({ code }: MappingWarning) => ofMissingProducts.test(code)
  return [...claim.warnings.filter((warning) => !isOfProducts(warning)), ...warnings.filter(isOfProducts)]
}

/** What is to be sent for the order, if all goes well. */
function plannedSteps(attempt: Attempt): StepName[] {
  const { claim, resolved } = attempt
  const names: StepName[] = []
  if (claim.leadId === null) names.push(...cardKinds.filter((kind) => cardRules[kind].isLacking(attempt)))
  const hasElements = claim.productsLinkedAt === null && resolved.newElements !== null
  if (hasElements) names.push('elements')
  if (claim.leadId === null) names.push('lead')
  if (claim.productsLinkedAt === null && (hasElements || resolved.links.length > 0)) names.push('products')
  if (claim.noteId === null) names.push('note')
  return names
}
