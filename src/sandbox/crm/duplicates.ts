import type { DuplicateRule } from '../control/crm-settings.ts'
import type { Field, FilledField, Lead } from '../store/entities.ts'
import { isThere } from '../store/live.ts'
import type { Store } from '../store/store.ts'
import type { ComplexDraft } from './complex.ts'
import { contactLinks } from './links.ts'

const mostDuplicates = 3

/**
 * The leads that a new one would be merged into, the newest first. Only what was stored before the request counts;
 * with too many duplicates, or where the rule says so, there is none.
 */
export function findDuplicates(store: Store, rule: DuplicateRule, draft: ComplexDraft, firstNewId: number): Lead[] {
  const keys = rule.criteria.flatMap((criterion) => keysOf(store, criterion, draft))
  const found = store.leads
    .all()
    .filter(({ id, pipeline_id }) => id < firstNewId && pipeline_id === draft.lead.place.pipeline_id)
    .filter((lead) => isThere(lead) && !lead.is_unsorted && keys.some((key) => isAt(store, key, lead)))
    .sort((a, b) => b.id - a.id)
  if (found.length > mostDuplicates || (found.length > 1 && rule.several === 'new')) return []
  return rule.several === 'all' ? found : found.slice(0, 1)
}

interface Key {
  owner: 'leads' | 'contacts'
  field: Field
  value: string
}

function keysOf(store: Store, criterion: DuplicateRule['criteria'][number], draft: ComplexDraft): Key[] {
  const field = fieldOf(store, criterion)
  if (field?.entity_type !== 'leads' && field?.entity_type !== 'contacts') return []
  const owner = field.entity_type
  const filled = owner === 'leads' ? draft.lead.fields : fieldsOfContact(store, draft)
  return valuesOf(filled, field).map((value) => ({ owner, field, value }))
}

function fieldOf(store: Store, criterion: DuplicateRule['criteria'][number]): Field | undefined {
  if (typeof criterion === 'number') return store.fields.get(criterion)
  return store.fields.under('contacts').find(({ code }) => code === criterion.toUpperCase())
}

function fieldsOfContact(store: Store, { contact }: ComplexDraft): FilledField[] {
  if (!contact) return []
  return 'draft' in contact ? contact.draft.fields : (store.contacts.get(contact.id)?.fields ?? [])
}

// By a field of the contact only leads whose main contact has the value are found.
function isAt(store: Store, { owner, field, value }: Key, lead: Lead): boolean {
  if (owner === 'leads') return valuesOf(lead.fields, field).includes(value)
  const main = contactLinks(store, lead.id).find(({ main_contact }) => main_contact)
  const contact = main && store.contacts.get(main.to_entity_id)
  return contact !== undefined && valuesOf(contact.fields, field).includes(value)
}

function valuesOf(filled: FilledField[], field: Field): string[] {
  const values = filled.find(({ field_id }) => field_id === field.id)?.values ?? []
  return values.map(({ value }) => comparable(field, String(value ?? ''))).filter((value) => value !== '')
}

// Phones are written in many ways; their last ten digits are what counts.
function comparable({ code }: Field, value: string) {
  return code === 'PHONE' ? value.replace(/\D/g, '').slice(-10) : value.trim().toLowerCase()
}
