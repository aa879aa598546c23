import { z } from 'zod'
import { type Report, readShape, within } from '../http/batch.ts'
import { live } from '../store/live.ts'
import type { Store } from '../store/store.ts'
import type { Author } from './cards.ts'
import { checkNewParty, createParty, type PartyDraft, type PartyType } from './contacts.ts'
import type { LeadDraft } from './leads.ts'
import { linkToCompany, linkToContact } from './links.ts'

/** A contact or a company of a lead: one that is there, or one that is to be made. */
export type Companion = { id: number } | { draft: PartyDraft } | undefined

export interface Companions {
  contact: Companion
  company: Companion
}

const knownShape = z.strictObject({ id: z.int(), is_main: z.boolean().optional() })
const mostValues = 40

export function checkCompanion(store: Store, type: PartyType, item: object | undefined, report: Report): Companion {
  if (item === undefined) return undefined
  const reportHere = within(`_embedded.${type}.0`, report)
  if ('id' in item) {
    const known = readShape(knownShape, item, reportHere)
    if (known && !live(store, type, known.id)) reportHere('NotSupportedChoice', 'id')
    return known && { id: known.id }
  }
  const draft = checkNewParty(store, type, item, reportHere)
  if (draft) checkCount(draft, reportHere)
  return draft && { draft }
}

/** One record of a `/leads/complex` cannot have more values than this. */
export function checkCount({ sent }: PartyDraft | LeadDraft, report: Report) {
  if ((sent.custom_fields_values?.length ?? 0) > mostValues) report('TooMany', 'custom_fields_values')
}

/** Links a lead to its contact and company, made where they are new, and these to each other. */
export function accompany(store: Store, leadId: number, { contact, company }: Companions, by: Author) {
  const contact_id = companionId(store, 'contacts', contact, by)
  const company_id = companionId(store, 'companies', company, by)
  if (contact_id !== null) linkToContact(store, leadId, contact_id, true)
  if (company_id !== null) linkToCompany(store, 'leads', leadId, company_id)
  if (contact_id !== null && company_id !== null) linkToCompany(store, 'contacts', contact_id, company_id)
  return { contact_id, company_id }
}

function companionId(store: Store, type: PartyType, companion: Companion, by: Author): number | null {
  if (!companion) return null
  return 'id' in companion ? companion.id : createParty(store, type, companion.draft, by).id
}
