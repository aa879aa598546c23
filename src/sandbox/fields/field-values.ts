import { z } from 'zod'
import { type Report, readShape } from '../http/batch.ts'
import type { Field, FieldValue, FilledField } from '../store/entities.ts'
import type { Store } from '../store/store.ts'
import { checkValue, isSingle } from './field-types.ts'

export const fieldValuesShape = z
  .array(
    z.strictObject({
      field_id: z.int().nullish(),
      field_code: z.string().nullish(),
      field_name: z.unknown().optional(),
      field_type: z.unknown().optional(),
      values: z.array(z.record(z.string(), z.unknown())).nullable(),
    }),
  )
  .nullish()

type SentFieldValues = z.infer<typeof fieldValuesShape>

/** Checks `custom_fields_values` and gives what is to be stored; an empty list of values clears a field. */
export function checkFieldValues(fields: Field[], sent: SentFieldValues, report: Report): FilledField[] {
  return (sent ?? []).flatMap((entry, index) => {
    const path = `custom_fields_values.${index}`
    const field = findField(fields, entry)
    if (!field) {
      report('NotSupportedChoice', `${path}.${typeof entry.field_id === 'number' ? 'field_id' : 'field_code'}`)
      return []
    }
    return [{ field_id: field.id, values: checkValues(field, entry.values ?? [], `${path}.values`, report) }]
  })
}

/** Fields that were not sent stay as they are; those sent with no values are gone. */
export function mergeFields(before: FilledField[], changed: FilledField[]): FilledField[] {
  const ids = new Set(changed.map((field) => field.field_id))
  return [...before.filter((field) => !ids.has(field.field_id)), ...changed].filter((field) => field.values.length > 0)
}

/** As the API shows them: `null` when nothing is filled in. */
export function showFieldValues(store: Store, filled: FilledField[]) {
  const shown = filled.flatMap(({ field_id, values }) => {
    const field = store.fields.get(field_id)
    if (!field) return []
    return [{ field_id, field_name: field.name, field_code: field.code, field_type: field.type, values }]
  })
  return shown.length === 0 ? null : shown
}

function findField(fields: Field[], entry: { field_id?: unknown; field_code?: unknown }) {
  if (typeof entry.field_id === 'number') return fields.find((field) => field.id === entry.field_id)
  return fields.find((field) => field.code !== null && field.code === entry.field_code)
}

const valueShape = z.strictObject({
  value: z.unknown().optional(),
  enum_id: z.int().nullish(),
  enum_code: z.string().nullish(),
  enum: z.unknown().optional(),
  catalog_id: z.unknown().optional(),
  catalog_element_id: z.unknown().optional(),
})

function checkValues(field: Field, values: Record<string, unknown>[], path: string, report: Report): FieldValue[] {
  return values.flatMap((entry, index) => {
    if (index > 0 && isSingle(field.type)) {
      report('FieldNotExpected', `${path}.${index}`)
      return []
    }
    const shape = readShape(valueShape, entry, report, [...path.split('.'), String(index)])
    const value = shape && checkValue(field, entry, `${path}.${index}`, report)
    return value === undefined ? [] : [value]
  })
}
