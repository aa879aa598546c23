import { inBatches } from '../amocrm/batches.ts'
import type { AmocrmClient } from '../amocrm/client.ts'
import { type AmocrmError, isRejected } from '../amocrm/errors.ts'
import { digestOf } from '../amocrm/mirror/keys.ts'
import type { Mirror } from '../amocrm/mirror.ts'
import { createCards, linkContactToCompany } from '../amocrm/new-cards.ts'
import type { Progress } from '../inbox/progress.ts'
import { type Attempt, type CardKind, type Failures, type Repair, warn } from './attempt.ts'
import { blame, failuresOf, isAnswer, obstacleIn, UnnamedError } from './blame.ts'
import { buyerOf, type Card, cardFor, cardKinds, cardRules, peopleOf } from './cards.ts'
import { withoutRefused } from './repair.ts'
import type { StepRunner } from './steps.ts'
import { unsureUntilAnswered } from './unsure.ts'

interface Tools {
  runStep: StepRunner
  mirror: Mirror
  /** Looks once more what there is of an order's people and products. */
  resolve: (attempt: Attempt) => Promise<void>
  partnerFieldId: number
  /** Unix ms. */
  now: () => number
}

/** Makes what the account lacks of the orders' people: of each card one, whatever many orders it is for. */
export function createCardMaker({ runStep, mirror, resolve, partnerFieldId, now }: Tools) {
  async function makeCards(attempts: Attempt[], repair: Repair): Promise<Failures> {
    const failures: Failures = new Map()
    const due = attempts.filter(({ claim }) => claim.leadId === null)
    const unsure = due.filter(({ claim }) => claim.cardsRequestAt !== null)
    const goingOn = () => due.filter((attempt) => !failures.has(attempt))
    for (const kind of cardKinds) {
      for (const [attempt, error] of await makeAll(kind, goingOn(), repair)) failures.set(attempt, error)
    }
    for (const [attempt, error] of await joinCompanies(goingOn(), unsure, repair)) failures.set(attempt, error)
    return failures
  }

  async function makeAll(kind: CardKind, attempts: Attempt[], repair: Repair): Promise<Failures> {
    const failures: Failures = new Map()
    const isWaiting = (attempt: Attempt) =>
      cardRules[kind].isLacking(attempt) && attempt.made[kind] === undefined && !failures.has(attempt)
    for (let waiting = attempts.filter(isWaiting); waiting.length > 0; waiting = waiting.filter(isWaiting)) {
      const [first = [], ...others] = inBatches(oneOfEach(kind, waiting))
      for (const [attempt, error] of await make(kind, first, repair)) failures.set(attempt, error)
      const obstacle = obstacleIn(failures)
      if (obstacle) for (const attempt of waiting.filter(isWaiting)) failures.set(attempt, obstacle)
      // Who shares a card with one of the first finds it now.
      const isNext = (attempt: Attempt) => isWaiting(attempt) && !others.flat().includes(attempt)
      const rest = waiting.filter((attempt) => !first.includes(attempt) && isNext(attempt))
      for (const attempt of rest) await resolve(attempt)
    }
    return failures
  }

  async function make(kind: CardKind, attempts: Attempt[], repair: Repair): Promise<Failures> {
    const drafts = new Map(attempts.map((attempt) => [attempt, cardFor(kind, attempt, partnerFieldId)]))
    const failures: Failures = new Map()
    const batches = [attempts]
    for (let batch = batches.shift(); batch; batch = batches.shift()) {
      const obstacle = obstacleIn(failures)
      const missed = obstacle ? failuresOf(batch, obstacle) : await send(kind, batch, drafts)
      for (const [attempt, error] of missed) attempt.isAnswered = isAnswer(error)
      const { failed, again } = blame(batch, missed)
      if (again.length > 0) batches.push(...(await lookForMade(kind, again.flat())).map((attempt) => [attempt]))
      for (const [attempt, error] of failed) {
        const draft = drafts.get(attempt)
        if (!draft || repair === 'nothing' || !isRejected(error)) {
          failures.set(attempt, error)
          continue
        }
        const mended = mend(kind, attempt, draft, error)
        if (mended) {
          drafts.set(attempt, mended)
          batches.push([attempt])
        } else attempt.made[kind] = null
      }
    }
    return failures
  }

  /** It is on record that something may have been made, until it is known. */
  async function send(kind: CardKind, batch: Attempt[], drafts: Map<Attempt, Card>): Promise<Failures> {
    const { owner } = cardRules[kind]
    const cardOf = (attempt: Attempt) => drafts.get(attempt) ?? cardFor(kind, attempt, partnerFieldId)
    return runStep(
      {
        name: kind,
        ...unsureUntilAnswered(mirror, owner, now),
        async send(client) {
          const cards = batch.map((attempt) => ({ requestId: attempt.claim.key, ...cardOf(attempt) }))
          const ids = await createCards(client, owner, cards)
          const made = batch.flatMap((attempt) => {
            const id = ids.get(attempt.claim.key)
            const { name, responsibleUserId } = cardOf(attempt)
            const createdAt = Math.floor(now() / 1000)
            return id === undefined ? [] : [{ id, name, responsibleUserId, createdAt, ...foundBy(kind, attempt) }]
          })
          await mirror.remember(owner, made)
          return ids
        },
        learn(attempt, ids) {
          const id = ids.get(attempt.claim.key)
          if (id === undefined) throw new UnnamedError(`the answer does not name the ${kind}`)
          attempt.made[kind] = id
          attempt.claim.cardsRequestAt = null
          return { cards_request_at: null, ...learnt(kind, attempt, id) }
        },
      },
      batch,
    )
  }

  /** A refused batch may be there in part. Gives those of whom there is nothing. */
  async function lookForMade(kind: CardKind, attempts: Attempt[]) {
    mirror.mayHaveMore(cardRules[kind].owner)
    for (const attempt of attempts) await resolve(attempt)
    const lacking = attempts.filter(cardRules[kind].isLacking)
    // The CRM has answered, so nothing is at work there any more.
    for (const { claim } of lacking) claim.cardsRequestAt = null
    return lacking
  }

  /** Who may have been made for the order is put into the company that may have been. */
  async function joinCompanies(attempts: Attempt[], unsure: Attempt[], repair: Repair): Promise<Failures> {
    const failures: Failures = new Map()
    for (const attempt of attempts) {
      const buyerId = buyerOf<number>(attempt)
      const { companyId } = peopleOf<number>(attempt)
      const { contactId, companyId: ownCompanyId } = attempt.claim
      const mayBeNew = contactId !== null || ownCompanyId !== null || unsure.includes(attempt)
      if (!mayBeNew || buyerId === null || companyId === null) continue
      const send = (client: AmocrmClient) => linkContactToCompany(client, buyerId, companyId)
      const obstacle = obstacleIn(failures)
      const sent = obstacle ? failuresOf([attempt], obstacle) : await runStep({ name: 'company_link', send }, [attempt])
      for (const [, error] of sent) {
        if (repair === 'nothing' || !isRejected(error)) failures.set(attempt, error)
        else warn(attempt, [{ code: 'company_not_linked', params: { error: error.message } }])
      }
    }
    return failures
  }

  return makeCards
}

