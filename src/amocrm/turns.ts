import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Kysely } from 'kysely'
import type { Tables } from '../database/tables.ts'
import { longestPause, throwIfPaused } from './connection-status.ts'
import { hasEnded } from './connection-store.ts'

export type Turns = ReturnType<typeof createTurns>

interface TurnsOptions {
  db: Kysely<Tables>
  account: string
  /** Requests of people a second, all processes together. */
  peoplePerSecond?: number
  stop: AbortSignal
  /** Unix ms. */
  now: () => number
}

/** Ms. Who delivers says so this often, and is followed by another when he has not for so long. */
const lease = { renewEvery: 1500, lasts: 5000 }
/** Ms. What the one before has sent counts against the limit for a second. */
const handOver = 1100
const furthestTurn = 2 * lease.lasts + handOver
/** Ms. Longer than any call takes, with its last answer. */
const longestCall = 25_000
const marginMs = 10
const lookAgainMs = 100

/**
 * Who may ask the account now, over all processes, so that together they keep its limit: one process delivers, and
 * requests of people go one after another. What a process did not give back ends by itself.
 */
export function createTurns({ db, account, peoplePerSecond = 1, stop, now }: TurnsOptions) {
  const owner = randomUUID()
  const gap = 1000 / peoplePerSecond + marginMs
  let keptAt = Number.NEGATIVE_INFINITY
  let usedAt = Number.NEGATIVE_INFINITY

  const row = () => db.updateTable('connections').where('account', '=', account)

  /** Whether this process is the one that delivers. */
  async function keep(): Promise<boolean> {
    const started = now()
    if (started >= keptAt && started - keptAt < lease.renewEvery) return true
    const isOurs = (await isFree(started)) && (await take(started))
    keptAt = isOurs ? started : Number.NEGATIVE_INFINITY
    return isOurs
  }

  /** Looks before it writes: most of the time, nothing is to be had. */
  async function isFree(at: number) {
    const { delivery_owner, delivery_until } = await db
      .selectFrom('connections')
      .select(['delivery_owner', 'delivery_until'])
      .where('account', '=', account)
      .executeTakeFirstOrThrow()
    const until = delivery_until ?? 0
    return delivery_owner === owner || until <= at - handOver || until > at - handOver + furthestTurn
  }

  async function take(at: number) {
    const { numUpdatedRows } = await row()
      .set({ delivery_owner: owner, delivery_until: at + lease.lasts })
      .where((is) =>
        is.or([is('delivery_owner', '=', owner), hasEnded('delivery_until', at - handOver, furthestTurn)(is)]),
      )
      .executeTakeFirst()
    return numUpdatedRows > 0n
  }

  /** Until when, so that it is given back by no other. */
  async function takePeoples() {
    for (;;) {
      stop.throwIfAborted()
      const at = now()
      const until = at + longestCall
      const { numUpdatedRows } = await row()
        .set({ people_until: until })
        .where(hasEnded('people_until', at, 2 * longestCall))
        .executeTakeFirst()
      if (numUpdatedRows > 0n) return until
      await sleep(Math.min(gap, lookAgainMs))
    }
  }

  async function callUnlessPaused<Result>(call: () => Promise<Result>) {
    const { paused_until } = await db
      .selectFrom('connections')
      .select('paused_until')
      .where('account', '=', account)
      .executeTakeFirstOrThrow()
    throwIfPaused(paused_until, now())
    return call()
  }

  return {
    delivery: {
      keep,
      /** The same, to be asked right before something is sent. */
      async use() {
        usedAt = now()
        return keep()
      },
      /** Leaves the account to another process. */
      async release() {
        keptAt = Number.NEGATIVE_INFINITY
        const until = now() - usedAt < longestCall ? now() : 0
        await row().set({ delivery_owner: null, delivery_until: until }).where('delivery_owner', '=', owner).execute()
        // Nobody gets it back before that has ceased to count.
        usedAt = Number.NEGATIVE_INFINITY
      },
    },

    /** One request of people; whoever asks meanwhile waits. */
    async inPeoplesTurn<Result>(call: () => Promise<Result>): Promise<Result> {
      const until = await takePeoples()
      try {
        return await callUnlessPaused(call)
      } finally {
        await row()
          .set({ people_until: now() + gap })
          .where('people_until', '=', until)
          .execute()
          .catch(endsByItself)
      }
    },

    /** The CRM wants to be left alone for so many ms, by all processes. */
    async paused(ms: number) {
      const until = now() + ms
      await row()
        .set({ paused_until: until })
        .where(hasEnded('paused_until', until, longestPause))
        .execute()
        .catch(endsByItself)
    },
  }
}

/** An answer is worth more than what a database that is gone would have been told after it. */
function endsByItself() {}
