import type { Call } from '../amocrm/client.ts'
import { leadsRequest, type NewLead } from '../amocrm/leads.ts'
import { linkRequests } from '../amocrm/links.ts'
import { markerName } from '../amocrm/marker.ts'
import { companyLinkRequest, companyRequest, contactRequest, type Id } from '../amocrm/new-cards.ts'
import { elementsRequests } from '../amocrm/new-elements.ts'
import { type NewNote, notesRequests } from '../amocrm/notes.ts'
import type { StepName } from '../inbox/steps.ts'
import { noteWithWarnings, splitNote } from '../mapping/note.ts'
import type { MappingWarning, Plan, Translate } from '../mapping/plan.ts'
import { cardOf, partnerCard, userOf } from './make-cards.ts'
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

/** The lead as it is sent: it carries the message's id, by which it is known again. */
export function markedLead<Lead extends Omit<LeadDraft, 'contactIds' | 'companyId'>>(
  draft: Lead,
  messageId: string,
  markerField: number | null,
) {
  const marker =
    markerField === null ? [] : [{ fieldId: markerField, field: markerName, values: [{ value: messageId }] }]
  return { ...draft, requestId: messageId, fields: [...draft.fields, ...marker] }
}

export function notesOf(leadId: Id, messageId: string, texts: string[]): NewNote[] {
  return texts.map((text, index) => ({ leadId, text, requestId: `${messageId}:${index}` }))
}

export interface PlannedRequest extends Call {
  step: StepName
}

interface Options {
  messageId: string
  /** Id of the field that marks our leads; null when the account has none. */
  markerField: number | null
  partnerFieldId: number
  translate: Translate
}

/** The very requests that the delivery would send, were all of them to succeed. Ids that only they will bring are in words. */
export function plannedRequests(plan: Plan, resolved: Resolved, options: Options): PlannedRequest[] {
  const { messageId, markerField, partnerFieldId, translate } = options
  const requests: PlannedRequest[] = []
  const send = (step: StepName, calls: Call[]) => requests.push(...calls.map((call) => ({ step, ...call })))
  const idOf = (step: StepName) => `<${translate('plan.id_of', { step: translate(`step.${step}`) })}>`

  const contactIds: Id[] = resolved.contacts.map(({ id }) => id)
  if (resolved.makesPartner) {
    send('partner', [contactRequest(partnerCard(plan, partnerFieldId))])
    contactIds.push(idOf('partner'))
  }
  const buyerId = resolved.buyer?.id ?? (plan.contact ? idOf('contact') : null)
  if (plan.contact && !resolved.buyer) send('contact', [contactRequest(cardOf(plan.contact, resolved))])
  if (buyerId !== null) contactIds.push(buyerId)
  const companyId = resolved.companyId ?? (plan.company ? idOf('company') : null)
  if (plan.company && resolved.companyId === null) send('company', [companyRequest(cardOf(plan.company, resolved))])
  const isNew = [buyerId, companyId].some((id) => typeof id === 'string')
  if (isNew && buyerId !== null && companyId !== null) send('company_link', [companyLinkRequest(buyerId, companyId)])

  const draft = draftLead(plan, resolved, { contactIds: [...new Set(contactIds)], companyId })
  send('lead', [leadsRequest([markedLead(draft, messageId, markerField)])])
  const leadId = idOf('lead')

  const { newElements } = resolved
  if (newElements) send('elements', elementsRequests(newElements.catalogId, newElements.products))
  const made = (newElements?.products ?? []).map(({ name, quantity }) => ({
    elementId: `${idOf('elements')} ${name}`,
    catalogId: newElements?.catalogId ?? 0,
    quantity,
  }))
  send('products', linkRequests([...resolved.links, ...made].map((link) => ({ leadId, ...link }))))
  const warnings = [...resolved.warnings, ...foreseenWarnings(plan, resolved, idOf('partner'))]
  const texts = splitNote(noteWithWarnings(plan.note, warnings, translate))
  send('note', notesRequests(notesOf(leadId, messageId, texts)))
  return requests
}

/** What the delivery tells of what it makes. */
function foreseenWarnings({ partnerId }: Plan, { makesPartner, newElements }: Resolved, contact: string) {
  const warnings: MappingWarning[] = []
  if (makesPartner) warnings.push({ code: 'partner_created', params: { partner: partnerId ?? '', contact } })
  if (newElements) warnings.push({ code: 'products_created', params: { names: quote(newElements.products) } })
  return warnings
}
