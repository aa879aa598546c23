import type { ProductLink } from '../amocrm/links.ts'
import type { Mirror } from '../amocrm/mirror.ts'
import type { MappingWarning, Plan } from '../mapping/plan.ts'

/** What the plan's partner and products are in this account. */
export interface Resolved {
  /** The main contact first. */
  contactIds: number[]
  links: Omit<ProductLink, 'leadId'>[]
  /** The plan's warnings and those of what was not found. */
  warnings: MappingWarning[]
}

export async function resolvePlan(plan: Plan, mirror: Mirror): Promise<Resolved> {
  const contacts = await resolveContacts(plan.partnerId, mirror)
  const products = await resolveProducts(plan.products, mirror)
  return {
    contactIds: contacts.ids,
    links: products.links,
    warnings: [...plan.warnings, ...contacts.warnings, ...products.warnings],
  }
}

async function resolveContacts(
  partner: string | null,
  mirror: Mirror,
): Promise<{ ids: number[]; warnings: MappingWarning[] }> {
  if (partner === null) return { ids: [], warnings: [{ code: 'partner_missing', params: {} }] }
  const ids = (await mirror.contactsOf(partner)).map(({ id }) => id)
  if (ids.length === 1) return { ids, warnings: [] }
  const code = ids.length === 0 ? 'partner_unknown' : 'partner_ambiguous'
  return { ids, warnings: [{ code, params: { partner, count: String(ids.length) } }] }
}

async function resolveProducts(
  products: Plan['products'],
  mirror: Mirror,
): Promise<Pick<Resolved, 'links' | 'warnings'>> {
  const links: Resolved['links'] = []
  const unknown: string[] = []
  if (products.length === 0) return { links, warnings: [] }

  const catalog = await mirror.products(products.map(({ name }) => name))
  if (!catalog) return { links, warnings: [{ code: 'catalog_missing', params: {} }] }
  for (const { name, quantity } of products) {
    const elementId = catalog.elements.get(name)
    if (elementId === undefined) unknown.push(name)
    else links.push({ elementId, catalogId: catalog.id, quantity })
  }
  return {
    links,
    warnings:
      unknown.length > 0
        ? [{ code: 'products_unknown', params: { names: unknown.map((name) => `«${name}»`).join(', ') } }]
        : [],
  }
}
