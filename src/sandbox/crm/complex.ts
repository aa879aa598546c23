import { z } from 'zod'
import { settingsOf } from '../control/settings.ts'
import { type Report, readShape } from '../http/batch.ts'
import type { Store } from '../store/store.ts'
import type { Author } from './cards.ts'
import { accompany, type Companion, type Companions, checkCompanion, checkCount } from './companions.ts'
import { findDuplicates } from './duplicates.ts'
import { checkNewLead, createLead, type LeadDraft } from './leads.ts'
import { mergeInto } from './merge.ts'
import { type Category, metadataShapes, saveUnsorted, unsortedPlace } from './unsorted.ts'

const oneModel = z.array(z.record(z.string(), z.unknown())).max(1).nullish()

/** What a lead can bring with it; the rest of the lead is as everywhere. */
const complexShape = z.looseObject({
  _embedded: z
    .strictObject({
      tags: z.unknown().optional(),
      source: z.unknown().optional(),
      contacts: oneModel,
      companies: oneModel,
      metadata: z.looseObject({ category: z.enum(['forms', 'sip']) }).nullish(),
    })
    .nullish(),
})

export interface ComplexDraft extends Companions {
  lead: LeadDraft
  metadata: { category: Category; [key: string]: unknown } | null
}

export interface ComplexResult {
  id: number
  contact_id: number | null
  company_id: number | null
  merged: boolean
}

export function checkComplex(store: Store, item: unknown, report: Report): ComplexDraft | undefined {
  const sent = readShape(complexShape, item, report)
  if (!sent) return undefined
  const { contacts, companies, metadata = null, ...embedded } = sent._embedded ?? {}
  const lead = checkNewLead(store, { ...sent, _embedded: embedded }, report)
  const contact = checkCompanion(store, 'contacts', contacts?.[0], report)
  const company = checkCompanion(store, 'companies', companies?.[0], report)
  if (metadata) {
    const { category, ...told } = metadata
    readShape<unknown>(metadataShapes[category].partial(), told, report, ['_embedded', 'metadata'])
  }
  if (!lead) return undefined
  checkCount(lead, report)
  return { lead, contact, company, metadata }
}

/**
 * Makes the lead with its contact and company, or merges all of it into a lead that was there before `firstNewId`;
 * where that is `null`, there is no control of duplicates.
 */
export function createComplex(store: Store, draft: ComplexDraft, firstNewId: number | null, by: Author): ComplexResult {
  if (draft.metadata) return createUnsortedLead(store, draft, draft.metadata, by)
  const rule = settingsOf(store).duplicate_control[String(draft.lead.place.pipeline_id)]
  const duplicates = rule && firstNewId !== null ? findDuplicates(store, rule, draft, firstNewId) : []
  if (rule && duplicates.length > 0) return mergeInto(store, duplicates, draft, rule, by)
  const lead = createLead(store, draft.lead, by)
  return { id: lead.id, ...accompany(store, lead.id, draft, by), merged: false }
}

function createUnsortedLead(
  store: Store,
  { lead: sent, contact, company }: ComplexDraft,
  { category, ...metadata }: NonNullable<ComplexDraft['metadata']>,
  by: Author,
): ComplexResult {
  const place = unsortedPlace(store, sent.place.pipeline_id, () => {}) ?? sent.place
  const lead = createLead(store, { ...sent, place, is_unsorted: true }, by)
  const made = accompany(store, lead.id, { contact: hidden(contact), company: hidden(company) }, by)
  saveUnsorted(store, by, {
    category,
    print: '',
    source_uid: '',
    source_name: String(metadata['form_name'] ?? ''),
    created_at: by.clock.seconds(),
    metadata,
    lead,
    // Those that were there before are none of its business.
    contact_id: contact && 'draft' in contact ? made.contact_id : null,
    company_id: company && 'draft' in company ? made.company_id : null,
  })
  return { id: lead.id, ...made, merged: false }
}

function hidden(companion: Companion): Companion {
  return companion && 'draft' in companion ? { draft: { ...companion.draft, is_unsorted: true } } : companion
}
