import type { Kysely } from 'kysely'
import { isUniqueViolation } from '../database/open.ts'
import type { Tables } from '../database/tables.ts'
import { createBucket, type RateLimit } from './token-bucket.ts'
import { withinTime } from './within-time.ts'

export type RateLimits = ReturnType<typeof createRateLimits>

/**
 * Ms. What was taken from the common bucket is used so soon or not at all: within any time all processes together let
 * in no more than one bucket does in a second more.
 */
const keptFor = 1000
/** Ms for which a process takes ahead what it has needed of late: a busy one asks the database ten times a second. */
const ahead = 100
/** Of what a bucket holds, at most so much is taken ahead: what is taken and not used is missing elsewhere. */
const mostAhead = 0.1
/** Ms after which an empty bucket is looked at again at the earliest. */
const shortestWait = 100
/** Ms that the database is waited for, and that each process goes by itself when it has not answered. */
const patience = 1000
const aloneFor = 2000
const mostTries = 10
/**
 * µs. What is so much further ahead than an empty bucket was written by a clock before ours, or before ours was set
 * back: for a short while each process goes by itself then, and otherwise the bucket begins anew.
 */
const otherClock = 1_000_000
const wrongClock = 60_000_000
const forgottenAfter = 24 * 60 * 60_000

/**
 * Limits that hold for all processes on one database: each has a common bucket there, out of which a process takes what
 * its requests need, and a little ahead. Parts by the number of processes would refuse half of what a shop may send that
 * comes to one of two alone. A limit outlives restarts and new settings. @param now unix ms
 */
export function createRateLimits(db: Kysely<Tables>, now: () => number) {
  const taps = new Map<string, Tap>()

  function tapOf(name: string, limit: RateLimit) {
    const key = `${name} ${limit.requests}/${limit.seconds}`
    const known = taps.get(key)
    if (known) return known
    const tap = createTap(limit, now, (count) => drawTokens(db, key, limit, { count, now: now() }))
    taps.set(key, tap)
    return tap
  }

  return {
    /** Lets one request in: 0, or the ms until the next one may come. At once where some were taken ahead. */
    take: (name: string, limit: RateLimit) => tapOf(name, limit).take(),
    /** Of a request that was not let in after all. */
    giveBack: (name: string, limit: RateLimit) => tapOf(name, limit).giveBack(),
  }
}

type Tap = ReturnType<typeof createTap>

/** What one process holds of one limit. */
function createTap(limit: RateLimit, now: () => number, draw: (count: number) => Promise<Drawn>) {
  const alone = createBucket(limit)
  let held = 0
  let heldUntil = 0
  /** Unix ms until when the bucket is known to be empty, for how many ms, and until when the database is not asked. */
  let emptyUntil = 0
  let emptyFor = 0
  let aloneUntil = 0
  let waiting: ((wait: number) => void)[] = []
  let isDrawing = false
  let recent = { since: 0, count: 0, before: 0 }

  function take(): number | Promise<number> {
    const at = now()
    if (isWithin(at, aloneUntil, aloneFor)) return takeAlone(at)
    if (held >= 1 && isWithin(at, heldUntil, keptFor)) return letIn(at)
    if (isWithin(at, emptyUntil, emptyFor)) return emptyUntil - at
    return new Promise((resolve) => {
      waiting.push(resolve)
      if (!isDrawing) void drawForAll()
    })
  }

  function letIn(at: number) {
    held -= 1
    if (at - recent.since >= ahead) {
      const isOld = at - recent.since >= 2 * ahead
      recent = { since: at, count: 0, before: isOld ? 0 : recent.count }
    }
    recent.count += 1
    return 0
  }

  async function drawForAll() {
    isDrawing = true
    while (waiting.length > 0) {
      const asking = waiting
      waiting = []
      await drawFor(asking)
    }
    isDrawing = false
  }

  async function drawFor(asking: typeof waiting) {
    const more = Math.min(Math.max(recent.before, recent.count), Math.floor(limit.requests * mostAhead))
    try {
      const { drawn, wait } = await withinTime(patience, draw(asking.length + more))
      const at = now()
      held = drawn + (isWithin(at, heldUntil, keptFor) ? held : 0)
      heldUntil = at + keptFor
      if (drawn < asking.length) {
        emptyFor = Math.max(wait, shortestWait)
        emptyUntil = at + emptyFor
      }
      for (const resolve of asking) resolve(held >= 1 ? letIn(at) : Math.max(1, wait))
    } catch {
      // No order is kept out because nobody can say how many there were; and it can hardly be stored either.
      aloneUntil = now() + aloneFor
      for (const resolve of asking) resolve(takeAlone(now()))
    }
  }

  function takeAlone(at: number) {
    const wait = alone.waitAt(at)
    if (wait === 0) alone.take()
    return wait
  }

  return {
    take,
    giveBack() {
      held += 1
    },
  }
}

/** A clock that was set back is not waited for. */
function isWithin(at: number, until: number, longest: number) {
  return at < until && until - at <= longest
}

interface Drawn {
  drawn: number
  /** Ms until there is one more. */
  wait: number
}

/** The row says, in µs, when the bucket will be full again: each request moves that on by the time in which one comes back. */
async function drawTokens(
  db: Kysely<Tables>,
  name: string,
  { requests, seconds }: RateLimit,
  { count, now }: { count: number; now: number },
): Promise<Drawn> {
  const at = now * 1000
  const whole = seconds * 1_000_000
  const each = whole / requests
  for (let tries = 1; tries <= mostTries; tries++) {
    const row = await db.selectFrom('rate_limits').select('full_at').where('name', '=', name).executeTakeFirst()
    if (row && row.full_at > at + whole + wrongClock) {
      await move(db, name, row.full_at, at)
      continue
    }
    if (row && row.full_at > at + whole + otherClock) throw new Error('the clocks of those who take differ')
    // The clocks of several machines differ a little: to a slow one a bucket is rather empty.
    const fullAt = Math.min(Math.max(row?.full_at ?? at, at), at + whole)
    const drawn = Math.min(count, Math.floor((at + whole - fullAt + 1) / each))
    if (drawn < 1) return { drawn: 0, wait: (fullAt + each - at - whole) / 1000 }
    const next = Math.round(fullAt + drawn * each)
    if (row ? await move(db, name, row.full_at, next) : await open(db, name, next, at))
      return { drawn, wait: Math.max(0, (next + each - at - whole) / 1000) }
  }
  throw new Error('too many take of the same limit')
}

/** False when another process was quicker. */
async function move(db: Kysely<Tables>, name: string, from: number, to: number) {
  const { numUpdatedRows } = await db
    .updateTable('rate_limits')
    .set({ full_at: to })
    .where('name', '=', name)
    .where('full_at', '=', from)
    .executeTakeFirstOrThrow()
  return numUpdatedRows > 0n
}

async function open(db: Kysely<Tables>, name: string, fullAt: number, at: number) {
  try {
    await db.insertInto('rate_limits').values({ name, full_at: fullAt }).execute()
  } catch (error) {
    if (!isUniqueViolation(error)) throw error
    return false
  }
  // Of limits that have been changed since, or of whom is no more.
  await db
    .deleteFrom('rate_limits')
    .where('full_at', '<', at - forgottenAfter * 1000)
    .execute()
  return true
}
