import { settingsOf } from '../control/settings.ts'
import { contactLinks, linksFrom, linksTo, showMetadata } from '../crm/links.ts'
import { showTags } from '../crm/tags.ts'
import { closestTask } from '../crm/tasks.ts'
import { showFieldValues } from '../fields/field-values.ts'
import { self } from '../http/hal.ts'
import type { Card, Company, Contact, EntityType, Lead } from '../store/entities.ts'
import type { LossReason } from '../store/setup-entities.ts'
import type { Store } from '../store/store.ts'

/** Leads, contacts and companies as the API shows them; `asked` is what the client wants `with` them. */
export function createCardPresenter(store: Store, api: string, account_id: number) {
  return { lead, deletedLead, contact, company, lossReason, reference }

  function lead(record: Lead, asked: Set<string> = new Set()) {
    const { name, price, status_id, pipeline_id, loss_reason_id, closed_at } = record
    return {
      ...heading(record, name),
      price: Math.round(price),
      ...(settingsOf(store).price_with_minor_units ? { price_with_minor_units: price } : {}),
      status_id,
      pipeline_id,
      loss_reason_id,
      source_id: null,
      ...card('leads', record),
      closed_at,
      score: null,
      labor_cost: null,
      ...(asked.has('is_price_modified_by_robot') ? { is_price_modified_by_robot: false } : {}),
      ...self(`${api}/leads/${record.id}`),
      _embedded: {
        tags: showTags(store, record.tags),
        companies: companiesOf('leads', record.id),
        ...(asked.has('contacts') ? { contacts: contactsOf(record.id) } : {}),
        ...(asked.has('catalog_elements') ? { catalog_elements: elementsOf('leads', record.id) } : {}),
        ...(asked.has('loss_reason') ? { loss_reason: reasonOf(record) } : {}),
        ...(asked.has('source') ? { source: null } : {}),
      },
    }
  }

  /** Of a lead in the trash only this much is told. */
  function deletedLead({ id, updated_by, updated_at }: Lead) {
    return { id, updated_by, updated_at, is_deleted: true, ...self(`${api}/leads/${id}`) }
  }

  function contact(record: Contact, asked: Set<string> = new Set()) {
    const { name, first_name, last_name } = record
    return {
      ...heading(record, name),
      first_name,
      last_name,
      ...card('contacts', record),
      is_unsorted: record.is_unsorted === true,
      ...self(`${api}/contacts/${record.id}`),
      _embedded: {
        tags: showTags(store, record.tags),
        companies: companiesOf('contacts', record.id),
        ...(asked.has('leads') ? { leads: leadsOf('contacts', record.id) } : {}),
        ...(asked.has('customers') ? { customers: [] } : {}),
        ...(asked.has('catalog_elements') ? { catalog_elements: elementsOf('contacts', record.id) } : {}),
      },
    }
  }

  function company(record: Company, asked: Set<string> = new Set()) {
    return {
      ...heading(record, record.name),
      ...card('companies', record),
      ...self(`${api}/companies/${record.id}`),
      _embedded: {
        tags: showTags(store, record.tags),
        ...(asked.has('leads') ? { leads: leadsOf('companies', record.id) } : {}),
        ...(asked.has('contacts') ? { contacts: staffOf(record.id) } : {}),
        ...(asked.has('customers') ? { customers: [] } : {}),
        ...(asked.has('catalog_elements') ? { catalog_elements: elementsOf('companies', record.id) } : {}),
      },
    }
  }

  function heading(record: Card, name: string) {
    return { id: record.id, name, responsible_user_id: record.responsible_user_id, group_id: 0 }
  }

  function card(type: EntityType, record: Card) {
    const { created_by, updated_by, created_at, updated_at } = record
    return {
      created_by,
      updated_by,
      created_at,
      updated_at,
      closest_task_at: closestTask(store, type, record.id),
      is_deleted: record.is_deleted === true,
      custom_fields_values: showFieldValues(store, record.fields),
      account_id,
    }
  }

  function contactsOf(leadId: number) {
    return contactLinks(store, leadId).map(({ to_entity_id, main_contact }) => ({
      id: to_entity_id,
      is_main: main_contact === true,
      ...self(`${api}/contacts/${to_entity_id}`),
    }))
  }

  function companiesOf(type: EntityType, id: number) {
    return linksFrom(store, type, id, 'companies').map((link) => reference('companies', link.to_entity_id))
  }

  function staffOf(companyId: number) {
    return linksTo(store, 'companies', companyId, 'contacts').map((link) => reference('contacts', link.entity_id))
  }

  function reasonOf({ loss_reason_id }: Lead) {
    const reason = loss_reason_id === null ? undefined : store.loss_reasons.get(loss_reason_id)
    return reason ? [lossReason(reason)] : []
  }

  function lossReason(record: LossReason) {
    return { ...record, ...self(`${api}/leads/loss_reasons/${record.id}`) }
  }

  function leadsOf(type: 'contacts' | 'companies', id: number) {
    return linksTo(store, type, id, 'leads').map((link) => reference('leads', link.entity_id))
  }

  function elementsOf(type: EntityType, id: number) {
    return linksFrom(store, type, id, 'catalog_elements').map((link) => ({
      id: link.to_entity_id,
      metadata: showMetadata(link),
    }))
  }

  function reference(type: EntityType, id: number) {
    return { id, ...self(`${api}/${type}/${id}`) }
  }
}
