import { settingsOf } from '../control/settings.ts'
import type { EntityType, Link } from '../store/entities.ts'
import { isThere } from '../store/live.ts'
import type { Store } from '../store/store.ts'

export type NewLink = Omit<Link, 'id'>

/** Links are upserts by both ends and the catalog: linking again changes the quantity. */
export function saveLink(store: Store, sent: NewLink): Link {
  const link = withMainContact(store, straight(sent))
  const id = idOf(link)
  const saved = store.links.put({ id, ...link, quantity: quantityOf(store, id, link) })
  return saved.entity_type === sent.entity_type ? saved : turn(saved)
}

function quantityOf(store: Store, id: string, { quantity }: NewLink) {
  const before = store.links.get(id)?.quantity ?? 0
  return quantity !== null && settingsOf(store).link_again === 'sum' ? before + quantity : quantity
}

/** The first contact of a lead is its main one, and there is only one of these. */
function withMainContact(store: Store, link: NewLink): NewLink {
  if (link.entity_type !== 'leads' || link.to_entity_type !== 'contacts') return link
  const main_contact = link.main_contact === true || contactLinks(store, link.entity_id).length === 0
  if (main_contact) demoteOthers(store, link)
  return { ...link, main_contact }
}

export function removeLink(store: Store, link: Pick<Link, LinkEnds>) {
  store.links.remove(idOf(straight(link)))
}

export function linkToContact(store: Store, leadId: number, contactId: number, isMain: boolean) {
  return saveLink(store, { ...ends('leads', leadId, 'contacts', contactId), main_contact: isMain })
}

export function linkToCompany(store: Store, type: 'leads' | 'contacts', id: number, companyId: number) {
  return saveLink(store, { ...ends(type, id, 'companies', companyId), main_contact: null })
}

/** The main contact comes first. */
export function contactLinks(store: Store, leadId: number): Link[] {
  return linksFrom(store, 'leads', leadId, 'contacts').sort((a, b) => Number(b.main_contact) - Number(a.main_contact))
}

/** Every link of a record, seen from that record; what is in the trash is passed over. */
export function linksOf(store: Store, type: EntityType, id: number): Link[] {
  const turned = store.links.under(`to:${type}:${id}`).filter((link) => isWhole(store, link))
  return [...turned.map(turn), ...linksFrom(store, type, id)]
}

export function linksFrom(store: Store, type: EntityType, id: number, to?: Link['to_entity_type']): Link[] {
  const links = store.links.under(`from:${type}:${id}`).filter((link) => isWhole(store, link))
  return links.filter((link) => to === undefined || link.to_entity_type === to)
}

export function linksTo(store: Store, type: Link['to_entity_type'], id: number, from: EntityType): Link[] {
  return store.links.under(`to:${type}:${id}`).filter((link) => link.entity_type === from && isWhole(store, link))
}

function isWhole(store: Store, link: Link) {
  const target = link.to_entity_type === 'catalog_elements' ? 'elements' : link.to_entity_type
  return isThere(store[link.entity_type].get(link.entity_id)) && isThere(store[target].get(link.to_entity_id))
}

/** What was sent as `is_main` is read back as `main_contact`; the default price is not named. */
export function showMetadata(link: Link) {
  if (link.main_contact !== null) return { main_contact: link.main_contact }
  if (link.to_entity_type !== 'catalog_elements') return null
  const price = link.price_id === null ? {} : { price_id: link.price_id }
  return { quantity: link.quantity, catalog_id: link.catalog_id, ...price }
}

export function showLink(link: Link) {
  const { entity_id, entity_type, to_entity_id, to_entity_type } = link
  return { entity_id, entity_type, to_entity_id, to_entity_type, metadata: showMetadata(link) }
}

type LinkEnds = 'entity_type' | 'entity_id' | 'to_entity_type' | 'to_entity_id' | 'catalog_id'

const kept = ['leads', 'contacts', 'companies', 'catalog_elements']

/** A link between two records is kept once, whichever end it was made from. */
function straight<T extends Pick<Link, LinkEnds>>(link: T): T {
  return kept.indexOf(link.entity_type) <= kept.indexOf(link.to_entity_type) ? link : turn(link)
}

function turn<T extends Pick<Link, LinkEnds>>(link: T): T {
  if (link.to_entity_type === 'catalog_elements') return link
  const { entity_type, entity_id, to_entity_type, to_entity_id } = link
  return {
    ...link,
    entity_type: to_entity_type,
    entity_id: to_entity_id,
    to_entity_type: entity_type,
    to_entity_id: entity_id,
  }
}

function idOf(link: Pick<Link, LinkEnds>) {
  const target = `${link.to_entity_type}:${link.catalog_id ?? ''}:${link.to_entity_id}`
  return `${link.entity_type}:${link.entity_id}:${target}`
}

function ends(type: 'leads' | 'contacts', from: number, to: 'contacts' | 'companies', id: number) {
  return {
    entity_type: type,
    entity_id: from,
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
