import { companyNameKey, emailKey, type Key, partnerKey, phoneKey } from '../amocrm/mirror/keys.ts'
import type { CardOwner, Id, NewCard } from '../amocrm/new-cards.ts'
import type { FieldValue, Plan } from '../mapping/plan.ts'
import type { Attempt, CardKind } from './attempt.ts'
import type { Resolved } from './resolve.ts'

export type Card = NewCard & { fields: FieldValue[] }

interface CardRules {
  owner: CardOwner
  /** The warning of a card that the CRM does not take. */
  refusal: string
  isLacking: (attempt: Pick<Attempt, 'plan' | 'resolved'>) => boolean
  /** What tells whose card it is: two orders with one of these in common are to share a card. */
  keysOf: (plan: Plan) => (Key | null)[]
}

/** The cards that an order may need before its lead, in the order in which they are made. */
export const cardRules: Record<CardKind, CardRules> = {
  partner: {
    owner: 'contacts',
    refusal: 'contact_not_created',
    isLacking: ({ resolved }) => resolved.makesPartner,
    keysOf: ({ partnerId }) => [partnerKey(partnerId)],
  },
  contact: {
    owner: 'contacts',
    refusal: 'contact_not_created',
    isLacking: ({ plan, resolved }) => plan.contact !== null && resolved.buyer === null,
    keysOf: ({ contact }) => [
      ...(contact?.phones ?? []).map((phone) => phoneKey(phone, saidName(contact))),
      ...(contact?.emails ?? []).map(emailKey),
    ],
  },
  company: {
    owner: 'companies',
    refusal: 'company_not_created',
    isLacking: ({ plan, resolved }) => plan.company !== null && resolved.companyId === null,
    keysOf: ({ company }) => [companyNameKey(company?.name)],
  },
}

/** What the order itself calls the buyer. */
export function saidName(contact: Plan['contact']) {
  return contact?.isNamed ? contact.name : undefined
}

export const cardKinds = Object.keys(cardRules) as CardKind[]

/** What is known of an order's people; ids that only requests will bring are in words where requests are only shown. */
interface People<Key extends Id> {
  resolved: Resolved
  made: Partial<Record<CardKind, Key | null>>
}

/** The lead's people as they are known by now, the main contact first. */
export function peopleOf<Key extends Id>(
  people: People<Key>,
): { contactIds: (Key | number)[]; companyId: Key | number | null } {
  const { resolved, made } = people
  const known = resolved.contacts.map(({ id }) => id)
  const ids = [...known, made.partner ?? null, buyerOf<Key>(people)].filter((id) => id !== null)
  return { contactIds: [...new Set(ids)], companyId: resolved.companyId ?? made.company ?? null }
}

export function buyerOf<Key extends Id>({ resolved, made }: People<Key>): Key | number | null {
  return resolved.buyer?.id ?? made.contact ?? null
}

/** A card as it is sent. */
export function cardFor(
  kind: CardKind,
  { plan, resolved }: Pick<Attempt, 'plan' | 'resolved'>,
  partnerFieldId: number,
) {
  if (kind === 'partner') return partnerCard(plan, partnerFieldId)
  const planned = plan[kind]
  if (!planned) throw new Error(`the plan has no ${kind}`)
  return cardOf(planned, resolved)
}

/** A contact with nothing but the partner's id. */
function partnerCard({ partnerId, fallbacks, lead }: Plan, partnerFieldId: number): Card {
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
function cardOf(planned: NonNullable<Plan['contact'] | Plan['company']>, resolved: Resolved): Card {
  const { name, tags, fields, responsible } = planned
  const names = 'firstName' in planned ? { firstName: planned.firstName, lastName: planned.lastName } : {}
  return { name, ...names, responsibleUserId: userOf(responsible, resolved), tags, fields }
}

/** Who answers for the lead and its cards: a user by name, or whoever answers for the main contact. */
export function userOf(responsible: Plan['lead']['responsible'], { contacts, buyer }: Resolved) {
  if (responsible !== 'contact') return responsible
  return (contacts[0] ?? buyer)?.responsibleUserId ?? null
}
