import type { Change } from './state-file.ts'

export interface Collection<T extends { id: number | string }> {
  readonly kind: string
  readonly size: number
  get(id: T['id']): T | undefined
  all(): T[]
  /** The records under one key of the collection's index. */
  under(key: string): T[]
  put(record: T): T
  remove(id: T['id']): void
  nextId(): number
  /** The highest id, where its record has been removed: it must not be given away again. */
  goneId(): number | undefined
  restore(id: T['id'], record: T | null): void
  clear(): void
}

interface CollectionOptions<T> {
  kind: string
  keys?: (record: T) => string[]
  firstId?: number
  onChange: (change: Change, undo: () => void, before: T | null) => void
}

export function createCollection<T extends { id: number | string }>(options: CollectionOptions<T>): Collection<T> {
  const { kind, keys = () => [], firstId = 1, onChange } = options
  const records = new Map<T['id'], T>()
  const index = new Map<string, Map<T['id'], T>>()
  let lastId = firstId - 2

  return {
    kind,
    get size() {
      return records.size
    },
    get: (id) => records.get(id),
    all: () => [...records.values()],
    under: (key) => [...(index.get(key)?.values() ?? [])],
    put(record) {
      change(record.id, record)
      return record
    },
    remove: (id) => change(id, null),
    // amoCRM's ids grow by two.
    nextId: () => lastId + 2,
    goneId: () => (lastId >= firstId && !records.has(lastId) ? lastId : undefined),
    restore: set,
    clear() {
      records.clear()
      index.clear()
      lastId = firstId - 2
    },
  }

  function change(id: T['id'], record: T | null) {
    const before = records.get(id) ?? null
    set(id, record)
    onChange([kind, id, record], () => set(id, before), before)
  }

  function set(id: T['id'], record: T | null) {
    const before = records.get(id)
    const kept = record === null ? [] : keys(record)
    for (const key of before ? keys(before) : []) if (!kept.includes(key)) index.get(key)?.delete(id)
    if (typeof id === 'number' && id > lastId) lastId = id
    if (record === null) {
      records.delete(id)
      return
    }
    records.set(id, record)
    for (const key of kept) place(key, record)
  }

  function place(key: string, record: T) {
    const found = index.get(key)
    if (found) found.set(record.id, record)
    else index.set(key, new Map([[record.id, record]]))
  }
}
