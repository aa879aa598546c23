import { setTimeout as sleep } from 'node:timers/promises'

interface RepeatOptions {
  everyMs: number
  /** Told of what was thrown; the next time comes nevertheless. */
  failed: (error: unknown) => void
  /** Done once it has ended. */
  ended?: () => Promise<unknown>
  /** Ms that a stop waits for what is under way; for ever when not given. */
  stopPatienceMs?: number
}

/**
 * Works at once, at this interval and when woken, one time after another until it is stopped.
 * @param work is given what is aborted when it is to stop
 */
export function repeat(
  work: (stop: AbortSignal) => Promise<unknown>,
  { everyMs, failed, ended = async () => {}, stopPatienceMs }: RepeatOptions,
) {
  const stopping = new AbortController()
  let running = Promise.resolve()
  let isWaiting = false

  async function workOnce() {
    isWaiting = false
    if (!stopping.signal.aborted) await work(stopping.signal)
  }

  /** One more time is enough for all who ask meanwhile; over when that is. */
  function wake() {
    if (!isWaiting) running = running.then(workOnce).catch(failed)
    isWaiting = true
    return running
  }

  const timer = setInterval(wake, everyMs)
  void wake()
  return {
    wake,
    async stop() {
      clearInterval(timer)
      stopping.abort()
      const isPatient = stopPatienceMs === undefined
      await (isPatient ? running : Promise.race([running, sleep(stopPatienceMs, undefined, { ref: false })]))
      await ended().catch(() => {})
    },
  }
}
