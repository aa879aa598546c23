import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Lets calls start one after the other, in the order they came, at most so many in any second.
 * @param now monotonic milliseconds
 */
export function createLimiter(requestsPerSecond: number, now: () => number) {
  let queue: Promise<unknown> = Promise.resolve()
  let pausedUntil = 0
  const starts: number[] = []

  async function wait() {
    for (;;) {
      const slot = starts.length < requestsPerSecond ? 0 : (starts[0] ?? 0) + 1000
      const pause = Math.max(slot, pausedUntil) - now()
      if (pause <= 0) break
      await sleep(pause)
    }
    starts.push(now())
    if (starts.length > requestsPerSecond) starts.shift()
  }

  return {
    /** Fulfilled when the caller may send. */
    turn(): Promise<void> {
      const turn = queue.then(wait)
      queue = turn
      return turn
    },
    /** Nobody sends for so many ms. */
    pause(ms: number) {
      pausedUntil = Math.max(pausedUntil, now() + ms)
    },
  }
}
