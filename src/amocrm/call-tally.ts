import { AsyncLocalStorage } from 'node:async_hooks'

/** Of a batch of orders. */
export interface CallTally {
  /** Unix ms. */
  begunAt: number
  /** Orders in it. */
  batch: number
  /** That were sent to the CRM. */
  requests: number
}

const tallies = new AsyncLocalStorage<CallTally>()

/** Counts the requests to the CRM that a piece of work makes, whoever sends them in the end. */
export function tallied<Result>(tally: CallTally, work: () => Result): Result {
  return tallies.run(tally, work)
}

/** Of the work at hand; undefined where nobody counts. */
export function currentTally() {
  return tallies.getStore()
}
