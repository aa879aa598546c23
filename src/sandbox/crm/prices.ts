import type { FilledField, Link } from '../store/entities.ts'
import type { Store } from '../store/store.ts'
import type { Author } from './cards.ts'
import { linksFrom } from './links.ts'
import { touch } from './trash.ts'

/** Makes the price of a lead what its products cost together. */
export function repriceLead(store: Store, leadId: number, by: Author) {
  const sums = linksFrom(store, 'leads', leadId, 'catalog_elements').map(
    (link) => priceOf(store, link) * (link.quantity ?? 0),
  )
  const price = Math.round(sums.reduce((total, sum) => total + sum, 0))
  touch(store, 'leads', leadId, { price }, by)
}

/** By the field that the link chose, else by the list's PRICE. */
function priceOf(store: Store, { to_entity_id, price_id }: Link): number {
  const isPrice = ({ field_id }: FilledField) =>
    price_id === null ? store.fields.get(field_id)?.code === 'PRICE' : field_id === price_id
  const price = Number(store.elements.get(to_entity_id)?.fields.find(isPrice)?.values[0]?.value)
  return Number.isFinite(price) ? price : 0
}
