import { type Context, indexed } from '../context.ts'
import { at, type QueryValue } from '../http/query.ts'
import type { Card, EntityType } from '../store/entities.ts'
import { filtered } from './filters.ts'
import { search } from './full-text.ts'

/** Without the paid add-on `filter` is passed over in silence: whoever asks gets everything. */
export function listed<T extends Card>(context: Context, type: EntityType, query: QueryValue, records: T[]): T[] {
  const { store } = context
  const left = filtered(store, type, records, at(query, 'filter'))
  const text = at(query, 'query')
  return typeof text === 'string' && text !== '' ? search(store, left, text, indexed(context)) : left
}
