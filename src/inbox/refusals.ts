import type { Kysely } from 'kysely'
import type { Tables } from '../database/tables.ts'
import {
  type AcceptableReason,
  type Admission,
  type Admitting,
  acceptAllRefused,
  acceptRefused,
  countRefusedFor,
  type RefusedAlike,
  type RefusedMessage,
} from './accept-refused.ts'
import { countRefused } from './queries.ts'
import { createKeepRefused } from './refused.ts'

/** The part of the inbox that is no order, until a person says so. */
export function createRefusals(db: Kysely<Tables>, now: () => number, announceQueued: () => void) {
  const listeners: ((count: number, error: unknown) => void)[] = []

  return {
    /** Called at most once a minute when refused requests were not kept: how many since, and the last failure of the store. */
    onNotKept: (listener: (count: number, error: unknown) => void) => listeners.push(listener),
    keepRefused: createKeepRefused(db, now, (count, error) => {
      for (const listener of listeners) listener(count, error)
    }),

    async acceptRefused(refused: RefusedMessage, admission: Admission, apart = false) {
      const acceptance = await acceptRefused(db, refused, admission, apart)
      if (acceptance.kind === 'accepted') announceQueued()
      return acceptance
    },
    async acceptAllRefused(alike: RefusedAlike, admitting: Admitting) {
      const accepted = await acceptAllRefused(db, alike, admitting)
      if (accepted > 0) announceQueued()
      return accepted
    },

    countRefusedFor: (reason: AcceptableReason) => countRefusedFor(db, reason),
    /** How many of those that are kept came since. */
    countRefused: (since: number) => countRefused(db, since),
  }
}
