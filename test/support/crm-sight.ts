import { markerName } from '../../src/amocrm/marker.ts'
import { goldenSeed } from '../fixtures/golden-account.ts'

/** The little of a sandbox's state that is looked at here. */
export interface CrmState {
  leads: Lead[]
  contacts: Card[]
  companies: Card[]
  elements: { id: number; name: string }[]
  notes: { entity_id: number; params: { text: string } }[]
}

interface Card {
  id: number
  name: string
  first_name?: string
  last_name?: string
  responsible_user_id: number
  custom_fields_values: Field[] | null
  _embedded: { tags: { name: string }[]; companies?: { id: number }[] }
}

interface Lead extends Card {
  price: number
  pipeline_id: number
  status_id: number
  _embedded: Card['_embedded'] & {
    contacts: { id: number; is_main: boolean }[]
    catalog_elements: { id: number; metadata: { quantity: number } }[]
  }
}

interface Field {
  field_name: string
  field_type: string
  values: { value?: unknown; enum_code?: string | null; catalog_element_id?: number }[]
}

const known: ReadonlySet<number> = new Set(goldenSeed.contacts.map(({ id }) => id ?? 0))
const { pipelines, users } = goldenSeed

/** A lead and what belongs to it as people see them, without ids: those are others each time. */
export function seeLead(id: number, state: CrmState) {
  const lead = state.leads.find((candidate) => candidate.id === id)
  if (!lead) throw new Error(`no lead ${id}`)
  const pipeline = pipelines.find((candidate) => candidate.id === lead.pipeline_id)
  const contactOf = (id: number) => state.contacts.find((contact) => contact.id === id)
  return {
    name: lead.name,
    price: lead.price,
    pipeline: pipeline?.name,
    stage: pipeline?._embedded.statuses.find((status) => status.id === lead.status_id)?.name,
    ...seeCard(lead),
    contacts: lead._embedded.contacts.map(({ id, is_main }) => {
      const contact = contactOf(id)
      return {
        name: contact?.name,
        is_main,
        ...(contact && !known.has(id) ? { made: seeContact(contact, state) } : {}),
      }
    }),
    companies: (lead._embedded.companies ?? []).map(({ id }) => seeCompany(id, state)),
    products: lead._embedded.catalog_elements
      .map(({ id, metadata }) => `${state.elements.find((element) => element.id === id)?.name} × ${metadata.quantity}`)
      .sort(),
    notes: state.notes
      .filter(({ entity_id }) => entity_id === id)
      .map(({ params }) => withoutNewIds(params.text, state).split('\n')),
  }
}

/** What Parom wrote into the field by which it knows its leads. */
export function markerOf(id: number, { leads }: CrmState) {
  const fields = leads.find((lead) => lead.id === id)?.custom_fields_values ?? []
  return fields.find(({ field_name }) => field_name === markerName)?.values[0]?.value
}

/** Ids of cards that were made are others each time. */
export function withoutNewIds(text: string, { contacts, companies }: CrmState) {
  const made = [...contacts, ...companies].filter(({ id }) => !known.has(id)).map(({ id }) => String(id))
  return text.replace(/\d{6,}/g, (digits) => (made.includes(digits) ? '<id>' : digits))
}

function seeContact(contact: Card, state: CrmState) {
  const { first_name, last_name, _embedded } = contact
  const companies = (_embedded.companies ?? []).map(
    ({ id }) => state.companies.find((company) => company.id === id)?.name,
  )
  return { first_name, last_name, ...seeCard(contact), companies }
}

function seeCompany(id: number, { companies }: CrmState) {
  const company = companies.find((candidate) => candidate.id === id)
  return company ? { name: company.name, ...seeCard(company) } : null
}

function seeCard({ responsible_user_id, _embedded, custom_fields_values }: Card) {
  const fields = (custom_fields_values ?? []).filter(({ field_name }) => field_name !== markerName)
  return {
    responsible: users.find(({ id }) => id === responsible_user_id)?.name,
    tags: _embedded.tags.map(({ name }) => name),
    fields: Object.fromEntries(
      fields.map((field) => [field.field_name, field.values.map((value) => seeValue(field, value))]),
    ),
  }
}

function seeValue({ field_type }: Field, { value, enum_code, ...rest }: Field['values'][number]) {
  if (/^(date|birthday)/.test(field_type))
    return new Date(Number(value) * 1000).toLocaleString('sv', { timeZone: 'Europe/Moscow' })
  if (/^(multitext|smart_address)$/.test(field_type)) return `${enum_code}: ${value}`
  return value === undefined ? rest : value
}
