import { type Kysely, sql } from 'kysely'
import { type MessageState, messageStates, type Tables } from '../database/tables.ts'
import { conditionsOf, type Direction, type Filter, type Span } from './filter.ts'
import { waitingStates } from './redelivery.ts'
import type { Place } from './search.ts'

/** Entries of an index that stand one behind the other in the order of their ids. */
interface Lane {
  column: 'state' | 'reason'
  value: string
}

/** Those whose entries make up all that a filter may mean. */
function lanesOf({ state, retrying, unread, waiting, leadless, reason }: Filter): Lane[] {
  if (reason) return [{ column: 'reason', value: reason }]
  const states: readonly MessageState[] = state
    ? [state]
    : retrying
      ? ['pending']
      : unread || waiting || leadless
        ? waitingStates
        : orderStates
  return states.map((value) => ({ column: 'state', value }))
}

const orderStates = messageStates.filter((state) => state !== 'rejected')

/** Whether every entry of its lanes is meant. */
export function isWholeLanes({ state, retrying, source, form, unread, waiting, leadless, reason }: Filter) {
  const isNarrowed = retrying || unread || leadless || source !== undefined || form !== undefined
  return !isNarrowed && !(state && reason) && !(waiting && (state || reason))
}

/** Ids of what is meant, without any row being read. */
export async function idsInLanes(db: Kysely<Tables>, filter: Filter, place: Place): Promise<string[]> {
  const rows = await inLanes(db, filter, place).execute()
  return rows.map(({ id }) => id)
}

export function inLanes(db: Kysely<Tables>, filter: Filter, { span, direction, limit }: Place) {
  const inLane = ({ column, value }: Lane) =>
    entries(db, column, value, span, direction)
      .where((is) => is.and(isWholeLanes(filter) ? [] : conditionsOf(filter)(is)))
      .limit(limit)
  return together(db, lanesOf(filter).map(inLane)).orderBy('id', direction).limit(limit)
}

/** The id up to which no lane has more than `look` entries; null when there are none beyond. */
export async function boundAfter(
  db: Kysely<Tables>,
  filter: Filter,
  look: number,
  { span, direction }: Omit<Place, 'limit'>,
) {
  const lastLookedAt = ({ column, value }: Lane) =>
    entries(db, column, value, span, direction)
      .offset(look - 1)
      .limit(1)
  const bound = await together(db, lanesOf(filter).map(lastLookedAt))
    .orderBy('id', direction)
    .limit(1)
    .executeTakeFirst()
  return bound?.id ?? null
}

function entries(db: Kysely<Tables>, column: Lane['column'], value: string, span: Span, direction: Direction) {
  return db
    .selectFrom(messagesBy(column === 'state' ? 'messages_by_state' : 'messages_by_reason'))
    .select('id')
    .where(column, '=', value as MessageState)
    .where('id', '>=', span.floor)
    .where('id', '<', span.ceiling)
    .orderBy('id', direction)
}

/** SQLite chooses well by itself and takes the hint for a comment; MariaDB would rather read rows, or too many entries. */
export function messagesBy(index: 'messages_by_state' | 'messages_by_reason' | 'primary') {
  return sql`messages`.as(sql`messages /*! force index (${sql.id(index)}) */`) as unknown as 'messages'
}

type Entries = ReturnType<typeof entries>

function together(db: Kysely<Tables>, queries: Entries[]) {
  const [first, ...rest] = queries.map((query, index) => db.selectFrom(query.as(`lane${index}`)).select('id'))
  if (!first) throw new Error('no lane')
  return rest.reduce((all, each) => all.unionAll(each), first)
}
