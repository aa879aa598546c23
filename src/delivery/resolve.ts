import type { FoundContact, KnownContact, Mirror } from '../amocrm/mirror.ts'
import { looseText } from '../mapping/loose-text.ts'
import type { FieldValue, MappingWarning, Plan, PlannedContact, PlannedProduct } from '../mapping/plan.ts'
import { addQuantities } from '../mapping/products.ts'
import { saidName } from './cards.ts'

/** What the plan's people and products are in this account, and what is to be made there first. */
export interface Resolved {
  /** The partner's contacts, the main one first. */
  contacts: ResolvedContact[]
  /** Whether a contact is made for the partner. */
  makesPartner: boolean
  /** Null: made, if the plan has one. */
  buyer: ResolvedContact | null
  companyId: number | null
  /** The element of each of the plan's products; null: there is none yet. */
  elementIds: (number | null)[]
  /** To each element once. */
  links: ResolvedLink[]
  /** Products that are made first and linked then. */
  newElements: { catalogId: number; products: PlannedProduct[] } | null
  /** The plan's warnings and those of what was not found. */
  warnings: MappingWarning[]
}

/** One that the settings or an earlier try name goes without a name here. */
type ResolvedContact = Pick<KnownContact, 'id' | 'responsibleUserId'> & Partial<Pick<KnownContact, 'name'>>

export interface ResolvedLink {
  elementId: number
  catalogId: number
  quantity: number
  name: string
}

interface Made {
  /** Cards that this very order has made before. */
  contactId: number | null
  companyId: number | null
  /** Unix ms, since when it may have made some whose answers were lost; null when none was. */
  since: number | null
}

/** Finds what there is. Nothing is written. */
export async function resolvePlan(plan: Plan, mirror: Mirror, made: Made): Promise<Resolved> {
  const partner = await resolvePartner(plan, mirror)
  const buyer = await resolveBuyer(plan, mirror, made)
  const company = await resolveCompany(plan, mirror, made)
  const products = await resolveProducts(plan, mirror)
  return {
    contacts: partner.contacts,
    makesPartner: partner.makesPartner ?? false,
    buyer: buyer.contact,
    companyId: company.id,
    elementIds: products.elementIds,
    links: products.links,
    newElements: products.newElements ?? null,
    warnings: [...plan.warnings, ...partner.warnings, ...buyer.warnings, ...company.warnings, ...products.warnings],
  }
}

type Partner = Pick<Resolved, 'contacts' | 'warnings'> & { makesPartner?: boolean }

async function resolvePartner({ partnerId, fallbacks }: Plan, mirror: Mirror): Promise<Partner> {
  if (partnerId === null) return withoutPartner([], fallbacks)
  const contacts = await mirror.contactsOf(partnerId)
  if (contacts.length === 1) return { contacts, warnings: [] }
  if (contacts.length > 1) {
    const params = { partner: partnerId, count: String(contacts.length) }
    return { contacts, warnings: [{ code: 'partner_ambiguous', params }] }
  }
  if (fallbacks.partner === 'create') return { contacts: [], makesPartner: true, warnings: [] }
  return withoutPartner([{ code: 'partner_unknown', params: { partner: partnerId } }], fallbacks)
}

function withoutPartner(warnings: MappingWarning[], { partner }: Plan['fallbacks']): Partner {
  if (typeof partner !== 'object') return { contacts: [], warnings }
  const { contactId } = partner
  const substituted = { code: 'partner_substituted', params: { contact: String(contactId) } }
  return { contacts: [{ id: contactId, responsibleUserId: null }], warnings: [...warnings, substituted] }
}

