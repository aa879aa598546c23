import type { Kysely, Selectable } from 'kysely'
import type { MessageState, Tables } from '../database/tables.ts'

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
type StoredMessage = Selectable<Tables['messages']>
type StoredAttempt = Selectable<Tables['attempts']> & { steps: Selectable<Tables['steps']>[] }

/** A page of messages, newest first. `next` is the cursor of the page after it, null on the last one. */
export async function listMessages(
  db: Kysely<Tables>,
  { cursor, limit, state }: { cursor?: string | undefined; limit: number; state?: MessageState | undefined },
) {
  let query = db
    .selectFrom('messages')
    .select(listed)
    .orderBy('id', 'desc')
    .limit(limit + 1)
  if (state) query = query.where('state', '=', state)
  if (cursor) query = query.where('id', '<', cursor)
  const rows: ListedMessage[] = await query.execute()
  const messages = rows.slice(0, limit)
  return { messages, next: rows.length > limit ? (messages.at(-1)?.id ?? null) : null }
}

export async function findMessage(db: Kysely<Tables>, id: string): Promise<StoredMessage | undefined> {
  return db.selectFrom('messages').selectAll().where('id', '=', id).executeTakeFirst()
}

/** The attempts of a message with their steps, latest first. */
export async function findAttempts(db: Kysely<Tables>, id: string): Promise<StoredAttempt[]> {
  const attempts = await db
    .selectFrom('attempts')
    .selectAll()
    .where('message_id', '=', id)
    .orderBy('number', 'desc')
    .execute()
  const steps = await db.selectFrom('steps').selectAll().where('message_id', '=', id).orderBy('ordinal').execute()
  return attempts.map((attempt) => ({ ...attempt, steps: steps.filter((step) => step.attempt === attempt.number) }))
}
