import { z } from 'zod'
import { settingsOf } from '../control/settings.ts'
import { mergeFields } from '../fields/field-values.ts'
import { type Report, readShape } from '../http/batch.ts'
import { type FilledField, isClosed, type Lead, type Pipeline } from '../store/entities.ts'
import { live } from '../store/live.ts'
import type { Store } from '../store/store.ts'
import { type Author, cardShape, changedCard, checkCard, newCard } from './cards.ts'
import { linkToCompany, linkToContact } from './links.ts'
import { tagsShape } from './tags.ts'

const leadFields = {
  ...cardShape,
  price: z.number().nullish(),
  status_id: z.int().optional(),
  pipeline_id: z.int().optional(),
  loss_reason_id: z.int().nullish(),
  closed_at: z.int().nullish(),
  visitor_uid: z.string().nullish(),
}

const companies = z.array(z.strictObject({ id: z.int() }))

// Products are not among them: they can only be linked afterwards.
const embedded = z.strictObject({
  tags: tagsShape.nullish(),
  contacts: z.array(z.strictObject({ id: z.int(), is_main: z.boolean().optional() })).nullish(),
  companies: companies.nullish(),
  source: z.record(z.string(), z.unknown()).nullish(),
})

const newEmbedded = embedded.extend({ companies: companies.max(1).nullish() })

const newLeadShape = z.strictObject({ ...leadFields, _embedded: newEmbedded.nullish() })
const changedLeadShape = z.strictObject({
  ...leadFields,
  id: z.int().optional(),
  tags_to_delete: tagsShape.optional(),
  _embedded: embedded.nullish(),
})

type NewLead = z.infer<typeof newLeadShape>
type ChangedLead = z.infer<typeof changedLeadShape>

export interface LeadDraft<Sent = NewLead> {
  sent: Sent
  fields: FilledField[]
  is_unsorted?: boolean
  place: { pipeline_id: number; status_id: number }
}

export function checkNewLead(store: Store, item: unknown, report: Report): LeadDraft | undefined {
  const sent = readShape(newLeadShape, item, report)
  if (!sent) return undefined
  const fields = checkLeadCard(store, sent, report)
  checkEmbedded(store, sent, report)
  const place = checkPlace(store, sent, report)
  if (place) checkRequired(store, place, fields, report)
  return place && { sent, fields, place }
}

export function checkChangedLead(store: Store, id: number | undefined, item: unknown, report: Report) {
  const sent = readShape(changedLeadShape, item, report)
  if (!sent) return undefined
  const known = id ?? sent.id
  if (known === undefined) return void report('FieldMissing', 'id')
  const before = live(store, 'leads', known)
  if (!before) return void report('NotSupportedChoice', 'id')
  const fields = checkLeadCard(store, sent, report)
  const place = checkPlace(store, { pipeline_id: before.pipeline_id, ...withoutUndefined(sent, before) }, report)
  if (place) checkRequired(store, place, mergeFields(before.fields, fields), report)
  return place && { before, draft: { sent, fields, place } }
}

/** Makes the lead with its tags and its links to contacts and companies. There is no search for duplicates, ever. */
export function createLead(
  store: Store,
  { sent, fields, place, is_unsorted = false }: LeadDraft,
  by: Author,
  id = store.leads.nextId(),
): Lead {
  const card = newCard(store, 'leads', id, sent, fields, by)
  const lead = store.leads.put({
    ...card,
    name: sent.name || settingsOf(store).unnamed_lead.replaceAll('{id}', String(id)),
    price: rounded(store, sent.price ?? 0),
    ...place,
    loss_reason_id: sent.loss_reason_id ?? null,
    is_unsorted,
    closed_at: isClosed(place.status_id) ? (sent.closed_at ?? by.clock.seconds()) : null,
  })
  for (const contact of sent._embedded?.contacts ?? []) linkToContact(store, id, contact.id, contact.is_main === true)
  for (const company of sent._embedded?.companies ?? []) linkToCompany(store, 'leads', id, company.id)
  return lead
}

