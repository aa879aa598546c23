import { textLike } from '../fields/field-types.ts'
import type { Card, Element, FilledField } from '../store/entities.ts'
import type { Store } from '../store/store.ts'

type Searched = Card | Element

/** Full-text search with a fuzzy mind: any part of any filled text, or of the digits of a phone. */
export function search<T extends Searched>(
  store: Store,
  records: T[],
  query: string,
  isIndexed: (record: T) => boolean,
): T[] {
  const text = query.trim().toLowerCase()
  const phone = /^[\d\s()+.-]+$/.test(text) ? text.replace(/\D/g, '') : ''
  return records.filter((record) => {
    if (!isIndexed(record)) return false
    if (record.name.toLowerCase().includes(text)) return true
    return textsOf(store, record.fields).some(({ value, type }) => {
      if (value.toLowerCase().includes(text)) return true
      return phone !== '' && type === 'multitext' && value.replace(/\D/g, '').includes(phone)
    })
  })
}

function textsOf(store: Store, fields: FilledField[]) {
  return fields.flatMap(({ field_id, values }) => {
    const type = store.fields.get(field_id)?.type ?? ''
    return textLike.includes(type) ? values.map(({ value }) => ({ type, value: String(value ?? '') })) : []
  })
}
