import type { Kysely } from 'kysely'
import type { Tables } from '../database/tables.ts'
import { causeOf, isNamedByCrm } from './cause.ts'
import { closedReasons, type Reason, reasons } from './message.ts'

/** Orders that fail alike and are not delivered yet. */
export interface Problem {
  reason: Reason
  /** What the CRM named; null when it named nothing. */
  detail: string | null
  /** Orders; at least so many when `isMore`. */
  count: number
  isMore: boolean
  /** Unix ms, when its first and its last order came. */
  firstAt: number
  lastAt: number
  /** The newest of its orders. */
  samples: { id: string; order_number: string | null; received_at: number; state: string }[]
  /** What was said of the newest. */
  error: string | null
}

/** A delivered order has no reason, and a refused request one of its own. */
const orderReasons = reasons.filter((reason) => !closedReasons.some((closed) => closed === reason))
/** Of one reason, so many are looked at for what the CRM named. */
export const mostLookedAt = 1000
const mostCounted = 10_000
const mostSamples = 3

/** Those with most orders first. */
export async function findProblems(db: Kysely<Tables>): Promise<Problem[]> {
  const problems: Problem[] = []
  for (const reason of orderReasons) problems.push(...(await problemsOf(db, reason)))
  return problems.sort((one, other) => other.count - one.count || other.lastAt - one.lastAt)
}

/** How many orders have failed and are not delivered, counted no further than `most`. */
export async function countProblems(db: Kysely<Tables>, most: number) {
  const failed = db.selectFrom('messages').select('id').where('reason', 'in', orderReasons).limit(most)
  const { count } = await db
    .selectFrom(failed.as('failed'))
    .select(({ fn }) => fn.countAll<number | string>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(count)
}

async function problemsOf(db: Kysely<Tables>, reason: Reason): Promise<Problem[]> {
  const named = isNamedByCrm(reason)
  const rows = await db
    .selectFrom('messages')
    .select(['id', 'order_number', 'received_at', 'state', 'error'])
    .where('reason', '=', reason)
    .orderBy('id', 'desc')
    .limit(named ? mostLookedAt : mostSamples)
    .execute()
  if (rows.length === 0) return []
  if (named) {
    const groups = Map.groupBy(rows, ({ error }) => causeOf(reason, error).detail)
    const isMore = rows.length === mostLookedAt
    return [...groups].map(([detail, alike]) => ({
      ...problemOf(reason, alike),
      ...{ detail, count: alike.length, isMore },
      firstAt: alike.at(-1)?.received_at ?? 0,
    }))
  }
  const [count, first] = await Promise.all([countOf(db, reason), firstOf(db, reason)])
  const isMore = count > mostCounted
  return [{ ...problemOf(reason, rows), detail: null, count: Math.min(count, mostCounted), isMore, firstAt: first }]
}

function problemOf(reason: Reason, rows: (Problem['samples'][number] & { error: string | null })[]) {
  const samples = rows
    .slice(0, mostSamples)
    .map(({ id, order_number, received_at, state }) => ({ id, order_number, received_at, state }))
  return { reason, samples, lastAt: samples[0]?.received_at ?? 0, error: rows[0]?.error ?? null }
}

async function countOf(db: Kysely<Tables>, reason: Reason) {
  const ofReason = db.selectFrom('messages').select('id').where('reason', '=', reason)
  const { count } = await db
    .selectFrom(ofReason.limit(mostCounted + 1).as('counted'))
    .select(({ fn }) => fn.countAll<number | string>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(count)
}

async function firstOf(db: Kysely<Tables>, reason: Reason) {
  const first = await db
    .selectFrom('messages')
    .select('received_at')
    .where('reason', '=', reason)
    .orderBy('id')
    .limit(1)
    .executeTakeFirst()
  return first?.received_at ?? 0
}
