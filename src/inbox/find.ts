import type { Kysely } from 'kysely'
import type { Tables } from '../database/tables.ts'
import { beyond, conditionsOf, type Filter, isOfPartner, spanUpTo } from './filter.ts'
import { findByPartner, findByText, type Place } from './search.ts'
import { boundAfter, idsInLanes, inLanes, isWholeLanes, messagesBy } from './walk.ts'

export interface Found {
  /** In their order. */
  ids: string[]
  /** Cursor of what is behind them; null where that is nothing. */
  next: string | null
  /**
   * It gave up looking after so many that were not meant, and there may be more. `next` goes on from there;
   * where that is null, too many begin with the text that is searched for, and only a longer one finds more.
   */
  isPartial?: true
}

/** So many entries of an index are looked at, few at first, for most find what they want there; then more as long as there is time. */
const firstLooks = [1000, 4000]
const nextLooks = 5_000
/** Ms. */
const timeForLooks = 10
const longestCount = 10_000
/** Of those that a text or a partner finds, so many rows are looked at. */
const mostCandidates = 2000
const candidatesAtOnce = 500

/** A page of what is meant. */
export async function find(db: Kysely<Tables>, filter: Filter, place: Place): Promise<Found> {
  return isByKey(filter) ? findByKey(db, filter, place) : findInLanes(db, filter, place)
}

/** Counts no further than `place.limit`. */
export async function countFound(db: Kysely<Tables>, filter: Filter, place: Place) {
  if (isByKey(filter)) return (await findByKey(db, filter, place)).ids.length
  const bound = isWholeLanes(filter) ? null : await boundAfter(db, filter, longestCount, place)
  const span = bound ? spanUpTo(place, bound) : place.span
  const { count } = await db
    .selectFrom(inLanes(db, filter, { ...place, span }).as('counted'))
    .select(({ fn }) => fn.countAll<number | string>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(count)
}

function isByKey({ text, partner }: Filter) {
  return Boolean(text?.trim()) || partner !== undefined
}

async function findInLanes(db: Kysely<Tables>, filter: Filter, place: Place): Promise<Found> {
  const { limit, direction } = place
  if (isWholeLanes(filter)) return pageOf(await idsInLanes(db, filter, { ...place, limit: limit + 1 }), limit)
  const ids: string[] = []
  let { span } = place
  const end = performance.now() + timeForLooks
  for (let looked = 0; ; looked++) {
    const bound = await boundAfter(db, filter, firstLooks[looked] ?? nextLooks, { span, direction })
    const near = bound ? spanUpTo({ span, direction }, bound) : span
    ids.push(...(await idsInLanes(db, filter, { span: near, direction, limit: limit + 1 - ids.length })))
    if (ids.length > limit || !bound) return pageOf(ids, limit)
    if (looked >= firstLooks.length && performance.now() > end) return { ids, next: bound, isPartial: true }
    span = beyond(span, bound, direction)
  }
}

async function findByKey(db: Kysely<Tables>, filter: Filter, place: Place): Promise<Found> {
  const { limit } = place
  const { text, partner } = filter
  const isOfState = filter.state || filter.waiting || filter.reason
  const isAll = isWholeLanes(filter) && !isOfState && !(text?.trim() && partner !== undefined)
  const most = isAll ? limit : mostCandidates
  const candidates = text?.trim()
    ? await findByText(db, filter, { ...place, limit: most + 1 })
    : await findByPartner(db, partner ?? '', { ...place, limit: most + 1 })
  const { ids, next } = pageOf(candidates.ids, most)
  const isCut = candidates.isCut ? { isPartial: true as const } : {}
  if (isAll) return { ids, next, ...isCut }
  const meant = await meantAmong(db, filter, ids, limit + 1)
  if (meant.length > limit || !next) return { ...pageOf(meant, limit), ...isCut }
  return { ids: meant, next, isPartial: true }
}

/** The first of these ids that are meant. */
async function meantAmong(db: Kysely<Tables>, filter: Filter, ids: string[], limit: number) {
  const meant: string[] = []
  for (let from = 0; from < ids.length && meant.length < limit; from += candidatesAtOnce) {
    const some = ids.slice(from, from + candidatesAtOnce)
    const rows = await db
      .selectFrom(messagesBy('primary'))
      .select('id')
      .where('id', 'in', some)
      .where((is) => is.and(conditionsOf(filter)(is)))
      .where((is) => is.and(filter.partner === undefined ? [] : [isOfPartner(filter.partner)(is)]))
      .execute()
    const found = new Set(rows.map(({ id }) => id))
    meant.push(...some.filter((id) => found.has(id)))
  }
  return meant.slice(0, limit)
}

function pageOf(ids: string[], limit: number): Found {
  return { ids: ids.slice(0, limit), next: ids.length > limit ? (ids[limit - 1] ?? null) : null }
}
