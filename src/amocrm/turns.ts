import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Kysely } from 'kysely'
import type { Tables } from '../database/tables.ts'
import { longestPause, throwIfPaused } from './connection-status.ts'
import { hasEnded } from './connection-store.ts'
import { AmocrmError } from './errors.ts'
import type { Lane } from './traffic.ts'

export type Turns = ReturnType<typeof createTurns>

/** @param isSurelyOurs to be asked right before the bytes go out: this process may have slept since it was called */
type TurnCall<Result> = (isSurelyOurs: () => boolean) => Promise<Result>

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
/** Ms by which the clocks of two processes may differ. */
const skew = 2000
const marginMs = 10
const lookAgainMs = 100

/**
 * Who may ask the account now, over all processes, so that together they keep its limit: one process delivers, and
 * requests of people go one after another. What a process did not give back ends by itself.
 *
 * A process may fall asleep anywhere and not know it. So the clock is looked at after the row, the row is changed only
 * from what was read, and the clock is looked at once more before anything is sent.
 */
export function createTurns({ db, account, peoplePerSecond = 1, stop, now }: TurnsOptions) {
  const owner = randomUUID()
  const gap = 1000 / peoplePerSecond + marginMs
  let keptAt = Number.NEGATIVE_INFINITY
  let usedAt = Number.NEGATIVE_INFINITY
  let taking: Promise<boolean> | null = null

  const read = () =>
    db
      .selectFrom('connections')
      .select(['delivery_owner', 'delivery_until', 'people_until', 'paused_until'])
      .where('account', '=', account)
      .executeTakeFirstOrThrow()
  const row = () => db.updateTable('connections').where('account', '=', account)

  /** Whether this process is the one that delivers. */
  async function keep(): Promise<boolean> {
    if (isKeptFor(lease.renewEvery)) return true
    taking ??= take().finally(() => {
      taking = null
    })
    return taking
  }

  function isKeptFor(ms: number) {
    const age = now() - keptAt
    return age >= 0 && age < ms
  }

  async function take() {
    const { delivery_owner, delivery_until } = await read()
    const at = now()
    const isFree = delivery_owner === owner || isOver(delivery_until, at - handOver, furthestTurn)
    const isOurs = isFree && (await takeFrom(delivery_owner, delivery_until, at + lease.lasts))
    keptAt = isOurs ? at : Number.NEGATIVE_INFINITY
    return isOurs
  }

  async function takeFrom(before: string | null, beforeUntil: number | null, until: number) {
    const { numUpdatedRows } = await row()
      .set({ delivery_owner: owner, delivery_until: until })
      .where('delivery_owner', before === null ? 'is' : '=', before)
      .where('delivery_until', beforeUntil === null ? 'is' : '=', beforeUntil)
      .executeTakeFirst()
    return numUpdatedRows > 0n
  }

  /** It keeps the turn and never takes it: a process that has given it back may still have something to send. */
  async function inDeliverysTurn<Result>(call: TurnCall<Result>): Promise<Result> {
    usedAt = now()
    if (keptAt === Number.NEGATIVE_INFINITY || !(await keep()))
      throw new AmocrmError('rate_limited', 'not sent: another process delivers by now')
    return call(() => isKeptFor(lease.lasts - skew))
  }

  /** One request of people; whoever asks meanwhile waits. */
  async function inPeoplesTurn<Result>(call: TurnCall<Result>): Promise<Result> {
    const until = await takePeoples()
    try {
      return await call(() => now() < until - skew - gap)
    } finally {
      await row()
        .set({ people_until: now() + gap })
        .where('people_until', '=', until)
        .execute()
        .catch(endsByItself)
    }
  }

  /** Until when, so that it is given back by no other. */
  async function takePeoples() {
    for (;;) {
      stop.throwIfAborted()
      const { people_until, paused_until } = await read()
      const at = now()
      throwIfPaused(paused_until, at)
      const until = at + longestCall
      if (isOver(people_until, at, 2 * longestCall) && (await takePeoplesFrom(people_until, until))) return until
      await sleep(Math.min(gap, lookAgainMs))
    }
  }

  async function takePeoplesFrom(before: number | null, until: number) {
    const { numUpdatedRows } = await row()
      .set({ people_until: until })
      .where('people_until', before === null ? 'is' : '=', before)
      .executeTakeFirst()
    return numUpdatedRows > 0n
  }

  return {
    delivery: {
      keep,
      /** Whether it was this process's turn when it looked last. */
      isOurs: () => isKeptFor(lease.lasts),
      /** Leaves the account to another process. */
      async release() {
        await taking?.catch(endsByItself)
        keptAt = Number.NEGATIVE_INFINITY
        const until = now() - usedAt < longestCall ? now() : 0
        await row().set({ delivery_owner: null, delivery_until: until }).where('delivery_owner', '=', owner).execute()
        // Nobody gets it back before that has ceased to count.
        usedAt = Number.NEGATIVE_INFINITY
      },
    },

    /** A request that is sent only while it is this process's turn. Throws AmocrmError when it is not. */
    inTurn: <Result>(lane: Lane, call: TurnCall<Result>) =>
      lane === 'delivery' ? inDeliverysTurn(call) : inPeoplesTurn(call),

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

/** A time far ahead is a wrong clock's. */
function isOver(until: number | null, at: number, furthest: number) {
  return until === null || until <= at || until > at + furthest
}

/** An answer is worth more than what a database that is gone would have been told after it. */
function endsByItself() {}
