import type { Collection } from '../store/collection.ts'
import type { Lead } from '../store/entities.ts'
import type { Store } from '../store/store.ts'
import type { Author } from './cards.ts'

/** What a person can throw away in the interface; the API can delete none of it. */
export const trashable = ['leads', 'contacts', 'companies', 'elements'] as const
type Trashable = (typeof trashable)[number]

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
