import { inBatches } from '../amocrm/batches.ts'
import type { AmocrmClient } from '../amocrm/client.ts'
import { AmocrmError, isRejected } from '../amocrm/errors.ts'
import type { ListName, Mirror } from '../amocrm/mirror.ts'
import { createCompany, createContact, linkContactToCompany, type NewCard } from '../amocrm/new-cards.ts'
import { createElements, refusedItems } from '../amocrm/new-elements.ts'
import type { Progress } from '../inbox/claim.ts'
import type { Claim } from '../inbox/message.ts'
import type { MappingWarning, Plan, PlannedProduct } from '../mapping/plan.ts'
import { withoutRefused } from './repair.ts'
import { quote, type Resolved, type ResolvedLink } from './resolve.ts'
import type { createStepRunner } from './steps.ts'

interface Tools {
  run: ReturnType<typeof createStepRunner>
  /** Keeps warnings, and what was reached with them. */
  warn: (warnings: MappingWarning[], progress?: Progress) => Promise<void>
  mirror: Mirror
  partnerFieldId: number
  /** Unix ms. */
  now: () => number
}

interface Options {
  /** Whether cards are made without what the CRM refuses of them, and left out when it refuses them. */
  repair: boolean
}

const cards = {
  partner: { list: 'contacts', create: createContact, refusal: 'contact_not_created' },
  contact: { list: 'contacts', create: createContact, refusal: 'contact_not_created' },
  company: { list: 'companies', create: createCompany, refusal: 'company_not_created' },
} as const
type CardStep = keyof typeof cards
type Card = NewCard & { fields: Plan['lead']['fields'] }

/** What an order has learnt by making something. */
interface Learnt {
  warnings?: MappingWarning[]
  progress?: Progress
}

export type CardMaker = ReturnType<typeof createCardMaker>

