import type { Store } from '../store/store.ts'

/** Every request to a webhook in the order of the changes, with what came of each attempt. */
export function showDeliveries(store: Store) {
  return store.deliveries.all().map(({ created_ms, next_attempt_ms, attempts, ...delivery }) => ({
    ...delivery,
    created_at: iso(created_ms),
    next_attempt_at: next_attempt_ms === null ? null : iso(next_attempt_ms),
    attempts: attempts.map(({ at_ms, took_ms, status, error }) => ({ time: iso(at_ms), took_ms, status, error })),
  }))
}

const iso = (ms: number) => new Date(ms).toISOString()
