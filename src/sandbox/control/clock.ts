import { Problem } from '../http/problems.ts'
import type { Store } from '../store/store.ts'

export type Clock = ReturnType<typeof createClock>

/** The sandbox's own time: the given clock plus what it has been advanced by. */
export function createClock(store: Store, now: () => number) {
  return { ms, seconds: () => Math.floor(ms() / 1000), advance }

  function ms() {
    return now() + ahead()
  }

  function ahead() {
    return Number(store.settings.get('clock')?.value ?? 0)
  }

  function advance(by: number) {
    const value = ahead() + by
    const isTime = !Number.isNaN(new Date(now() + value).getTime())
    if (!isTime) throw new Problem(400, { detail: `advance_ms: ${by} leads out of time` })
    store.settings.put({ id: 'clock', value })
  }
}
