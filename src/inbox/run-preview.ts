import type { Kysely } from 'kysely'
import type { Tables } from '../database/tables.ts'
import type { Admitting } from './accept-refused.ts'
import type { Filter } from './filter.ts'
import type { Listed, Page } from './list.ts'
import { findMeant, lanesOf, type Position, readFated, type Scope, type Skip, skipOf, skips } from './run-scope.ts'

/** What a run would do. Each number is counted no further than `mostPreviewed`. */
interface Preview {
  total: number
  sendable: Record<'dead' | 'held' | 'pending' | 'rejected', number>
  leftOut: Partial<Record<Skip, number>>
  /** Whether there are more than were counted. */
  isMore: boolean
}

interface PreviewOptions {
  db: Kysely<Tables>
  account: string
  list: (page: Page) => Promise<Listed>
  count: (filter: Filter, most: number) => Promise<number>
  admitting: Admitting
  /** Unix ms. */
  now: number
}

export const mostPreviewed = 10_000
/** Few enough for each to be looked at: of those that have failed, some may go out just now. */
const fewLookedAt = 2000
const chunk = 500

export async function previewOf(options: PreviewOptions, scope: Scope): Promise<Preview> {
  // Without a cause, the database counts.
  return 'filter' in scope && scope.cause === undefined ? countMatching(options, scope.filter) : lookAt(options, scope)
}

/** Looks at each of them. */
async function lookAt({ db, account, list, now }: PreviewOptions, scope: Scope): Promise<Preview> {
  const preview = nothing()
  let position: Position | null = { lane: 0 }
  let seen = 0
  while (position !== null && seen < mostPreviewed) {
    const { ids, next }: Awaited<ReturnType<typeof findMeant>> = await findMeant(
      { db, account, list, scope, before: now + 1 },
      position,
      chunk,
    )
    for (const message of await readFated(db, account, ids)) {
      const skip = skipOf(message, now)
      if (skip) preview.leftOut[skip] = (preview.leftOut[skip] ?? 0) + 1
      else preview.sendable[message.state === 'delivered' ? 'dead' : message.state] += 1
    }
    preview.total += ids.length
    position = next
    seen += chunk
  }
  return { ...preview, isMore: position !== null }
}

async function countMatching(options: PreviewOptions, filter: Filter): Promise<Preview> {
  const { count } = options
  const preview = nothing()
  for (const lane of lanesOf(filter)) {
    const { state } = lane
    if (!state || state === 'delivered') continue
    let sendable = await count(lane, mostPreviewed + 1)
    if (state === 'pending' && sendable <= fewLookedAt) {
      add(preview, await lookAt(options, { filter: lane }))
      continue
    }
    preview.total += sendable
    if (sendable > mostPreviewed) preview.isMore = true
    for (const reason of state === 'dead' ? (['unknown_outcome', 'conflict'] as const) : []) {
      if (filter.reason !== undefined && filter.reason !== reason) continue
      const left = await count({ ...lane, reason }, mostPreviewed + 1)
      preview.leftOut[reason] = left
      sendable = Math.max(0, sendable - left)
    }
    preview.sendable[state] = sendable
  }
  const isAsked = (filter.state === undefined || filter.state === 'delivered') && filter.reason === undefined
  const delivered = isAsked ? await count({ ...filter, state: 'delivered' }, mostPreviewed + 1) : 0
  const waiting = await countWaiting(count, filter)
  add(preview, { ...nothing(), total: delivered + waiting, leftOut: { delivered, in_queue: waiting } })
  return preview
}

function add(preview: Preview, more: Preview) {
  preview.total += more.total
  preview.isMore ||= more.isMore
  preview.sendable.pending += more.sendable.pending
  for (const skip of skips) {
    const left = (preview.leftOut[skip] ?? 0) + (more.leftOut[skip] ?? 0)
    if (left > 0) preview.leftOut[skip] = left
  }
}

/** Those that go out by themselves: new ones, and what is at work. */
async function countWaiting(count: PreviewOptions['count'], filter: Filter) {
  if ((filter.state ?? 'pending') !== 'pending' || filter.retrying || filter.reason !== undefined) return 0
  const pending = await count({ ...filter, state: 'pending' }, mostPreviewed + 1)
  return Math.max(0, pending - (await count({ ...filter, state: 'pending', retrying: true }, mostPreviewed + 1)))
}

function nothing(): Preview {
  return { total: 0, sendable: { dead: 0, held: 0, pending: 0, rejected: 0 }, leftOut: {}, isMore: false }
}
