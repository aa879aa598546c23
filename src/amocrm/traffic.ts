import { longestPause } from './connection-status.ts'
import { createLimiter, type Limiter } from './limiter.ts'

/** Orders have most of the account's limit; one place is left to people and to the renewal of tokens. */
export type Lane = 'delivery' | 'people'

interface TrafficOptions {
  /** Requests a second. amoCRM bans who asks more than 7 times, all lanes together. */
  perSecond?: Record<Lane, number>
  /** Ms, monotonic. */
  now: () => number
  stop: AbortSignal
}

export const requestsPerSecond: Record<Lane, number> = { delivery: 6, people: 1 }

/** Ms. A pause doubles with each 429 that follows it, until something is answered. */
const shortestPause = 1000
const longestOwnPause = 60_000

/** All requests of this process to one account: within its limit, and all of them silent when one was too many. */
export function createTraffic({ perSecond = requestsPerSecond, now, stop }: TrafficOptions) {
  const lanes: Record<Lane, Limiter> = {
    delivery: createLimiter(perSecond.delivery, now, stop),
    people: createLimiter(perSecond.people, now, stop),
  }
  let pausedUntil = 0
  let pauses = 0

  return {
    run: <Result>(lane: Lane, call: () => Promise<Result>) => lanes[lane].run(call),

    /** After a 429; gives the ms of the pause. @param asked ms that the CRM wants to be left alone; null when it does not say */
    tooMany(asked: number | null) {
      // What was under way when the pause began says nothing new.
      const own = now() < pausedUntil ? 0 : Math.min(shortestPause * 2 ** pauses++, longestOwnPause)
      const ms = Math.max(own, Math.min(asked ?? 0, longestPause))
      pausedUntil = Math.max(pausedUntil, now() + ms)
      for (const limiter of Object.values(lanes)) limiter.pause(ms)
      return ms
    },

    /** Ms that are left of a pause. */
    pausedFor: () => Math.max(0, pausedUntil - now()),

    answered() {
      if (now() >= pausedUntil) pauses = 0
    },
  }
}
