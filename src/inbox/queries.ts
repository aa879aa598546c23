import type { Kysely, Selectable } from 'kysely'
import type { Tables } from '../database/tables.ts'
import { type Inbound, isOver } from './accept.ts'
import { earliestId } from './message-id.ts'
import { type SenderColumns, senderColumns } from './received.ts'

export type StoredMessage = Selectable<Tables['messages']> & SenderColumns
export type StoredStep = Selectable<Tables['steps']>
export type StoredAttempt = Selectable<Tables['attempts']> & { steps: StoredStep[] }

export async function countRefused(db: Kysely<Tables>, since: number) {
  const { count } = await db
    .selectFrom('messages')
    .where('state', '=', 'rejected')
    .where('id', '>=', earliestId(since))
    .select(({ fn }) => fn.countAll<number | string>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(count)
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
  return db
    .selectFrom('messages')
    .leftJoin('api_users', 'api_users.source', 'messages.source')
    .selectAll('messages')
    .select(senderColumns)
    .where('id', '=', id)
    .executeTakeFirst()
}

/** The message that another one with the same key would merely repeat. */
export async function findSameOrder(
  db: Kysely<Tables>,
  { source, dedupeKey, dedupeWindow }: Pick<Inbound, 'source' | 'dedupeKey' | 'dedupeWindow'>,
  now: number,
) {
  const found = await db
    .selectFrom('messages')
    .select(['id', 'received_at as receivedAt'])
    .where('source', '=', source)
    .where('dedupe_key', '=', dedupeKey)
    .executeTakeFirst()
  return found && !isOver(found, { dedupeWindow, receivedAt: now }) ? found : null
}

/** Its lead was closed. False when it was before, or is no test order. */
export async function testCleaned(db: Kysely<Tables>, id: string) {
  const { numUpdatedRows } = await db
    .updateTable('messages')
    .set({ test: 'cleaned' })
    .where('id', '=', id)
    .where('test', '=', 'sent')
    .executeTakeFirstOrThrow()
  return numUpdatedRows === 1n
}

/** The message that made a lead, or has taken one over. */
export async function findMessageOfLead(db: Kysely<Tables>, leadId: number) {
  return (
    db
      .selectFrom('search_keys')
      .innerJoin('messages', 'messages.id', 'search_keys.message_id')
      .select('messages.id')
      .where('search_keys.value', '=', String(leadId))
      .where('search_keys.kind', '=', 'lead')
      // It may have another one by now.
      .where('messages.lead_id', '=', leadId)
      .executeTakeFirst()
  )
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
