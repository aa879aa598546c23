import { type Context, indexedUntil } from '../context.ts'
import type { Card } from '../store/entities.ts'
import { filtered } from './filters.ts'
import { at, type QueryValue } from './query.ts'
import { search } from './search.ts'

/** Without the paid add-on `filter` is passed over in silence: whoever asks gets everything. */
export function listed<T extends Card>(context: Context, query: QueryValue, records: T[]): T[] {
  const isFilterOn = context.settings.get().is_api_filter_enabled
  const left = isFilterOn ? filtered(records, at(query, 'filter')) : records
  const text = at(query, 'query')
  return typeof text === 'string' && text !== '' ? search(context.store, left, text, indexedUntil(context)) : left
}
