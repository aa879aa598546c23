import type { Author } from '../crm/cards.ts'
import type { Collection } from './collection.ts'
import type { EntityType, Lead } from './entities.ts'
import type { Store } from './store.ts'

/** What a person can throw away in the interface; the API can delete none of it. */
export const trashable = ['leads', 'contacts', 'companies', 'elements'] as const
type Trashable = (typeof trashable)[number]

export const isThere = (record: { is_deleted?: boolean } | undefined) =>
  record !== undefined && record.is_deleted !== true

/** A record, unless it is in the trash. */
export function live<T extends EntityType | 'elements'>(store: Store, type: T, id: number) {
  const record = store[type].get(id)
  return (isThere(record) ? record : undefined) as ReturnType<Store[T]['get']>
}

/** Puts a record into the trash or takes it out; what it is linked to stays as it is. */
export function setDeleted(store: Store, type: Trashable, id: number, is_deleted: boolean, by: Author) {
  touch(store, type, id, { is_deleted }, by)
}

/** Changes a few keys of a record, which has then been changed by somebody at some time. */
export function touch(store: Store, type: Trashable, id: number, change: Partial<Lead>, by: Author) {
  const records = store[type] as unknown as Collection<{ id: number }>
  const record = records.get(id)
  if (!record) return
  const touched = { updated_by: by.userId, updated_at: by.clock.seconds(), touched_ms: by.clock.ms() }
  records.put({ ...record, ...touched, ...change })
}
