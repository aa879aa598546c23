export interface RateLimit {
  requests: number
  seconds: number
}

export type Bucket = ReturnType<typeof createBucket>

/** Less of a request than this is a rounding error. */
const grain = 1e-6

/** So many requests at once, and then as many as come back with time. Of this process alone. Times are in ms. */
export function createBucket({ requests, seconds }: RateLimit) {
  const perMs = requests / (seconds * 1000)
  let left = requests
  let filledAt = 0
  return {
    /** Ms until there is one; 0: now. */
    waitAt(now: number) {
      // A clock that was set back gives nothing, and takes nothing.
      left = Math.min(requests, left + Math.max(0, now - filledAt) * perMs)
      filledAt = now
      return left > 1 - grain ? 0 : (1 - left) / perMs
    },
    take() {
      left -= 1
    },
  }
}
