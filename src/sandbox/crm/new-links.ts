import { z } from 'zod'
import { type Report, readShape } from '../http/batch.ts'
import { type EntityType, entityTypes, type Link } from '../store/entities.ts'
import { live } from '../store/live.ts'
import type { Store } from '../store/store.ts'
import { linksTo, type NewLink } from './links.ts'
import { checkAuthor } from './users.ts'

const metadata = z.strictObject({
  catalog_id: z.int().optional(),
  quantity: z.number().optional(),
  price_id: z.int().nullish(),
  is_main: z.boolean().optional(),
  updated_by: z.int().optional(),
})

const linkShape = z.strictObject({
  entity_id: z.int().optional(),
  entity_type: z.enum(entityTypes).optional(),
  to_entity_id: z.int(),
  to_entity_type: z.enum([...entityTypes, 'catalog_elements']),
  metadata: metadata.nullish(),
})

type SentLink = z.infer<typeof linkShape>

/** A link as it is sent, from any record of `type` or from the one that the address names. */
export function checkLink(
  store: Store,
  type: EntityType,
  id: number | undefined,
  item: unknown,
  report: Report,
): NewLink | undefined {
  const sent = readShape(linkShape, item, report)
  if (!sent) return undefined
  const { to_entity_id, to_entity_type } = sent
  if (sent.entity_type !== undefined && sent.entity_type !== type) report('NotSupportedChoice', 'entity_type')
  if (to_entity_type === type) report('NotSupportedChoice', 'to_entity_type')
  const entity_id = id ?? sent.entity_id
  if (entity_id === undefined) report('FieldMissing', 'entity_id')
  else if (!live(store, type, entity_id)) report('NotSupportedChoice', 'entity_id')
  checkAuthor(store, sent.metadata?.updated_by, 'metadata.updated_by', report)
  const ends = { entity_type: type, entity_id: entity_id ?? 0, to_entity_id, to_entity_type }
  if (to_entity_type === 'catalog_elements') {
    return { ...ends, ...checkProduct(store, sent, report), main_contact: null }
  }
  if (!live(store, to_entity_type, to_entity_id)) report('NotSupportedChoice', 'to_entity_id')
  const isMain = hasMainContact(type, to_entity_type) ? sent.metadata?.is_main === true : null
  return { ...ends, catalog_id: null, quantity: null, price_id: null, main_contact: isMain }
}

/** Elements of some lists go with one lead only. */
export function checkIsFree(store: Store, link: NewLink, report: Report) {
  if (link.to_entity_type !== 'catalog_elements' || link.entity_type !== 'leads') return
  if (store.catalogs.get(link.catalog_id ?? 0)?.can_link_multiple !== false) return
  const others = linksTo(store, 'catalog_elements', link.to_entity_id, 'leads')
  if (others.some(({ entity_id }) => entity_id !== link.entity_id)) report('NotSupportedChoice', 'to_entity_id')
}

function checkProduct(store: Store, { to_entity_id, metadata }: SentLink, report: Report) {
  const { catalog_id = null, quantity = 1, price_id = null } = metadata ?? {}
  if (catalog_id === null) report('FieldMissing', 'metadata.catalog_id')
  else if (!store.catalogs.get(catalog_id)) report('NotSupportedChoice', 'metadata.catalog_id')
  else if (live(store, 'elements', to_entity_id)?.catalog_id !== catalog_id)
    report('NotSupportedChoice', 'to_entity_id')
  // The id of a field that holds a price, not a price.
  const price = price_id === null ? undefined : store.fields.get(price_id)
  const isPrice = price?.catalog_id === catalog_id && ['price', 'numeric'].includes(price?.type ?? '')
  if (price_id !== null && !isPrice) report('NotSupportedChoice', 'metadata.price_id')
  return { catalog_id, quantity, price_id }
}

const hasMainContact = (one: EntityType, other: Link['to_entity_type']) =>
  (one === 'leads' && other === 'contacts') || (one === 'contacts' && other === 'leads')
