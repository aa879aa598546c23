import type { Kysely, Selectable } from 'kysely'
import type { Tables } from '../database/tables.ts'
import { beyond, type Filter, spanOf } from './filter.ts'
import { countFound, type Found, find } from './find.ts'

/** What the list shows of a message: everything but its payload. */
const listed = [
  'id',
  'received_at',
  'source',
  'form',
  'format',
  'state',
  'reason',
  'order_number',
  'partner_id',
  'phone_digits',
  'email',
  'total',
  'lead_id',
  'attempts',
  'next_attempt_at',
  'lease_until',
  'delivered_at',
  'duplicates',
  'duplicated_at',
  'original_id',
  'address',
  'warnings',
] as const

export type ListedMessage = Pick<Selectable<Tables['messages']>, (typeof listed)[number]>

export interface Page extends Filter {
  cursor?: string | undefined
  limit: number
  /** By the time when they came; else the newest come first. */
  order?: 'newest' | 'oldest' | undefined
}

export interface Listed extends Omit<Found, 'ids'> {
  messages: ListedMessage[]
}

/** A page of messages. Refused requests only where their state, a reason or a text is asked for. */
export async function listMessages(db: Kysely<Tables>, page: Page): Promise<Listed> {
  const direction = page.order === 'oldest' ? 'asc' : 'desc'
  const span = page.cursor ? beyond(spanOf(page), page.cursor, direction) : spanOf(page)
  const { ids, ...rest } = await find(db, page, { span, direction, limit: page.limit })
  return { messages: await readListed(db, ids), ...rest }
}

/** These, in this order, as they are now. */
export async function readListed(db: Kysely<Tables>, ids: string[]) {
  if (ids.length === 0) return []
  const rows: ListedMessage[] = await db.selectFrom('messages').select(listed).where('id', 'in', ids).execute()
  const byId = new Map(rows.map((row) => [row.id, row]))
  return ids.flatMap((id) => byId.get(id) ?? [])
}

/** How many there are, counted no further than `most`; of a rare kind among very many perhaps fewer. */
export function countMessages(db: Kysely<Tables>, filter: Filter, most: number) {
  return countFound(db, filter, { span: spanOf(filter), direction: 'desc', limit: most })
}

/** How many came after this message, counted no further than `most`. */
export function countNewer(db: Kysely<Tables>, filter: Filter, id: string, most: number) {
  return countFound(db, filter, { span: beyond(spanOf(filter), id, 'asc'), direction: 'desc', limit: most })
}
