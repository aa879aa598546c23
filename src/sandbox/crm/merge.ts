import type { DuplicateRule } from '../control/crm-settings.ts'
import type { Lead } from '../store/entities.ts'
import type { Store } from '../store/store.ts'
import type { Author } from './cards.ts'
import { accompany, type Companion } from './companions.ts'
import type { ComplexDraft, ComplexResult } from './complex.ts'
import { changeParty, type PartyType } from './contacts.ts'
import { changeLead } from './leads.ts'
import { contactLinks, linksFrom } from './links.ts'

/** Brings what was sent into leads that are there, unless they are to stay as they are; the first is the answer. */
export function mergeInto(
  store: Store,
  leads: Lead[],
  draft: ComplexDraft,
  rule: DuplicateRule,
  by: Author,
): ComplexResult {
  if (rule.found === 'update') for (const lead of leads) update(store, lead, draft, by)
  const id = leads[0]?.id ?? 0
  return { id, contact_id: contactOf(store, id), company_id: companyOf(store, id), merged: true }
}

/** The lead stays in its stage and keeps its tags. */
function update(store: Store, before: Lead, { lead, contact, company }: ComplexDraft, by: Author) {
  const { _embedded: embedded, tags_to_add = [], ...sent } = lead.sent
  const tags = [...tags_to_add, ...(embedded?.tags ?? [])]
  const { pipeline_id, status_id } = before
  changeLead(store, before, { ...lead, sent: { ...sent, tags_to_add: tags }, place: { pipeline_id, status_id } }, by)
  const left = {
    contact: updated(store, 'contacts', contactOf(store, before.id), contact, by),
    company: updated(store, 'companies', companyOf(store, before.id), company, by),
  }
  accompany(store, before.id, left, by)
}

/** Changes the companion that the lead has; what is given back is still to be linked. */
function updated(store: Store, type: PartyType, id: number | null, companion: Companion, by: Author): Companion {
  if (id === null || !companion || 'id' in companion) return companion
  changeParty(store, type, id, companion.draft, by)
  return { id }
}

const contactOf = (store: Store, leadId: number) => contactLinks(store, leadId)[0]?.to_entity_id ?? null
const companyOf = (store: Store, leadId: number) =>
  linksFrom(store, 'leads', leadId, 'companies')[0]?.to_entity_id ?? null
