import type { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'

/** Counts a try before it is made, so that many at once count as many. Gives the seconds to wait; 0: go on. */
export async function secondsToWait(...tries: [RateLimiterMemory, string][]) {
  try {
    for (const [limiter, key] of tries) await limiter.consume(key)
    return 0
  } catch (full) {
    return Math.ceil((full as RateLimiterRes).msBeforeNext / 1000)
  }
}