/** Makes what the account lacks of an order's people and products. */
export function createCardMaker(claim: Claim, tools: Tools, { repair }: Options) {
  const { run, warn, mirror, partnerFieldId, now } = tools

  /** Gives the lead's people, the main contact first. */
  async function makePeople(plan: Plan, resolved: Resolved) {
    const mayHaveMade = claim.cardsRequestAt !== null
    const partnerId = resolved.makesPartner ? await makePartner(plan) : null
    const contactId = resolved.buyer?.id ?? (await makeBuyer(plan, resolved))
    const companyId = resolved.companyId ?? (await makeCompany(plan, resolved))
    const isNew = mayHaveMade || claim.contactId !== null || claim.companyId !== null
    if (isNew && contactId !== null && companyId !== null) await joinCompany(contactId, companyId)
    const contactIds = [...resolved.contacts.map(({ id }) => id), partnerId, contactId].filter((id) => id !== null)
    return { contactIds: [...new Set(contactIds)], companyId }
  }

  async function makePartner(plan: Plan) {
    const partner = plan.partnerId ?? ''
    const learnt = (id: number) => ({
      warnings: [{ code: 'partner_created', params: { partner, contact: String(id) } }],
    })
    return makeCard('partner', partnerCard(plan, partnerFieldId), learnt, { partnerIds: [partner] })
  }

  async function makeBuyer({ contact }: Plan, resolved: Resolved) {
    if (!contact) return null
    const { phones, emails } = contact
    const learnt = (id: number) => ({ progress: { contact_id: id } })
    const id = await makeCard('contact', cardOf(contact, resolved), learnt, { phones, emails })
    claim.contactId = id
    return id
  }

  async function makeCompany({ company }: Plan, resolved: Resolved) {
    if (!company) return null
    const id = await makeCard('company', cardOf(company, resolved), (id) => ({ progress: { company_id: id } }), {})
    claim.companyId = id
    return id
  }

  /** Gives the card's id; null when the CRM does not take it whatever is left out of it. */
  async function makeCard(step: CardStep, card: Card, learnt: (id: number) => Learnt, foundBy: object) {
    const { list, create, refusal } = cards[step]
    for (let draft = card; ; ) {
      const learn = async (id: number) => {
        const { name, responsibleUserId } = draft
        await mirror.remember(list, [{ id, name, responsibleUserId, createdAt: seconds(now()), ...foundBy }])
        return learnt(id)
      }
      try {
        return await sendOnce(step, list, (client) => create(client, draft), learn)
      } catch (error) {
        if (!repair || !isRejected(error)) throw error
        const repaired = withoutRefused(draft, error)
        // Without the partner's id nobody would ever find it, and the next order would make another.
        if (!repaired || (step === 'partner' && repaired.draft.fields.length === 0)) {
          await warn([{ code: refusal, params: { name: card.name, error: error.message } }])
          return null
        }
        await warn(repaired.warnings.map(({ code, params }) => ({ code, params: { ...params, card: card.name } })))
        draft = repaired.draft
      }
    }
  }

  async function joinCompany(contactId: number, companyId: number) {
    try {
      await run('company_link', (client) => linkContactToCompany(client, contactId, companyId))
    } catch (error) {
      if (!repair || !isRejected(error)) throw error
      await warn([{ code: 'company_not_linked', params: { error: error.message } }])
    }
  }

  /** Gives the links to the products that the catalog lacked. */
  async function makeElements({ newElements }: Resolved): Promise<ResolvedLink[]> {
    if (!newElements) return []
    const links: ResolvedLink[] = []
    for (const batch of inBatches(newElements.products)) links.push(...(await makeBatch(newElements.catalogId, batch)))
    return links
  }

  async function makeBatch(catalogId: number, products: PlannedProduct[]): Promise<ResolvedLink[]> {
    const learn = async (ids: number[]) => {
      const createdAt = seconds(now())
      const made = products.map(({ name, sku }, index) => ({ id: ids[index] ?? 0, name, sku, createdAt }))
      await mirror.remember('products', made)
      return { warnings: [{ code: 'products_created', params: { names: quote(products) } }] }
    }
    try {
      const create = (client: AmocrmClient) => createElements(client, catalogId, products)
      const ids = await sendOnce('elements', 'products', create, learn)
      return products.map(({ name, quantity }, index) => ({ elementId: ids[index] ?? 0, catalogId, quantity, name }))
    } catch (error) {
      if (!repair || !isRejected(error)) throw error
      const refused = refusedItems(error)
      const isRefused = (_: unknown, index: number) => refused.size === 0 || refused.has(index)
      const params = { names: quote(products.filter(isRefused)), error: error.summary }
      await warn([{ code: 'products_not_created', params }])
      const rest = products.filter((product, index) => !isRefused(product, index))
      return rest.length > 0 && rest.length < products.length ? makeBatch(catalogId, rest) : []
    }
  }

  /** It is on record that something may have been made, until it is known. */
  async function sendOnce<Result>(
    step: CardStep | 'elements',
    list: ListName,
    work: (client: AmocrmClient) => Promise<Result>,
    learn: (result: Result) => Promise<Learnt>,
  ) {
    const mark = async (requestAt: number | null, { warnings = [], progress = {} }: Learnt = {}) => {
      await warn(warnings, { ...progress, cards_request_at: requestAt })
      claim.cardsRequestAt = requestAt
    }
    const before = claim.cardsRequestAt
    const result = await run(step, work, () => mark(now())).catch(async (error: unknown) => {
      if (error instanceof AmocrmError) {
        if (error.mayHaveHappened) mirror.mayHaveMore(list)
        await mark(error.mayHaveHappened ? now() : before)
      }
      throw error
    })
    await mark(null, await learn(result))
    return result
  }

  return { makePeople, makeElements }
}

function seconds(ms: number) {
  return Math.floor(ms / 1000)
}

/** A contact with nothing but the partner's id. */
export function partnerCard({ partnerId, fallbacks, lead }: Plan, partnerFieldId: number) {
  const partner = partnerId ?? ''
  const field = {
    fieldId: partnerFieldId,
    field: 'contact_cf_partner_id',
    values: [{ value: partner }],
    text: partner,
    isSaid: true,
  }
  const responsibleUserId = typeof lead.responsible === 'number' ? lead.responsible : null
  return { name: fallbacks.partnerName, responsibleUserId, tags: [], fields: [field] }
}

/** The card of a buyer or a company, as it is sent. */
export function cardOf(planned: NonNullable<Plan['contact'] | Plan['company']>, resolved: Resolved) {
  const { name, tags, fields, responsible } = planned
  const names = 'firstName' in planned ? { firstName: planned.firstName, lastName: planned.lastName } : {}
  return { name, ...names, responsibleUserId: userOf(responsible, resolved), tags, fields }
}

/** Who answers for the lead and its cards: a user by name, or whoever answers for the main contact. */
export function userOf(responsible: Plan['lead']['responsible'], { contacts, buyer }: Resolved) {
  if (responsible !== 'contact') return responsible
  return (contacts[0] ?? buyer)?.responsibleUserId ?? null
}
