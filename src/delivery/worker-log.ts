import type { CallTally } from '../amocrm/call-tally.ts'
import type { Claim, Outcome, Reason } from '../inbox/message.ts'
import type { Failure } from './failure.ts'

/** What the batch of an attempt has taken so far. */
export interface Effort extends CallTally {
  /** Unix ms. */
  endedAt: number
}

/** What is said of the delivery. */
export interface WorkerLog {
  delivered(claim: Claim, effort: Effort | null): void
  /** @param error what was thrown */
  failed(claim: Claim, outcome: Outcome, failure: Failure, error: unknown, effort: Effort | null): void
  held(reason: Reason, error: string): void
  resumed(): void
  broken(error: unknown): void
}
