const seconds = 1000
const minutes = 60 * seconds
const hours = 60 * minutes

/** Waits after the first try, the second and so on: ten tries within 72 hours. */
const waits = [
  4 * seconds,
  30 * seconds,
  2 * minutes,
  10 * minutes,
  30 * minutes,
  2 * hours,
  6 * hours,
  20 * hours,
  36 * hours,
]

/** A CRM that asks for more patience is asked again all the same. */
const longestRetryAfter = 1 * hours

/**
 * When to try again after the `attempt`-th try failed; null when it was the last.
 * @param jitter 0 to 1; spreads what failed together over a fifth of the wait
 * @param retryAfter ms that the CRM asked for
 */
export function nextAttemptAt(attempt: number, now: number, jitter: number, retryAfter: number | null): number | null {
  const wait = waits[attempt - 1]
  if (wait === undefined) return null
  return now + Math.max(Math.round(wait * (0.9 + 0.2 * jitter)), Math.min(retryAfter ?? 0, longestRetryAfter))
}
