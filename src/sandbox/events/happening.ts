import type { AccountEvent, EventValue } from '../store/news-entities.ts'

/** An event before it has an id and a time. */
export type Happening = Omit<AccountEvent, 'id' | 'created_at' | 'at_ms'>

/** To whom it happened and by whom. */
export type Place = Pick<Happening, 'entity_type' | 'entity_id' | 'created_by'>

/** An event, unless both values are the same. */
export function changed<T>(
  type: string,
  place: Place,
  before: T,
  after: T,
  show: (value: T) => EventValue,
): Happening[] {
  return before === after ? [] : [{ ...place, type, value_before: [show(before)], value_after: [show(after)] }]
}
