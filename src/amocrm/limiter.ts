export type Limiter = ReturnType<typeof createLimiter>

/** Timers and clocks are no more exact than this. */
const marginMs = 10

/**
 * Runs calls in the order they came, at most so many in any second as the other side sees it. A call may arrive there
 * at any moment between its start and its answer, so its place is free again one second after its answer.
 * @param now monotonic milliseconds
 * @param stop when aborted, whoever waits is turned away with its reason
 */
export function createLimiter(requestsPerSecond: number, now: () => number, stop: AbortSignal) {
  /** When each place is free; infinite while a call is under way. */
  const freeAt = Array.from({ length: requestsPerSecond }, () => 0)
  let pausedUntil = 0
  let queue: Promise<unknown> = Promise.resolve()
  let lookAgain = () => {}

  async function takePlace() {
    for (;;) {
      stop.throwIfAborted()
      const soonest = Math.min(...freeAt)
      const wait = Math.max(soonest, pausedUntil) - now()
      if (wait <= 0) {
        const place = freeAt.indexOf(soonest)
        freeAt[place] = Number.POSITIVE_INFINITY
        return place
      }
      await new Promise<void>((resolve) => {
        const timer = Number.isFinite(wait) ? setTimeout(resolve, wait) : undefined
        lookAgain = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }

  stop.addEventListener('abort', () => lookAgain())

  return {
    async run<Result>(call: () => Promise<Result>): Promise<Result> {
      const turn = queue.then(takePlace)
      queue = turn.catch(() => {})
      const place = await turn
      try {
        return await call()
      } finally {
        freeAt[place] = now() + 1000 + marginMs
        lookAgain()
      }
    },
    /** Nobody starts for so many ms. */
    pause(ms: number) {
      pausedUntil = Math.max(pausedUntil, now() + ms)
    },
  }
}
