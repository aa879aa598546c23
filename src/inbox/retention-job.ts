import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Kysely } from 'kysely'
import { leaveDuty, takeDuty } from '../database/duties.ts'
import type { Database } from '../database/open.ts'
import type { Tables } from '../database/tables.ts'
import { timeOfId } from './message-id.ts'
import { moveTo, type RetentionTask, readRow, retentionTasks, type Sweep, sweepOf } from './retention.ts'

/** Days that are kept; null: for ever. */
export interface KeptDays {
  payloads: number | null
  rejected: number | null
  attempts: number | null
}

interface RetentionOptions {
  database: Pick<Database, 'db' | 'dialect'>
  /** Asked anew at each run. */
  kept: () => KeptDays
  log: Record<'info' | 'warn', (details: object, message: string) => void>
  /** Unix ms. */
  now: () => number
}

export const dayMs = 24 * 60 * 60_000
/** Ms. A process that died is followed by another one after this. */
const dutyMs = 15 * 60_000
/** Ms. So much a look may work, and the rest is left to the next one. */
const longestWork = 8 * 60_000
/** Whatever else grows without end. */
const keptAlways = { audit: 3 * 365, runs: 365, tallies: 400 } as const

/** Rows of one transaction. */
const rows = { first: 20, most: 250 }
/** Ms that it may take: node:sqlite keeps everybody waiting meanwhile, MySQL nobody but who wants the same rows. */
const batches = { sqlite: { shortest: 5, longest: 12 }, mysql: { shortest: 50, longest: 120 } }
const shortestPause = 20
/** Of the time at most every fourth moment is spent on it. */
const pauseFactor = 3

/**
 * The time by which age is told goes on by no more than this in one run: where a clock is set years ahead,
 * only what is nearly old is lost before somebody sees it.
 */
const farthestStep = 7 * dayMs

export type Retention = ReturnType<typeof createRetention>

/** Once a day, in one process of all, deletes what has been kept for long enough. */
export function createRetention({ database: { db, dialect }, kept, log, now }: RetentionOptions) {
  const batch = batches[dialect]
  const owner = randomUUID()
  let turnUntil = 0

  /** Goes on with the run that was begun, or begins one when the last is a day ago. */
  async function look(stop: AbortSignal) {
    if (!(await takeTurn())) return
    const clock = await readRow(db, 'clock')
    const begunAt = clock?.removed_at ?? null
    const isOver = begunAt === null || (clock?.ended_at ?? null) !== null
    // What began later than now did so by a wrong clock.
    if (begunAt !== null && isOver && begunAt <= now() && now() - begunAt < dayMs) return
    const time = isOver ? await beginRun(clock?.reached_at ?? null) : (clock?.reached_at ?? null)
    if (time !== null && !(await work(time, stop))) return
    await moveTo(db, 'clock', { ended_at: now() })
  }

  function daysOf(task: RetentionTask) {
    return { ...kept(), ...keptAlways }[task]
  }

  /** Every process but one leaves it to that. */
  async function keepTurn() {
    return performance.now() < turnUntil || takeTurn()
  }

  function takeTurn() {
    turnUntil = performance.now() + dutyMs / 5
    return takeDuty(db, { account: '*', duty: 'retention', owner, lasts: dutyMs }, now())
  }

  /** By which time age is told in this run; null before the first order has come. */
  async function beginRun(last: number | null) {
    const at = now()
    const time = trustedTime(at, last ?? (await newestReceived(db)))
    if (time !== null && time < at)
      log.warn(
        { days: Math.round((at - time) / dayMs) },
        'the clock is far ahead of what is known: what is kept for a time is deleted little by little',
      )
    await moveTo(db, 'clock', { reached_at: time, removed_at: at, ended_at: null })
    for (const task of retentionTasks) await moveTo(db, task, { ended_at: null })
    return time
  }

  /** False when there is more to do. */
  async function work(time: number, stop: AbortSignal) {
    const end = performance.now() + longestWork
    for (const task of retentionTasks) {
      const days = daysOf(task)
      if (days === null) continue
      for (const sweep of sweepOf(db, task, time - days * dayMs, now()))
        if (!(await sweepAll(task, sweep, { end, stop }))) return false
      await moveTo(db, task, { ended_at: now() })
    }
    return true
  }

  /** False when it was stopped, or has worked for long enough. */
  async function sweepAll(task: RetentionTask, sweep: Sweep, { end, stop }: { end: number; stop: AbortSignal }) {
    let limit = rows.first
    let total = 0
    let isDone = false
    while (!isDone && !stop.aborted && performance.now() < end && (await keepTurn())) {
      const start = performance.now()
      const { removed, isMore } = await sweep(limit)
      const took = performance.now() - start
      total += removed
      isDone = !isMore
      if (took > batch.longest) limit = Math.max(1, Math.floor(limit / 2))
      else if (took < batch.shortest) limit = Math.min(rows.most, limit * 2)
      if (isMore) await pause(Math.max(shortestPause, took * pauseFactor), stop)
    }
    if (total > 0) await count(task, total)
    return isDone
  }

  /** Of one run they add up. */
  async function count(task: RetentionTask, removed: number) {
    log.info({ task, removed }, 'what was old is deleted')
    const [before, clock] = await Promise.all([readRow(db, task), readRow(db, 'clock')])
    const isSameRun = (before?.removed_at ?? 0) >= (clock?.removed_at ?? 0)
    await moveTo(db, task, { removed: removed + (isSameRun ? (before?.removed ?? 0) : 0), removed_at: now() })
  }

  return {
    look,

    /** Leaves it to another process. */
    leave: () => leaveDuty(db, { account: '*', duty: 'retention', owner }),

    /** How long each kind is kept, and what was last deleted of it. */
    async standing() {
      const stored = await db.selectFrom('retention').selectAll().execute()
      const of = (task: string) => stored.find((row) => row.task === task)
      const clock = of('clock')
      const tasks = retentionTasks.map((task) => {
        const { removed = 0, removed_at: removedAt = null } = of(task) ?? {}
        return { task, days: daysOf(task), removed, removedAt }
      })
      const behind = clock?.reached_at && clock.removed_at ? clock.removed_at - clock.reached_at : 0
      return {
        tasks,
        ranAt: clock?.removed_at ?? null,
        isRunning: clock !== undefined && clock.ended_at === null,
        /** Days by which the clock was ahead of what was known. */
        daysAhead: Math.round(behind / dayMs),
      }
    },
  }
}

/** What of a clock can be believed. @param known unix ms, a time that has been before; null: there is none */
export function trustedTime(now: number, known: number | null) {
  return known === null ? null : Math.min(now, known + farthestStep)
}

function pause(ms: number, signal: AbortSignal) {
  return sleep(ms, undefined, { signal }).catch(() => {})
}

async function newestReceived(db: Kysely<Tables>) {
  const newest = await db.selectFrom('messages').select('id').orderBy('id', 'desc').limit(1).executeTakeFirst()
  return newest ? timeOfId(newest.id) : null
}