/** Contacts and companies sent with a change are left alone: those links are changed by link and unlink. */
export function changeLead(
  store: Store,
  before: Lead,
  { sent, fields, place }: LeadDraft<ChangedLead>,
  by: Author,
): Lead {
  const closed = isClosed(place.status_id)
  return store.leads.put({
    ...changedCard(store, 'leads', before, sent, fields, by),
    price: rounded(store, sent.price ?? before.price),
    ...place,
    loss_reason_id: sent.loss_reason_id === undefined ? before.loss_reason_id : sent.loss_reason_id,
    closed_at: closed ? (sent.closed_at ?? before.closed_at ?? by.clock.seconds()) : null,
  })
}

function rounded(store: Store, price: number) {
  return settingsOf(store).price_with_minor_units ? Math.round(price * 100) / 100 : Math.round(price)
}

function checkLeadCard(store: Store, sent: NewLead, report: Report) {
  const { loss_reason_id: reason = null } = sent
  if (reason !== null && !store.loss_reasons.get(reason)) report('NotSupportedChoice', 'loss_reason_id')
  return checkCard(store, 'leads', sent, report)
}

function checkEmbedded(store: Store, sent: NewLead, report: Report) {
  for (const [index, contact] of (sent._embedded?.contacts ?? []).entries()) {
    if (!live(store, 'contacts', contact.id)) report('NotSupportedChoice', `_embedded.contacts.${index}.id`)
  }
  for (const [index, company] of (sent._embedded?.companies ?? []).entries()) {
    if (!live(store, 'companies', company.id)) report('NotSupportedChoice', `_embedded.companies.${index}.id`)
  }
}

/** People cannot leave such a field empty; it is not known that the API can. */
function checkRequired(store: Store, place: LeadDraft['place'], filled: FilledField[], report: Report) {
  if (settingsOf(store).required_statuses === 'ignored') return
  const full = new Set(filled.filter(({ values }) => values.length > 0).map(({ field_id }) => field_id))
  for (const { id, name, more } of store.fields.under('leads')) {
    const isRequired = more?.required_statuses?.some(
      ({ pipeline_id, status_id }) => pipeline_id === place.pipeline_id && status_id === place.status_id,
    )
    if (isRequired && !full.has(id)) report('FieldMissing', 'custom_fields_values', `The field "${name}" is required.`)
  }
}

// The statuses of closed leads are in every pipeline, so a stage is known by both ids only.
export function checkPlace(
  store: Store,
  sent: { pipeline_id?: number | undefined; status_id?: number | undefined },
  report: Report,
) {
  const pipeline = sent.pipeline_id === undefined ? mainPipeline(store) : store.pipelines.get(sent.pipeline_id)
  if (!pipeline) return void report('NotSupportedChoice', 'pipeline_id')
  const status =
    sent.status_id === undefined
      ? pipeline.statuses.find((each) => each.type !== 1)
      : pipeline.statuses.find((each) => each.id === sent.status_id)
  if (!status) return void report('NotSupportedChoice', 'status_id')
  return { pipeline_id: pipeline.id, status_id: status.id }
}

/** Where only one of the two is sent, the lead keeps the other, except that another pipeline starts from its first stage. */
function withoutUndefined(sent: ChangedLead, before: Lead) {
  if (sent.pipeline_id === undefined) return { status_id: sent.status_id ?? before.status_id }
  const stays = sent.pipeline_id === before.pipeline_id
  return { pipeline_id: sent.pipeline_id, status_id: sent.status_id ?? (stays ? before.status_id : undefined) }
}

function mainPipeline(store: Store): Pipeline | undefined {
  const pipelines = store.pipelines.all()
  return pipelines.find((each) => each.is_main) ?? pipelines[0]
}
