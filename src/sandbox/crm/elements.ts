import { z } from 'zod'
import { checkFieldValues, fieldValuesShape, mergeFields } from '../fields/field-values.ts'
import { fieldsOf } from '../fields/fields.ts'
import { type Report, readShape, requestIdShape } from '../http/batch.ts'
import type { Element, FilledField } from '../store/entities.ts'
import type { Store } from '../store/store.ts'
import type { Author } from './cards.ts'

const newElementShape = z.strictObject({
  name: z.string().min(1),
  custom_fields_values: fieldValuesShape,
  created_by: z.int().optional(),
  updated_by: z.int().optional(),
  created_at: z.int().optional(),
  updated_at: z.int().optional(),
  request_id: requestIdShape,
})

type NewElement = z.infer<typeof newElementShape>

interface ElementDraft {
  sent: NewElement
  fields: FilledField[]
}

export function checkNewElement(
  store: Store,
  catalogId: number,
  item: unknown,
  report: Report,
): ElementDraft | undefined {
  const sent = readShape(newElementShape, item, report)
  return sent && { sent, fields: checkElementFields(store, catalogId, sent.custom_fields_values, report) }
}

export function checkElementFields(
  store: Store,
  catalogId: number,
  sent: NewElement['custom_fields_values'],
  report: Report,
) {
  return checkFieldValues(fieldsOf(store, { entity_type: 'catalogs', catalog_id: catalogId }), sent, report)
}

export function createElement(
  store: Store,
  catalogId: number,
  { sent, fields }: ElementDraft,
  by: Author,
  id = store.elements.nextId(),
): Element {
  const created_at = sent.created_at ?? by.clock.seconds()
  return store.elements.put({
    id,
    catalog_id: catalogId,
    name: sent.name,
    created_by: sent.created_by ?? by.userId,
    created_at,
    updated_at: sent.updated_at ?? created_at,
    fields: mergeFields([], fields),
    touched_ms: by.clock.ms(),
  })
}
