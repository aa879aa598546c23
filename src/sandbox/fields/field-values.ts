import { z } from 'zod'
import { settingsOf } from '../control/settings.ts'
import { type Report, readShape } from '../http/batch.ts'
import type { Field, FieldValue, FilledField } from '../store/entities.ts'
import type { Store } from '../store/store.ts'
import { compoundShapes } from './compound-values.ts'
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

export type SentFieldValues = z.infer<typeof fieldValuesShape>

/** Checks `custom_fields_values` and gives what is to be stored; an empty list of values clears a field. */
export function checkFieldValues(store: Store, fields: Field[], sent: SentFieldValues, report: Report): FilledField[] {
  return (sent ?? []).flatMap((entry, index) => {
    const path = `custom_fields_values.${index}`
    const field = findField(fields, entry)
    if (!field) {
      report('NotSupportedChoice', `${path}.${typeof entry.field_id === 'number' ? 'field_id' : 'field_code'}`)
      return []
    }
    return [{ field_id: field.id, values: checkValues(store, field, entry.values ?? [], `${path}.values`, report) }]
  })
}

/** Fields that were not sent stay as they are; those sent with no values are gone. */
export function mergeFields(before: FilledField[], changed: FilledField[]): FilledField[] {
  const ids = new Set(changed.map((field) => field.field_id))
  return [...before.filter((field) => !ids.has(field.field_id)), ...changed].filter((field) => field.values.length > 0)
}

/** The same for what was sent to a record that is there: nobody is sure whether phones join those it has. */
export function changeFields(store: Store, before: FilledField[], sent: FilledField[]): FilledField[] {
  if (settingsOf(store).multitext_patch === 'replace') return mergeFields(before, sent)
  const joined = sent.map(({ field_id, values }) => {
    const isJoined = store.fields.get(field_id)?.type === 'multitext' && values.length > 0
    const old = isJoined ? (before.find((field) => field.field_id === field_id)?.values ?? []) : []
    return { field_id, values: [...old, ...values] }
  })
  return mergeFields(before, joined)
}

/** As the API shows them: `null` when nothing is filled in. What a deleted field or choice held is gone. */
export function showFieldValues(store: Store, filled: FilledField[]) {
  const shown = filled.flatMap(({ field_id, values }) => {
    const field = store.fields.get(field_id)
    const current = field ? values.flatMap((value) => currentValue(field, value)) : []
    if (!field || current.length === 0) return []
    return [{ field_id, field_name: field.name, field_code: field.code, field_type: field.type, values: current }]
  })
  return shown.length === 0 ? null : shown
}

/** A choice is shown by the name that it has now. */
function currentValue({ choices, type }: Field, value: FieldValue): FieldValue[] {
  if (choices === null || value.enum_id === undefined) return [value]
  const choice = choices.find(({ id }) => id === value.enum_id)
  if (!choice) return []
  return [{ ...value, value: type === 'multitext' ? value.value : choice.value, enum_code: choice.code }]
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
})

const longestChain = 5

function checkValues(store: Store, field: Field, values: Record<string, unknown>[], path: string, report: Report) {
  if (field.type === 'chained_list' && values.length > longestChain) report('TooMany', path)
  return values.flatMap((entry, index): FieldValue[] => {
    const place = `${path}.${index}`
    if (index > 0 && isSingle(field.type)) {
      report('FieldNotExpected', place)
      return []
    }
    const isRead = field.type in compoundShapes || readShape(valueShape, entry, report, place.split('.')) !== undefined
    const value = isRead ? checkValue(entry, { store, field, path: place, report }) : undefined
    return value === undefined ? [] : [value]
  })
}
