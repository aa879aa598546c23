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

/** A page of messages, newest first. `next` is the cursor of the page after it, null on the last one. */
export async function listMessages(db: Kysely<Tables>, { cursor, limit, state, reason }: Page) {
  let query = db
    .selectFrom('messages')
    .select(listed)
    .orderBy('id', 'desc')
    .limit(limit + 1)
  if (state) query = query.where('state', '=', state)
  // What is delivered has no reason, and is most of the table.
  if (reason) query = query.where('reason', '=', reason).where('state', 'in', waitingStates)
  if (cursor) query = query.where('id', '<', cursor)
  const rows: ListedMessage[] = await query.execute()
  const messages = rows.slice(0, limit)
  return { messages, next: rows.length > limit ? (messages.at(-1)?.id ?? null) : null }
}

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
