import { markerCode } from '../../../src/amocrm/marker.ts'
import type { ChaosOrder } from './orders.ts'

/** As `GET /__sandbox/state` shows it, as far as it is looked at. */
export interface CrmState {
  leads: { id: number; custom_fields_values: FieldValues[] | null }[]
  contacts: { id: number; custom_fields_values: FieldValues[] | null }[]
  links: Link[]
  notes: { entity_type: string; entity_id: number; params: { text?: string } }[]
}

interface FieldValues {
  field_code: string | null
  field_name: string
  values: { value: unknown }[]
}

interface Link {
  entity_id: number
  entity_type: string
  to_entity_id: number
  to_entity_type: string
  metadata: { quantity?: number | null } | null
}

/** What is wrong in the CRM with the orders that were accepted, by message id; nothing when each has all that is its own, once. */
export function judge(accepted: Map<string, ChaosOrder>, state: CrmState): { id: string; wrong: string }[] {
  const leadsOf = Map.groupBy(state.leads, (lead) => fieldOf(lead, ({ field_code }) => field_code === markerCode) ?? '')
  const linksOf = Map.groupBy(
    state.links.filter(({ entity_type }) => entity_type === 'leads'),
    ({ entity_id }) => entity_id,
  )
  const notesOf = Map.groupBy(
    state.notes.filter(({ entity_type }) => entity_type === 'leads'),
    ({ entity_id }) => entity_id,
  )

  const strangers = [...leadsOf].filter(([id]) => !accepted.has(id))
  return [
    ...strangers.map(([id, leads]) => ({ id, wrong: `${leads.length} leads of an order that nobody was promised` })),
    ...[...accepted].flatMap(([id, order]) => faultsOf(id, order).map((wrong) => ({ id, wrong }))),
    ...judgeBuyers(accepted, state),
  ]

  function faultsOf(id: string, order: ChaosOrder): string[] {
    const [lead, ...others] = leadsOf.get(id) ?? []
    if (!lead) return ['no lead']
    const links = linksOf.get(lead.id) ?? []
    const faults: string[] = []
    if (others.length > 0) faults.push(`${others.length + 1} leads`)
    if (fieldOf(lead, ({ field_name }) => field_name === 'Комментарий') !== order.comment)
      faults.push('the lead tells of another order')
    faults.push(...wrongProducts(order, links), ...wrongContacts(order, links))
    const notes = notesOf.get(lead.id) ?? []
    if (notes.length !== 1) faults.push(`${notes.length} notes`)
    else if (!notes[0]?.params.text?.includes(order.comment)) faults.push('the note tells of another order')
    return faults
  }

  function wrongContacts({ partnerContact, buyerPhone }: ChaosOrder, links: Link[]) {
    const linked = links.filter(({ to_entity_type }) => to_entity_type === 'contacts').map((link) => link.to_entity_id)
    const wanted = [
      ...(partnerContact === null ? [] : [partnerContact]),
      ...(buyerPhone === null ? [] : cardsOf(buyerPhone, state)).slice(0, 1),
    ]
    return same(linked, wanted) ? [] : [`contacts ${linked} in place of ${wanted}`]
  }
}

function wrongProducts({ products }: ChaosOrder, links: Link[]) {
  const show = (pairs: Iterable<[number, unknown]>) => [...pairs].map(([element, quantity]) => `${element}×${quantity}`)
  const linked = links
    .filter(({ to_entity_type }) => to_entity_type === 'catalog_elements')
    .map(({ to_entity_id, metadata }): [number, unknown] => [to_entity_id, metadata?.quantity])
  return same(show(linked), show(products)) ? [] : [`products ${show(linked)} in place of ${show(products)}`]
}

/** One card for each buyer, however many orders are his. */
function judgeBuyers(accepted: Map<string, ChaosOrder>, state: CrmState) {
  const byPhone = Map.groupBy(
    [...accepted].filter(([, { buyerPhone }]) => buyerPhone !== null),
    ([, { buyerPhone }]) => buyerPhone ?? '',
  )
  return [...byPhone].flatMap(([phone, orders]) => {
    const cards = cardsOf(phone, state)
    return cards.length === 1
      ? []
      : orders.map(([id]) => ({ id, wrong: `${cards.length} cards of the buyer ${phone}` }))
  })
}

function cardsOf(phone: string, { contacts }: CrmState) {
  const cards = contacts.filter((contact) => digits(fieldOf(contact, isPhone)) === digits(phone))
  return cards.map(({ id }) => id)
}

const isPhone = ({ field_code }: FieldValues) => field_code === 'PHONE'

function fieldOf({ custom_fields_values }: CrmState['leads'][number], isMeant: (field: FieldValues) => boolean) {
  const value = custom_fields_values?.find(isMeant)?.values[0]?.value
  return value === undefined ? undefined : String(value)
}

function digits(text = '') {
  return text.replace(/\D/g, '')
}

function same(one: (string | number)[], other: (string | number)[]) {
  return JSON.stringify(one.toSorted()) === JSON.stringify(other.toSorted())
}
