import type { EntityType, Link } from '../store/entities.ts'
import type { Store } from '../store/store.ts'

export type NewLink = Omit<Link, 'id'>

/** Links are upserts by both ends and the catalog: linking again changes the quantity. */
export function saveLink(store: Store, link: NewLink): Link {
  const isFirst = link.to_entity_type === 'contacts' && contactLinks(store, link.entity_id).length === 0
  const saved = isFirst ? { ...link, main_contact: true } : link
  if (saved.to_entity_type === 'contacts' && saved.main_contact) demoteOthers(store, saved)
  return store.links.put({ id: idOf(saved), ...saved })
}

export function removeLink(store: Store, link: Pick<Link, LinkEnds>) {
  store.links.remove(idOf(link))
}

export function linkToContact(store: Store, leadId: number, contactId: number, isMain: boolean) {
  return saveLink(store, { ...ends(leadId, 'contacts', contactId), main_contact: isMain })
}

export function linkToCompany(store: Store, leadId: number, companyId: number) {
  return saveLink(store, { ...ends(leadId, 'companies', companyId), main_contact: null })
}

/** The main contact comes first. */
export function contactLinks(store: Store, leadId: number): Link[] {
  return linksFrom(store, 'leads', leadId, 'contacts').sort((a, b) => Number(b.main_contact) - Number(a.main_contact))
}

export function linksFrom(store: Store, type: EntityType, id: number, to?: Link['to_entity_type']): Link[] {
  return store.links.under(`from:${type}:${id}`).filter((link) => to === undefined || link.to_entity_type === to)
}

export function linksTo(store: Store, type: Link['to_entity_type'], id: number, from: EntityType): Link[] {
  return store.links.under(`to:${type}:${id}`).filter((link) => link.entity_type === from)
}

/** What was sent as `is_main` is read back as `main_contact`; the default price is not named. */
export function showMetadata(link: Link) {
  if (link.to_entity_type === 'contacts') return { main_contact: link.main_contact === true }
  if (link.to_entity_type !== 'catalog_elements') return null
  const price = link.price_id === null ? {} : { price_id: link.price_id }
  return { quantity: link.quantity, catalog_id: link.catalog_id, ...price }
}

export function showLink(link: Link) {
  const { entity_id, entity_type, to_entity_id, to_entity_type } = link
  return { entity_id, entity_type, to_entity_id, to_entity_type, metadata: showMetadata(link) }
}

type LinkEnds = 'entity_type' | 'entity_id' | 'to_entity_type' | 'to_entity_id' | 'catalog_id'

function idOf(link: Pick<Link, LinkEnds>) {
  const target = `${link.to_entity_type}:${link.catalog_id ?? ''}:${link.to_entity_id}`
  return `${link.entity_type}:${link.entity_id}:${target}`
}

function ends(leadId: number, to: 'contacts' | 'companies', id: number) {
  return {
    entity_type: 'leads' as const,
    entity_id: leadId,
    to_entity_type: to,
    to_entity_id: id,
    catalog_id: null,
    quantity: null,
    price_id: null,
  }
}

function demoteOthers(store: Store, main: NewLink) {
  for (const link of contactLinks(store, main.entity_id)) {
    if (link.main_contact && link.to_entity_id !== main.to_entity_id) store.links.put({ ...link, main_contact: false })
  }
}
