import type { EntityType } from './entities.ts'
import type { Store } from './store.ts'

export const isThere = (record: { is_deleted?: boolean } | undefined) =>
  record !== undefined && record.is_deleted !== true

/** A record, unless it is in the trash. */
export function live<T extends EntityType | 'elements'>(store: Store, type: T, id: number) {
  const record = store[type].get(id)
  return (isThere(record) ? record : undefined) as ReturnType<Store[T]['get']>
}
