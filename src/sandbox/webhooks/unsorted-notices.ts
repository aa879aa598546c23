import { accountOf } from '../present/present.ts'
import type { Unsorted } from '../store/entities.ts'
import type { Store } from '../store/store.ts'
import type { Notice } from './notices.ts'

/** To accept or decline an unsorted entity is to delete it. */
export function unsortedNotices(store: Store, before: Unsorted | null, after: Unsorted | null): Notice[] {
  if (!after) return []
  const settled = after.outcome !== null && before?.outcome !== after.outcome
  const action = settled ? 'delete' : before === null ? 'add' : 'update'
  const item = settled ? settledItem(after) : newItem(store, after)
  return [{ codes: [`${action}_unsorted`], entity: 'unsorted', action, item }]
}

function settledItem({ id, category, created_at, lead_id, contact_id, outcome }: Unsorted) {
  const common = { uid: id, category, created_at }
  if (outcome === 'declined') return { action: 'decline', ...common, decline_result: { leads: [lead_id] } }
  const contacts = contact_id === null ? {} : { contacts: [contact_id] }
  return { action: 'accept', ...common, accept_result: { leads: [lead_id], ...contacts } }
}

function newItem(store: Store, unsorted: Unsorted) {
  const { id, category, source_name, pipeline_id, created_at, lead_id, contact_id } = unsorted
  const lead = store.leads.get(lead_id)
  const contact = contact_id === null ? undefined : store.contacts.get(contact_id)
  return {
    uid: id,
    category,
    account_id: accountOf(store).id,
    source: source_name,
    pipeline_id,
    source_data: sourceData(unsorted),
    data: {
      ...(lead ? { leads: [{ id: lead.id, name: lead.name, status_id: lead.status_id, pipeline_id }] } : {}),
      ...(contact ? { contacts: [{ id: contact.id, name: contact.name }] } : {}),
    },
    created_at,
  }
}

function sourceData({ category, metadata, source_name }: Unsorted) {
  if (category !== 'forms') return metadata
  const { ip, referer, form_sent_at, ...form } = metadata
  return { ...form, date: form_sent_at, from: source_name, origin: { ip, referer, datetime: form_sent_at } }
}
