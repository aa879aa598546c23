import { z } from 'zod'
import { checkFieldValues, fieldValuesShape, mergeFields, type SentFieldValues } from '../fields/field-values.ts'
import { fieldsOf } from '../fields/fields.ts'
import { type Report, readShape, requestIdShape } from '../http/batch.ts'
import type { Element, FilledField } from '../store/entities.ts'
import { live } from '../store/live.ts'
import type { Store } from '../store/store.ts'
import type { Author } from './cards.ts'
import { checkAuthor } from './users.ts'

const settable = {
  custom_fields_values: fieldValuesShape,
  created_by: z.int().optional(),
  updated_by: z.int().optional(),
  created_at: z.int().optional(),
  updated_at: z.int().optional(),
  request_id: requestIdShape,
}

const newElementShape = z.strictObject({ name: z.string().min(1), ...settable })
const changedElementShape = z.strictObject({
  id: z.int().optional(),
  name: z.string().min(1).optional(),
  ...settable,
})

type NewElement = z.infer<typeof newElementShape>
type ChangedElement = z.infer<typeof changedElementShape>

interface ElementDraft<Sent> {
  sent: Sent
  fields: FilledField[]
}

export function checkNewElement(
  store: Store,
  catalogId: number,
  item: unknown,
  report: Report,
): ElementDraft<NewElement> | undefined {
  const sent = readShape(newElementShape, item, report)
  return sent && { sent, fields: checkSent(store, catalogId, sent, report) }
}

export function checkChangedElement(
  store: Store,
  catalogId: number,
  id: number | undefined,
  item: unknown,
  report: Report,
) {
  const sent = readShape(changedElementShape, item, report)
  if (!sent) return undefined
  const known = id ?? sent.id
  const before = known === undefined ? undefined : live(store, 'elements', known)
  if (before?.catalog_id !== catalogId)
    return void report(known === undefined ? 'FieldMissing' : 'NotSupportedChoice', 'id')
  return { before, draft: { sent, fields: checkSent(store, catalogId, sent, report) } }
}

/** The values alone: a seed is not asked for what is required. */
export function checkElementFields(store: Store, catalogId: number, sent: SentFieldValues, report: Report) {
  return checkFieldValues(store, fieldsOf(store, inCatalog(catalogId)), sent, report)
}

function checkSent(store: Store, catalogId: number, sent: ChangedElement, report: Report): FilledField[] {
  for (const key of ['created_by', 'updated_by'] as const) checkAuthor(store, sent[key], key, report)
  const filled = checkElementFields(store, catalogId, sent.custom_fields_values, report)
  const given = new Set(filled.filter(({ values }) => values.length > 0).map(({ field_id }) => field_id))
  for (const { id, name, more } of fieldsOf(store, inCatalog(catalogId))) {
    const detail = `The field "${name}" is required.`
    if (more?.is_required && !given.has(id)) report('FieldMissing', 'custom_fields_values', detail)
  }
  return filled
}

const inCatalog = (catalog_id: number) => ({ entity_type: 'catalogs' as const, catalog_id })

export function createElement(
  store: Store,
  catalogId: number,
  { sent, fields }: ElementDraft<NewElement>,
  by: Author,
  id = store.elements.nextId(),
): Element {
  const created_at = sent.created_at ?? by.clock.seconds()
  return store.elements.put({
    id,
    catalog_id: catalogId,
    name: sent.name,
    created_by: sent.created_by ?? by.userId,
    updated_by: sent.updated_by ?? sent.created_by ?? by.userId,
    created_at,
    updated_at: sent.updated_at ?? created_at,
    fields: mergeFields([], fields),
    touched_ms: by.clock.ms(),
    is_deleted: false,
  })
}

export function changeElement(
  store: Store,
  before: Element,
  { sent, fields }: ElementDraft<ChangedElement>,
  by: Author,
): Element {
  return store.elements.put({
    ...before,
    name: sent.name ?? before.name,
    updated_by: sent.updated_by ?? by.userId,
    updated_at: sent.updated_at ?? by.clock.seconds(),
    fields: mergeFields(before.fields, fields),
    touched_ms: by.clock.ms(),
  })
}
