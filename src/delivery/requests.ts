import type { Call } from '../amocrm/client.ts'
import { leadsRequest, type NewLead } from '../amocrm/leads.ts'
import { linkRequests } from '../amocrm/links.ts'
import { markerName } from '../amocrm/marker.ts'
import { cardsRequest, companyLinkRequest, type Id } from '../amocrm/new-cards.ts'
import { elementsRequests } from '../amocrm/new-elements.ts'
import { type NewNote, notesRequests } from '../amocrm/notes.ts'
import type { StepName } from '../inbox/steps.ts'
import { noteWithWarnings, splitNote } from '../mapping/note.ts'
import type { MappingWarning, Plan, Translate } from '../mapping/plan.ts'
import type { CardKind } from './attempt.ts'
import { buyerOf, cardFor, cardKinds, cardRules, peopleOf, userOf } from './cards.ts'
import type { Draft } from './repair.ts'
import { quote, type Resolved } from './resolve.ts'

export interface LeadDraft extends Draft {
  name: string
  price: number | null
  pipelineId: number | null
  statusId: number | null
  contactIds: number[]
  companyId: number | null
}

export function draftLead<People extends Pick<NewLead, 'contactIds' | 'companyId'>>(
  { lead }: Plan,
  resolved: Resolved,
  people: People,
) {
  const { responsible, ...draft } = lead
  return { ...draft, responsibleUserId: userOf(responsible, resolved), ...people }
}

/** The lead as it is sent: it carries the order's key, by which it is known again. */
export function markedLead<Lead extends Omit<LeadDraft, 'contactIds' | 'companyId'>>(
  draft: Lead,
  key: string,
  markerField: number | null,
) {
  const marker = markerField === null ? [] : [{ fieldId: markerField, field: markerName, values: [{ value: key }] }]
  return { ...draft, requestId: key, fields: [...draft.fields, ...marker] }
}

/** @param parts texts with their places among the notes of the order */
export function notesOf(leadId: Id, key: string, parts: { text: string; index: number }[]): NewNote[] {
  return parts.map(({ text, index }) => ({ leadId, text, requestId: `${key}:${index}` }))
}

export interface PlannedRequest extends Call {
  step: StepName
}

interface Options {
  /** By which the lead is known again. */
  key: string
  /** Id of the field that marks our leads; null when the account has none. */
  markerField: number | null
  partnerFieldId: number
  translate: Translate
}

/** The very requests that the delivery would send, were all of them to succeed. Ids that only they will bring are in words. */
export function plannedRequests(plan: Plan, resolved: Resolved, options: Options): PlannedRequest[] {
  const { key, markerField, partnerFieldId, translate } = options
  const requests: PlannedRequest[] = []
  const send = (step: StepName, calls: Call[]) => requests.push(...calls.map((call) => ({ step, ...call })))
  const idOf = (step: StepName) => `<${translate('plan.id_of', { step: translate(`step.${step}`) })}>`

  const made: Partial<Record<CardKind, Id>> = {}
  for (const kind of cardKinds.filter((kind) => cardRules[kind].isLacking({ plan, resolved }))) {
    const card = { requestId: key, ...cardFor(kind, { plan, resolved }, partnerFieldId) }
    send(kind, [cardsRequest(cardRules[kind].owner, [card])])
    made[kind] = idOf(kind)
  }
  const people = peopleOf({ resolved, made })
  const buyerId = buyerOf({ resolved, made })
  const { companyId } = people
  const isNew = [buyerId, companyId].some((id) => typeof id === 'string')
  if (isNew && buyerId !== null && companyId !== null) send('company_link', [companyLinkRequest(buyerId, companyId)])
  const { newElements } = resolved
  if (newElements) send('elements', elementsRequests(newElements.catalogId, newElements.products))

  const draft = draftLead(plan, resolved, people)
  send('lead', [leadsRequest([markedLead(draft, key, markerField)])])
  const leadId = idOf('lead')

  const newLinks = (newElements?.products ?? []).map(({ name, quantity }) => ({
    elementId: `${idOf('elements')} ${name}`,
    catalogId: newElements?.catalogId ?? 0,
    quantity,
  }))
  send('products', linkRequests([...resolved.links, ...newLinks].map((link) => ({ leadId, ...link }))))
  const warnings = [...resolved.warnings, ...foreseenWarnings(plan, resolved, idOf('partner'))]
  const texts = splitNote(noteWithWarnings(plan.note, warnings, translate))
  const parts = texts.map((text, index) => ({ text, index }))
  send('note', notesRequests(notesOf(leadId, key, parts)))
  return requests
}

/** What the delivery tells of what it makes. */
function foreseenWarnings({ partnerId }: Plan, { makesPartner, newElements }: Resolved, contact: string) {
  const warnings: MappingWarning[] = []
  if (makesPartner) warnings.push({ code: 'partner_created', params: { partner: partnerId ?? '', contact } })
  if (newElements) warnings.push({ code: 'products_created', params: { names: quote(newElements.products) } })
  return warnings
}
