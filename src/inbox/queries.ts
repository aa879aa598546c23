import type { Kysely, Selectable } from 'kysely'
import type { MessageState, Tables } from '../database/tables.ts'
import type { Reason } from './message.ts'
import { waitingStates } from './redelivery.ts'

/** What the list shows of a message: everything but its payload. */
const listed = [
  'id',
  'received_at',
  'source',
  'state',
  'reason',
  'order_number',
  'partner_id',
  'lead_id',
  'attempts',
  'next_attempt_at',
  'duplicates',
  'duplicated_at',
  'original_id',
  'address',
  'warnings',
] as const

export type ListedMessage = Pick<Selectable<Tables['messages']>, (typeof listed)[number]>
export type StoredMessage = Selectable<Tables['messages']>
export type StoredStep = Selectable<Tables['steps']>
export type StoredAttempt = Selectable<Tables['attempts']> & { steps: StoredStep[] }

interface Page {
  cursor?: string | undefined
  limit: number
  state?: MessageState | undefined
  reason?: Reason | undefined
}

/**
 * A page of messages, newest first; refused requests only where they are asked for.
 * `next` is the cursor of the page after it, null on the last one.
 */
export async function listMessages(db: Kysely<Tables>, page: Page) {
  const { cursor, limit, state, reason } = page
  let query = db
    .selectFrom('messages')
    .select(listed)
    .orderBy('id', 'desc')
    .limit(limit + 1)
  if (state) query = query.where('state', '=', state)
  else if (!reason) {
    const ids = await newestOrders(db, page)
    if (ids.length === 0) return { messages: [], next: null }
    query = query.where('id', 'in', ids)
  }
  // What is delivered has no reason, and is most of the table.
  if (reason) query = query.where('reason', '=', reason).where('state', 'in', [...waitingStates, 'rejected'])
  if (cursor) query = query.where('id', '<', cursor)
  const rows: ListedMessage[] = await query.execute()
  const messages = rows.slice(0, limit)
  return { messages, next: rows.length > limit ? (messages.at(-1)?.id ?? null) : null }
}

/** Ids. From the index of each state: thousands of refused requests, each with its large body, are not even passed over. */
async function newestOrders(db: Kysely<Tables>, { cursor, limit }: Page) {
  const newestOf = (state: MessageState) => {
    const query = db
      .selectFrom('messages')
      .select('id')
      .where('state', '=', state)
      .orderBy('id', 'desc')
      .limit(limit + 1)
    return db.selectFrom((cursor ? query.where('id', '<', cursor) : query).as(state)).select('id')
  }
  const rows = await newestOf('delivered')
    .unionAll(newestOf('pending'))
    .unionAll(newestOf('held'))
    .unionAll(newestOf('dead'))
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute()
  return rows.map(({ id }) => id)
}

export async function countRefused(db: Kysely<Tables>, since: number) {
  const { count } = await db
    .selectFrom('messages')
    .where('state', '=', 'rejected')
    .where('id', '>=', earliestId(since))
    .select(({ fn }) => fn.countAll<number | string>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** What the ids of all messages since then are not below: a UUIDv7 begins with its time. */
function earliestId(ms: number) {
  const time = ms.toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}`
}

/** Who came with the same id of its sender as one of these, but with another body; of each the oldest first. */
export async function findConflicts(db: Kysely<Tables>, ids: string[]) {
  if (ids.length === 0) return []
  return (
    db
      .selectFrom('messages')
      .select(['id', 'original_id', 'received_at', 'state'])
      .where('original_id', 'in', ids)
      // As they stand in their index: by id alone MariaDB would rather read the whole table.
      .orderBy('original_id')
      .orderBy('id')
      .limit(mostConflicts)
      .execute()
  )
}

/** More of them say nothing more. */
const mostConflicts = 100

export async function findMessage(db: Kysely<Tables>, id: string): Promise<StoredMessage | undefined> {
  return db.selectFrom('messages').selectAll().where('id', '=', id).executeTakeFirst()
}

/** The message that made a lead, or has taken one over. */
export async function findMessageOfLead(db: Kysely<Tables>, leadId: number) {
  return db.selectFrom('messages').select('id').where('lead_id', '=', leadId).executeTakeFirst()
}

/** The attempts of a message, latest first, with their steps in the order in which they were sent. */
export async function findAttempts(db: Kysely<Tables>, id: string): Promise<StoredAttempt[]> {
  const attempts = await db
    .selectFrom('attempts')
    .selectAll()
    .where('message_id', '=', id)
    .orderBy('number', 'desc')
    .execute()
  const steps = await db.selectFrom('steps').selectAll().where('message_id', '=', id).orderBy('ordinal').execute()
  const inOrder = steps.sort((one, other) => sentAt(one) - sentAt(other) || one.ordinal - other.ordinal)
  return attempts.map((attempt) => ({ ...attempt, steps: inOrder.filter((step) => step.attempt === attempt.number) }))
}

function sentAt({ state, sent_at, started_at }: StoredStep) {
  return state === 'planned' ? Number.MAX_SAFE_INTEGER : (sent_at ?? started_at)
}