/** Of orders that are to share a card, one. */
function oneOfEach(kind: CardKind, attempts: Attempt[]) {
  const taken = new Set<string>()
  return attempts.filter((attempt) => {
    const keys = cardRules[kind].keysOf(attempt.plan).flatMap((key) => (key ? [digestOf(key)] : []))
    const isFirst = keys.every((key) => !taken.has(key))
    for (const key of keys) taken.add(key)
    return isFirst
  })
}

/** By what the mirror finds it again. */
function foundBy(kind: CardKind, { plan }: Attempt) {
  if (kind === 'partner') return { partnerIds: [plan.partnerId ?? ''] }
  if (kind === 'company' || !plan.contact) return {}
  const { phones, emails } = plan.contact
  return { phones, emails }
}

function learnt(kind: CardKind, attempt: Attempt, id: number): Progress {
  const { claim, plan } = attempt
  if (kind === 'contact') {
    claim.contactId = id
    return { contact_id: id }
  }
  if (kind === 'company') {
    claim.companyId = id
    return { company_id: id }
  }
  const params = { partner: plan.partnerId ?? '', contact: String(id) }
  warn(attempt, [{ code: 'partner_created', params }])
  return {}
}

/** The card without what the CRM refuses; null when the order does without it. */
function mend(kind: CardKind, attempt: Attempt, card: Card, error: AmocrmError): Card | null {
  const mended = withoutRefused(card, error)
  // Without the partner's id nobody would ever find it, and the next order would make another.
  if (!mended || (kind === 'partner' && mended.draft.fields.length === 0)) {
    const params = { name: card.name, error: error.message }
    warn(attempt, [{ code: cardRules[kind].refusal, params }])
    return null
  }
  warn(
    attempt,
    mended.warnings.map(({ code, params }) => ({ code, params: { ...params, card: card.name } })),
  )
  return mended.draft
}
