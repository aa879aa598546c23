import { isDatabaseOut } from './database/open.ts'
import type { Log } from './log/log.ts'

const tellAgainMs = 60_000

/**
 * A log that does not tell over and over that the database is out of reach, although every part comes upon it several
 * times a second: each of its lines at once, and while it lasts once a minute with how often it was.
 * @param now unix ms
 */
export function quietInOutage(log: Log, now: () => number): Log {
  const told = new Map<string, { at: number; since: number }>()

  function damped(level: 'error' | 'warn') {
    return (details: object | string, message?: string, ...values: unknown[]) => {
      const err = typeof details === 'object' && 'err' in details ? details.err : details
      if (typeof message !== 'string' || !isDatabaseOut(err))
        return log[level](details as object, message, ...(values as []))
      const last = told.get(message)
      if (last && Math.abs(now() - last.at) < tellAgainMs) {
        last.since += 1
        return
      }
      log[level]({ err, ...(last?.since ? { count: last.since + 1 } : {}) }, message)
      told.set(message, { at: now(), since: 0 })
    }
  }

  const quiet = { error: damped('error'), warn: damped('warn') }
  return new Proxy(log, {
    get: (target, key) => (key === 'error' || key === 'warn' ? quiet[key] : Reflect.get(target, key)),
  })
}
