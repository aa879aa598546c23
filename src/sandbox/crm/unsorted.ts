import { createHash, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { settingsOf } from '../control/settings.ts'
import { type Report, readShape, requestIdShape, within } from '../http/batch.ts'
import type { Lead, Unsorted } from '../store/entities.ts'
import type { Store } from '../store/store.ts'
import type { Author } from './cards.ts'
import { checkNewParty, createParty, type PartyDraft, type PartyType } from './contacts.ts'
import { checkNewLead, checkPlace, createLead, type LeadDraft } from './leads.ts'
import { linkToCompany, linkToContact } from './links.ts'
import { setDeleted, touch } from './trash.ts'

export type Category = Unsorted['category']

/** What a form or a call tells about itself; for a lead of `/leads/complex` all of it may be left out. */
export const metadataShapes = {
  forms: z.strictObject({
    form_id: z.string(),
    form_name: z.string(),
    form_page: z.string(),
    form_sent_at: z.int(),
    ip: z.string(),
    referer: z.string(),
  }),
  sip: z.strictObject({
    from: z.string(),
    phone: z.union([z.string(), z.int()]),
    called_at: z.int(),
    duration: z.int(),
    link: z.string(),
    service_code: z.string(),
    is_call_event_needed: z.boolean().optional(),
    uniq: z.string().optional(),
  }),
}

const models = z.array(z.record(z.string(), z.unknown())).max(1).optional()

const newUnsortedShape = z.strictObject({
  source_uid: z.string().min(1),
  source_name: z.string().min(1),
  pipeline_id: z.int().optional(),
  created_at: z.int().optional(),
  request_id: requestIdShape,
  metadata: z.record(z.string(), z.unknown()),
  _embedded: z.strictObject({ leads: models, contacts: models, companies: models }).optional(),
})

interface UnsortedDraft {
  sent: z.infer<typeof newUnsortedShape>
  print: string
  lead: LeadDraft
  contact: PartyDraft | undefined
  company: PartyDraft | undefined
}

export function checkNewUnsorted(
  store: Store,
  category: Category,
  item: unknown,
  report: Report,
): UnsortedDraft | undefined {
  const sent = readShape(newUnsortedShape, item, report)
  if (!sent) return undefined
  readShape<unknown>(metadataShapes[category], sent.metadata, report, ['metadata'])
  const place = unsortedPlace(store, sent.pipeline_id, report)
  const { leads = [], contacts = [], companies = [] } = sent._embedded ?? {}
  const lead = checkNewLead(store, leads[0] ?? {}, within('_embedded.leads.0', report))
  const contact = checkParty(store, 'contacts', contacts, report)
  const company = checkParty(store, 'companies', companies, report)
  if (!lead || !place) return undefined
  const { request_id: _, ...told } = sent
  const print = createHash('sha256')
    .update(JSON.stringify([category, told]))
    .digest('hex')
  if (isRepeated(store, print)) report('NotSupportedChoice', 'metadata', 'This unsorted entity has been added already.')
  return { sent, print, lead: { ...lead, place }, contact, company }
}

export function createUnsorted(store: Store, category: Category, draft: UnsortedDraft, by: Author): Unsorted {
  const { sent, print } = draft
  const lead = createLead(store, { ...draft.lead, is_unsorted: true }, by)
  const contact = draft.contact && createParty(store, 'contacts', { ...draft.contact, is_unsorted: true }, by)
  const company = draft.company && createParty(store, 'companies', { ...draft.company, is_unsorted: true }, by)
  if (contact) linkToContact(store, lead.id, contact.id, true)
  if (company) linkToCompany(store, 'leads', lead.id, company.id)
  if (contact && company) linkToCompany(store, 'contacts', contact.id, company.id)
  return saveUnsorted(store, by, {
    category,
    print,
    source_uid: sent.source_uid,
    source_name: sent.source_name,
    created_at: sent.created_at ?? by.clock.seconds(),
    metadata: sent.metadata,
    lead,
    contact_id: contact?.id ?? null,
    company_id: company?.id ?? null,
  })
}

interface NewUnsorted
  extends Pick<
    Unsorted,
    'category' | 'print' | 'source_uid' | 'source_name' | 'created_at' | 'metadata' | 'contact_id' | 'company_id'
  > {
  lead: Lead
}

export function saveUnsorted(store: Store, by: Author, { lead, ...told }: NewUnsorted): Unsorted {
  const { id: lead_id, pipeline_id } = lead
  const id = randomBytes(29).toString('hex')
  return store.unsorted.put({ id, pipeline_id, lead_id, ...told, updated_at: by.clock.seconds(), outcome: null })
}

/** The stage for what nobody has looked at yet. */
export function unsortedPlace(store: Store, pipelineId: number | undefined, report: Report) {
  const place = checkPlace(store, { pipeline_id: pipelineId }, report)
  const stage = place && store.pipelines.get(place.pipeline_id)?.statuses.find(({ type }) => type === 1)
  return stage && { pipeline_id: place.pipeline_id, status_id: stage.id }
}

/** Makes the lead an ordinary one, in the given stage, and its contact and company visible. */
export function accept(store: Store, unsorted: Unsorted, userId: number, statusId: number, by: Author): Unsorted {
  const taken = { responsible_user_id: userId, is_unsorted: false }
  touch(store, 'leads', unsorted.lead_id, { ...taken, status_id: statusId }, by)
  touch(store, 'contacts', unsorted.contact_id ?? 0, taken, by)
  touch(store, 'companies', unsorted.company_id ?? 0, taken, by)
  return settle(store, unsorted, 'accepted', by)
}

/** What came with a declined one goes to the trash. */
export function decline(store: Store, unsorted: Unsorted, by: Author): Unsorted {
  setDeleted(store, 'leads', unsorted.lead_id, true, by)
  setDeleted(store, 'contacts', unsorted.contact_id ?? 0, true, by)
  setDeleted(store, 'companies', unsorted.company_id ?? 0, true, by)
  return settle(store, unsorted, 'declined', by)
}

function settle(store: Store, unsorted: Unsorted, outcome: 'accepted' | 'declined', by: Author): Unsorted {
  return store.unsorted.put({ ...unsorted, outcome, updated_at: by.clock.seconds() })
}

function checkParty(store: Store, type: PartyType, models: unknown[], report: Report): PartyDraft | undefined {
  if (models.length === 0) return undefined
  return checkNewParty(store, type, models[0], within(`_embedded.${type}.0`, report))
}

// What amoCRM takes for the same is not told; here it is everything that was sent, while nobody has looked at it.
function isRepeated(store: Store, print: string) {
  if (settingsOf(store).unsorted_again === 'accept') return false
  return store.unsorted.all().some((each) => each.outcome === null && each.print === print)
}
