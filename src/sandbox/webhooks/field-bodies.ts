import type { SettingsBox } from '../control/settings.ts'
import { accountOf } from '../present/present.ts'
import type { Field, FieldValue, FilledField } from '../store/entities.ts'
import type { Store } from '../store/store.ts'
import { dayOf } from './moments.ts'

const dates = ['date', 'date_time']

/** The values of a field as webhooks show them, each type in its own way. */
export function createFieldBody(store: Store, settings: SettingsBox) {
  return ({ field_id, values }: FilledField) => {
    const field = store.fields.get(field_id)
    if (!field) return []
    const { id, name, code } = field
    return [{ id, name, ...(code === null ? {} : { code }), values: valuesOf(field, values) }]
  }

  function valuesOf(field: Field, values: FieldValue[]) {
    if (settings.get().webhook_field_values === 'bare') return values.map((each) => plain(field, each))
    if (dates.includes(field.type)) return values.map(({ value }) => value)
    const shown = values.map((each) => ({ value: plain(field, each), ...enumOf(each), ...rest(each) }))
    // One value and no list.
    return field.type === 'radiobutton' ? shown[0] : shown
  }

  function plain({ type }: Field, { value }: FieldValue) {
    if (type === 'checkbox') return value === true ? '1' : '0'
    if (type === 'birthday' && typeof value === 'number') return dayOf(value, accountOf(store).timezone)
    return value
  }
}

/** What a value of an uncommon type holds besides, such as `catalog_element_id`. */
function rest({ value: _value, enum_id: _id, enum_code: _code, ...others }: FieldValue) {
  return others
}

const enumOf = ({ enum_id }: FieldValue) => (enum_id === undefined ? {} : { enum: enum_id })
