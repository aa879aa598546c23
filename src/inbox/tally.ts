import { setImmediate as yieldToOthers } from 'node:timers/promises'
import type { Kysely, Transaction } from 'kysely'
import { isUniqueViolation } from '../database/open.ts'
import { messageStates, type Tables } from '../database/tables.ts'
import { inTransaction } from '../database/transaction.ts'
import { addDuration, type Durations, sumOf } from './durations.ts'
import { earliestId, timeOfId } from './message-id.ts'

/** Ms. The days of every time zone begin with one of these. */
export const slotMs = 15 * 60_000
/** Ms. What bears an earlier time is in the database by then. */
export const settlesWithin = 30_000
/** Ms. Nobody looks further back. */
const furthestBack = 8 * 24 * 60 * 60_000
/** Rows that are counted in one go: SQLite keeps everybody waiting meanwhile. */
const mostAtOnce = 50_000
const shortestSlice = 1000

/** What happened in one slot, or in a part of it. */
export interface Tally {
  slotAt: number
  received: number
  delivered: number
  failed: number
  durations: Durations
}

export function slotOf(ms: number) {
  return ms - (ms % slotMs)
}

/**
 * Counts what was received and delivered since it was last counted. Any number of processes may do so:
 * each slice counts once.
 * @param stop when aborted, the rest is left for another time
 */
export async function tally(db: Kysely<Tables>, now: number, stop?: AbortSignal) {
  const until = now - settlesWithin
  let mark = await openMark(db, now)
  let from = Math.max(mark, now - furthestBack)
  let longest = slotMs
  while (from < until && !stop?.aborted) {
    const to = Math.min(slotOf(from) + slotMs, from + longest, until)
    const counted = await countSlice(db, from, to, mostAtOnce)
    // SQLite answers without ever leaving the event loop to anybody else.
    await yieldToOthers()
    if (counted.isCut && to - from > shortestSlice) {
      longest = Math.max(shortestSlice, Math.floor((to - from) / 8))
      continue
    }
    from = to
    longest = Math.min(slotMs, 2 * longest)
    if (counted.received + counted.delivered === 0) continue
    if (!(await keep(db, mark, to, counted))) return
    mark = to
  }
  if (from - mark >= slotMs) await keep(db, mark, from, null)
}

/** Up to when everything is counted. */
async function openMark(db: Kysely<Tables>, now: number): Promise<number> {
  const row = await db.selectFrom('tally_mark').select('counted_until').executeTakeFirst()
  if (!row) return createMark(db, now)
  if (row.counted_until <= now + slotMs) return row.counted_until
  // A time so far ahead is a wrong clock's.
  await moveMark(db, row.counted_until, now - settlesWithin)
  return now - settlesWithin
}

async function createMark(db: Kysely<Tables>, now: number) {
  const first = await db.selectFrom('messages').select('id').orderBy('id').limit(1).executeTakeFirst()
  const counted_until = Math.min(first ? timeOfId(first.id) : now, now - settlesWithin)
  await db
    .insertInto('tally_mark')
    .values({ id: 1, counted_until })
    .execute()
    .catch((error: unknown) => {
      if (!isUniqueViolation(error)) throw error
    })
  return counted_until
}

/** False when another process has counted meanwhile. */
function keep(db: Kysely<Tables>, mark: number, until: number, counted: Tally | null) {
  return inTransaction(db, async (transaction) => {
    if (!(await moveMark(transaction, mark, until))) return false
    if (counted) await add(transaction, counted)
    return true
  })
}

async function moveMark(db: Kysely<Tables>, mark: number, until: number) {
  const { numUpdatedRows } = await db
    .updateTable('tally_mark')
    .set({ counted_until: until })
    .where('counted_until', '=', mark)
    .executeTakeFirstOrThrow()
  return numUpdatedRows > 0n
}

/** An order has come to rest as dead. */
export function countFailure(db: Transaction<Tables>, now: number) {
  return add(db, { slotAt: slotOf(now), received: 0, delivered: 0, failed: 1, durations: {} })
}

async function add(db: Transaction<Tables>, { slotAt, received, delivered, failed, durations }: Tally) {
  if (await raise()) return
  const times = delivered > 0 ? JSON.stringify(durations) : null
  try {
    await db.insertInto('tallies').values({ slot_at: slotAt, received, delivered, failed, times }).execute()
  } catch (error) {
    // Another process was quicker.
    if (!isUniqueViolation(error)) throw error
    await raise()
  }

  async function raise() {
    const { numUpdatedRows } = await db
      .updateTable('tallies')
      .set((row) => ({
        received: row('received', '+', received),
        delivered: row('delivered', '+', delivered),
        failed: row('failed', '+', failed),
      }))
      .where('slot_at', '=', slotAt)
      .executeTakeFirstOrThrow()
    if (numUpdatedRows > 0n && delivered > 0) await addTimes()
    return numUpdatedRows > 0n
  }

  async function addTimes() {
    // The row is locked by now.
    const row = await db.selectFrom('tallies').select('times').where('slot_at', '=', slotAt).executeTakeFirstOrThrow()
    const times = JSON.stringify(sumOf([durationsOf(row.times), durations]))
    await db.updateTable('tallies').set({ times }).where('slot_at', '=', slotAt).execute()
  }
}

export function durationsOf(times: string | null): Durations {
  return times === null ? {} : JSON.parse(times)
}

interface Slice extends Tally {
  /** Whether there were more. */
  isCut: boolean
}

/** What was received and delivered in a part of one slot, counted no further than `most`. */
export async function countSlice(db: Kysely<Tables>, from: number, to: number, most: number): Promise<Slice> {
  const received = await countReceived(db, from, to, most)
  const rows = await db
    .selectFrom('messages')
    .select(['id', 'delivered_at'])
    .where('delivered_at', '>=', from)
    .where('delivered_at', '<', to)
    .orderBy('delivered_at')
    .limit(most)
    .execute()
  const durations: Durations = {}
  for (const { id, delivered_at } of rows) addDuration(durations, (delivered_at ?? 0) - timeOfId(id))
  const isCut = received >= most || rows.length >= most
  return { slotAt: slotOf(from), received, delivered: rows.length, failed: 0, durations, isCut }
}

/** From the index of each state, which is small; the rows themselves hold whole orders. */
async function countReceived(db: Kysely<Tables>, from: number, to: number, most: number) {
  const [first, ...others] = messageStates
    .filter((state) => state !== 'rejected')
    .map((state) =>
      db
        .selectFrom(
          db
            .selectFrom('messages')
            .select('id')
            .where('state', '=', state)
            .where('id', '>=', earliestId(from))
            .where('id', '<', earliestId(to))
            .limit(most)
            .as(state),
        )
        .select(({ fn }) => fn.countAll<number | string>().as('count')),
    )
  if (!first) return 0
  const rows = await others.reduce((all, each) => all.unionAll(each), first).execute()
  return rows.reduce((sum, { count }) => sum + Number(count), 0)
}
