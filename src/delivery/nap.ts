import { setTimeout as sleep } from 'node:timers/promises'

/** A sleep that can be cut short, also by who calls before it has begun; the signal ends all of them. */
export function createNap(stop: AbortSignal) {
  let isAwake = false
  let nap = new AbortController()

  return {
    /** What has happened so far need not wake anybody any more. */
    forget() {
      isAwake = false
    },
    wake() {
      isAwake = true
      if (!nap.signal.aborted) nap.abort()
    },
    async take(ms: number) {
      if (isAwake) return
      nap = new AbortController()
      await sleep(ms, undefined, { signal: AbortSignal.any([nap.signal, stop]) }).catch(() => {})
    },
  }
}
