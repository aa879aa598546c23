import type { SettingsBox } from '../control/settings.ts'
import { linksFrom, linksTo } from '../crm/links.ts'
import { showTags } from '../crm/tags.ts'
import { accountOf } from '../present/present.ts'
import type { Card, Company, Contact, Element, EntityType, FilledField, Lead, Note, Task } from '../store/entities.ts'
import type { Store } from '../store/store.ts'
import { createFieldBody } from './field-bodies.ts'
import { dateTime } from './moments.ts'

/** Entities as webhooks show them: older words than those of the API, and nothing of what is linked to a lead. */
export function createBodies(store: Store, settings: SettingsBox) {
  const field = createFieldBody(store, settings)
  return { lead, party, task, note, element }

  function lead(record: Lead, old: object = {}) {
    const { id, name, status_id, price, responsible_user_id, pipeline_id } = record
    return {
      id,
      name,
      status_id,
      price,
      responsible_user_id,
      ...old,
      ...history(record),
      pipeline_id,
      ...tagsOf(record),
      account_id: accountId(),
      ...fieldsOf(record.fields),
      ...times(record),
    }
  }

  function party(type: 'contact' | 'company', record: Contact | Company, old: object = {}) {
    const { id, name, responsible_user_id } = record
    const plural = type === 'contact' ? 'contacts' : 'companies'
    return {
      id,
      name,
      responsible_user_id,
      ...old,
      ...history(record),
      ...(type === 'contact' ? companyOf(id) : {}),
      account_id: accountId(),
      ...fieldsOf(record.fields),
      ...linkedLeads(plural, id),
      ...tagsOf(record),
      ...times(record),
      type,
    }
  }

  function task(record: Task, more: object) {
    const { id, entity_id, entity_type, task_type_id, text, created_by, responsible_user_id } = record
    return {
      id,
      ...(entity_type ? { element_id: entity_id, element_type: elementTypes[entity_type] } : {}),
      task_type: task_type_id,
      date_create: inWords(record.created_at),
      text,
      status: Number(record.is_completed),
      account_id: accountId(),
      created_user_id: created_by,
      last_modified: inWords(record.updated_at),
      responsible_user_id,
      complete_till: inWords(record.complete_till),
      ...more,
      ...(record.result === null ? {} : { result: { id, text: record.result } }),
      ...times(record),
    }
  }

  function note({ id, note_type, entity_type, entity_id, params, created_by, created_at, updated_at }: Note) {
    const author = { id: created_by, author_name: store.users.get(created_by)?.name ?? '', type: 1 }
    const body = {
      id,
      note_type: noteTypes[note_type],
      element_type: elementTypes[entity_type],
      element_id: entity_id,
      text: note_type === 'common' ? params['text'] : JSON.stringify(params),
      created_by,
      account_id: accountId(),
      metadata: JSON.stringify({ event_source: author }),
      date_create: inWords(created_at),
      created_at,
      updated_at,
    }
    if (entity_type === 'leads') return { note: body }
    return { note: body, type: entity_type === 'contacts' ? 'contact' : 'company' }
  }

  function element({ id, catalog_id, name, created_at, updated_at, created_by, fields }: Element) {
    return {
      id,
      catalog_id,
      name,
      deleted: 0,
      date_create: created_at,
      date_modify: updated_at,
      created_by,
      account_id: accountId(),
      ...fieldsOf(fields),
      type: 'catalog',
    }
  }

  function history({ created_by, updated_by, created_at, updated_at }: Card) {
    return {
      last_modified: updated_at,
      modified_user_id: updated_by,
      created_user_id: created_by,
      date_create: created_at,
    }
  }

  function tagsOf({ tags }: Card) {
    const shown = settings.get().webhook_tags ? showTags(store, tags) : []
    return shown.length === 0 ? {} : { tags: shown.map(({ id, name }) => ({ id, name })) }
  }

  function fieldsOf(fields: FilledField[]) {
    const custom_fields = fields.flatMap(field)
    return custom_fields.length === 0 ? {} : { custom_fields }
  }

  function companyOf(contactId: number) {
    const [link] = linksFrom(store, 'contacts', contactId, 'companies')
    const company = link && store.companies.get(link.to_entity_id)
    return company ? { company_name: company.name, linked_company_id: company.id } : {}
  }

  function linkedLeads(type: 'contacts' | 'companies', id: number) {
    const ids = linksTo(store, type, id, 'leads').map(({ entity_id }) => entity_id)
    return ids.length === 0 ? {} : { linked_leads_id: Object.fromEntries(ids.map((each) => [each, { ID: each }])) }
  }

  function accountId() {
    return accountOf(store).id
  }

  function inWords(seconds: number) {
    return dateTime(seconds, accountOf(store).timezone)
  }
}

const times = ({ created_at, updated_at }: { created_at: number; updated_at: number }) => ({ created_at, updated_at })

/** The numbers that kinds of entities and of notes had before they had names. */
const elementTypes: Record<EntityType, number> = { contacts: 1, leads: 2, companies: 3 }

// From 26 on they are not published.
const noteTypes: Record<string, number> = {
  common: 4,
  attachment: 5,
  call_in: 10,
  call_out: 11,
  service_message: 25,
  extended_service_message: 26,
  geolocation: 27,
  message_cashier: 28,
  sms_in: 102,
  sms_out: 103,
}
