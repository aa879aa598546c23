import type { RuleName } from './rules.ts'

/** Ms. A short break is nobody's business. */
const patienceMs = 60_000

interface Outage {
  since: number
  told: Set<string>
}

/** What this process knows of a database that cannot be asked how things stand. Times are unix ms. */
export function createOutage() {
  let outage: Outage | null = null
  return {
    rule: 'database' satisfies RuleName,

    /** It has failed once more. Gives the outage as soon as it is worth telling. */
    failed(now: number) {
      outage ??= { since: now, told: new Set() }
      return now - outage.since >= patienceMs ? outage : null
    },

    /** Gives what was told of, if there was anything; to be ended once that is written down. */
    known: () => (outage && outage.told.size > 0 ? outage : null),

    ended() {
      outage = null
    },
  }
}
