import type { Kysely } from 'kysely'
import type { Tables } from '../database/tables.ts'
import { accept, type Inbound } from './accept.ts'
import { claim, holdDue, type Progress, record, redeliver, releaseHeld, renew, settle } from './claim.ts'
import type { Claim, Outcome, Reason } from './message.ts'
import { findAttempts, findMessage, listMessages } from './queries.ts'
import { beginStep, type StepName } from './steps.ts'

/** How long a claim holds unless it is renewed; a message whose process died waits no longer than this. */
const leaseMs = 10_000

export type Inbox = ReturnType<typeof createInbox>

/** Every write to the message tables, and the reads of the pages. `now` is unix ms. */
export function createInbox(db: Kysely<Tables>, now: () => number) {
  const queuedListeners: (() => void)[] = []

  return {
    /** Called when there is something to deliver at once. */
    onQueued: (listener: () => void) => queuedListeners.push(listener),

    async accept(inbound: Omit<Inbound, 'receivedAt'>) {
      const accepted = await accept(db, { ...inbound, receivedAt: now() })
      if (!accepted.duplicate) for (const listener of queuedListeners) listener()
      return accepted
    },

    claim: (account: string, limit: number) => claim(db, { account, now: now(), lease: leaseMs, limit }),
    renew: (held: Claim) => renew(db, held, now() + leaseMs),
    record: (held: Claim, progress: Progress) => record(db, held, progress),
    beginStep: (held: Claim, ordinal: number, name: StepName) => beginStep(db, held, ordinal, name, now),
    settle: (held: Claim, outcome: Outcome) => settle(db, held, outcome, now()),
    async redeliver(id: string) {
      const queued = await redeliver(db, id, now())
      if (queued) for (const listener of queuedListeners) listener()
      return queued
    },
    holdDue: (account: string, reason: Reason) => holdDue(db, account, reason, now()),
    releaseHeld: (account: string) => releaseHeld(db, account, now()),

    list: (page: Parameters<typeof listMessages>[1]) => listMessages(db, page),
    find: (id: string) => findMessage(db, id),
    attempts: (id: string) => findAttempts(db, id),
  }
}
