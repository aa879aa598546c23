import type { FieldValue, FilledField } from '../store/entities.ts'
import type { Store } from '../store/store.ts'
import type { Happening, Place } from './happening.ts'

/** One event for each field whose values are not what they were. */
export function fieldEvents(store: Store, place: Place, before: FilledField[], after: FilledField[]): Happening[] {
  const ids = new Set([...before, ...after].map(({ field_id }) => field_id))
  return [...ids].flatMap((id) => {
    const [old, now] = [valuesOf(before, id), valuesOf(after, id)]
    if (JSON.stringify(old) === JSON.stringify(now)) return []
    const show = (value: FieldValue) => ({ custom_field_value: showValue(store, id, value) })
    const type = `custom_field_${id}_value_changed`
    return [{ ...place, type, value_before: old.map(show), value_after: now.map(show) }]
  })
}

function valuesOf(filled: FilledField[], id: number): FieldValue[] {
  return filled.find(({ field_id }) => field_id === id)?.values ?? []
}

function showValue(store: Store, field_id: number, { value, enum_id }: FieldValue) {
  const type = store.fields.get(field_id)?.type ?? ''
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value ?? '')
  return { field_id, field_type: typeNumbers[type] ?? 0, enum_id: enum_id ?? null, text }
}

/** The types of fields had numbers before they had names; those after 21 are not published. */
const typeNumbers: Record<string, number> = {
  text: 1,
  numeric: 2,
  checkbox: 3,
  select: 4,
  multiselect: 5,
  date: 6,
  url: 7,
  multitext: 8,
  textarea: 9,
  radiobutton: 10,
  streetaddress: 11,
  smart_address: 13,
  birthday: 14,
  legal_entity: 15,
  items: 16,
  category: 18,
  date_time: 19,
  price: 20,
  tracking_data: 21,
}
