import type { AmocrmError } from '../amocrm/errors.ts'
import { type RefusedPart, refusedParts } from '../amocrm/refusals.ts'
import type { FieldValue, MappingWarning } from '../mapping/plan.ts'
import { distinct } from './attempt.ts'

/** What a lead, a contact and a company have in common, as it is sent. */
export interface Draft {
  responsibleUserId: number | null
  tags: string[]
  fields: FieldValue[]
  price?: number | null
  pipelineId?: number | null
  statusId?: number | null
  contactIds?: number[]
  companyId?: number | null
}

interface Repaired<Sent> {
  draft: Sent
  warnings: MappingWarning[]
}

/** The draft without what the CRM refuses of it, and a warning of each; null when leaving things out would not do. */
export function withoutRefused<Sent extends Draft>(draft: Sent, error: AmocrmError): Repaired<Sent> | null {
  return withoutParts(draft, refusedParts(error))
}

/**
 * The draft without what it can do without, to be sent where the CRM does not say what it has against it: first without
 * fields, tags and user, then without all but its name. Null when nothing is left to be left out.
 */
export function barer<Sent extends Draft>(draft: Sent): Repaired<Sent> | null {
  const places = (kind: 'field' | 'tag' | 'contact', list: unknown[] = []) => list.map((_, place) => ({ kind, place }))
  const one = (kind: 'user' | 'pipeline' | 'price', value: unknown) => (value == null ? [] : [{ kind }])
  const { fields, tags, contactIds, companyId, responsibleUserId, pipelineId, price } = draft
  const details = [...places('field', fields), ...places('tag', tags), ...one('user', responsibleUserId)]
  if (details.length > 0) return withoutParts(draft, details)
  const company = companyId == null ? [] : [{ kind: 'company' as const, place: 0 }]
  return withoutParts(draft, [
    ...places('contact', contactIds),
    ...company,
    ...one('pipeline', pipelineId),
    ...one('price', price),
  ])
}

function withoutParts<Sent extends Draft>(draft: Sent, parts: RefusedPart[]): Repaired<Sent> | null {
  const warnings = parts.map((part) => warningOf(draft, part))
  if (parts.length === 0 || !warnings.every((warning) => warning !== null)) return null

  const isKept = (kind: RefusedPart['kind']) => (_: unknown, place: number) =>
    !parts.some((part) => part.kind === kind && 'place' in part && part.place === place)
  const isRefused = (kind: RefusedPart['kind']) => parts.some((part) => part.kind === kind)
  const repaired: Sent = {
    ...draft,
    fields: draft.fields.filter(isKept('field')),
    tags: draft.tags.filter(isKept('tag')),
    ...(isRefused('user') ? { responsibleUserId: null } : {}),
    ...(isRefused('pipeline') ? { pipelineId: null, statusId: null } : {}),
    ...(isRefused('status') ? { statusId: null } : {}),
    ...(isRefused('contact') ? { contactIds: draft.contactIds?.filter(isKept('contact')) } : {}),
    ...(isRefused('company') ? { companyId: null } : {}),
    ...(isRefused('price') ? { price: null } : {}),
  }
  return { draft: repaired, warnings: distinct(warnings) }
}

/** Null for what the draft does not have: the CRM speaks of something else. */
function warningOf(draft: Draft, part: RefusedPart): MappingWarning | null {
  const warning = (code: string, name: string, value: unknown) =>
    value === undefined || value === null ? null : { code, params: { [name]: String(value) } }
  switch (part.kind) {
    case 'field': {
      const { field, text } = draft.fields[part.place] ?? {}
      return field === undefined ? null : { code: 'field_refused', params: { field, value: text ?? '' } }
    }
    case 'tag':
      return warning('tag_refused', 'tag', draft.tags[part.place])
    case 'contact':
      return warning('contact_refused', 'contact', draft.contactIds?.[part.place])
    case 'company':
      return warning('company_refused', 'company', draft.companyId)
    case 'pipeline':
      return warning('pipeline_refused', 'pipeline', draft.pipelineId)
    case 'status':
      return warning('status_refused', 'status', draft.statusId)
    case 'price':
      return warning('price_refused', 'price', draft.price)
    case 'user':
      return warning('user_refused', 'user', draft.responsibleUserId)
  }
}