async function resolveBuyer({ contact }: Plan, mirror: Mirror, { contactId, since }: Made) {
  const nobody = { contact: null, warnings: [] }
  if (!contact) return nobody
  if (contactId !== null) return { contact: { id: contactId, responsibleUserId: null }, warnings: [] }
  const [first, ...others] = await mirror.contactsBy({ ...contact, name: saidName(contact) })
  if (first) {
    const params = { contact: `${first.name} (${first.id})`, count: String(others.length + 1) }
    const ambiguous = others.length > 0 ? [{ code: 'buyer_ambiguous', params }] : []
    return { contact: first, warnings: [...ambiguous, ...(since === null ? unchangedBuyer(contact, first) : [])] }
  }
  // A name alone is nobody's own, but it tells a card of which this order has lost the answer.
  const [lost] = since === null ? [] : await mirror.contactsNamed(contact.name, since / 1000)
  return { contact: lost ?? null, warnings: [] }
}

/** People may have put a card right since, so it is left alone; what the order says otherwise is told. */
function unchangedBuyer(planned: PlannedContact, { id, name, lacks }: FoundContact): MappingWarning[] {
  const isAddress = ({ values }: FieldValue) =>
    values.every(({ value }) => [...planned.phones, ...planned.emails].includes(String(value)))
  const values = [
    ...(planned.isNamed && !isPartOfName(planned.name, name) ? [planned.name] : []),
    ...lacks,
    ...saidIn(planned.fields.filter((field) => !isAddress(field))),
  ]
  const params = { contact: `${name} (${id})`, values: values.join('; ') }
  return values.length > 0 ? [{ code: 'buyer_unchanged', params }] : []
}

function saidIn(fields: FieldValue[]) {
  return fields.filter(({ isSaid }) => isSaid).map(({ field, text }) => `${field}: ${text}`)
}

/** An order may have a last name alone, and the parts in another order. */
function isPartOfName(said: string, known: string) {
  const words = looseText(known).split(' ')
  return looseText(said)
    .split(' ')
    .every((word) => words.includes(word))
}

async function resolveCompany({ company }: Plan, mirror: Mirror, { companyId, since }: Made) {
  if (!company || companyId !== null) return { id: companyId, warnings: [] }
  const [known] = await mirror.companiesNamed(company.name)
  const values = saidIn(company.fields).join('; ')
  const params = { company: `${known?.name} (${known?.id})`, values }
  const isTold = known && values !== '' && since === null
  return { id: known?.id ?? null, warnings: isTold ? [{ code: 'company_unchanged', params }] : [] }
}

type Products = Pick<Resolved, 'elementIds' | 'links' | 'warnings'> & Partial<Pick<Resolved, 'newElements'>>

async function resolveProducts({ products, fallbacks }: Plan, mirror: Mirror): Promise<Products> {
  const none = { elementIds: products.map(() => null), links: [] }
  if (products.length === 0) return { ...none, warnings: [] }
  const catalog = await mirror.products(products, fallbacks.productMatch)
  if (!catalog) return { ...none, warnings: [{ code: 'catalog_missing', params: {} }] }

  const { catalogId, found: elementIds } = catalog
  const elementOf = (index: number) => elementIds[index] ?? null
  const links = products.flatMap(({ name, quantity }, index) => {
    const elementId = elementOf(index)
    return elementId === null ? [] : { elementId, catalogId, quantity, name }
  })
  const known = { elementIds, links: addUp(links) }
  const unknown = products.filter((_, index) => elementOf(index) === null)
  if (unknown.length === 0) return { ...known, warnings: [] }
  if (fallbacks.product === 'create') return { ...known, newElements: { catalogId, products: unknown }, warnings: [] }
  return { ...known, warnings: [{ code: 'products_unknown', params: { names: quote(unknown) } }] }
}

/** Products of several names may be one element, and a lead holds each only once. */
function addUp(links: ResolvedLink[]): ResolvedLink[] {
  const byElement = new Map<number, ResolvedLink>()
  for (const link of links) {
    const earlier = byElement.get(link.elementId)
    byElement.set(
      link.elementId,
      earlier ? { ...earlier, quantity: addQuantities(earlier.quantity, link.quantity) } : link,
    )
  }
  return [...byElement.values()]
}

export function quote(products: { name: string }[]) {
  return products.map(({ name }) => `«${name}»`).join(', ')
}
