import type { Kysely, Selectable, Transaction } from 'kysely'
import { isUniqueViolation } from '../database/open.ts'
import type { Tables } from '../database/tables.ts'
import { inTransaction } from '../database/transaction.ts'
import { type Inbound, isConflict, isOver, pastKey, setKeyFree } from './accept.ts'
import type { RefusalReason } from './message.ts'

/** Refused for who sent it or how it is written, and not for being no order: a person may take it for one all the same. */
export const acceptableReasons = [
  'unauthorized',
  'bad_signature',
  'address_not_allowed',
  'rate_limited',
  'unsupported_type',
  'invalid',
] as const satisfies RefusalReason[]
export type AcceptableReason = (typeof acceptableReasons)[number]

export type RefusedMessage = Selectable<Tables['messages']>
export type ReceivedRequest = Pick<RefusedMessage, 'source' | 'content_type' | 'headers' | 'body' | 'truncated'> &
  Partial<Pick<RefusedMessage, 'format'>>

/** What a refused request would have been stored as, had it been let in. */
export type Admission = Pick<
  Required<Inbound>,
  'source' | 'contentType' | 'body' | 'bodyDigest' | 'dedupeKey' | 'dedupeWindow'
>

/** How the intake would have read refused requests. */
export interface Admitting {
  /** Ids of the sources that an order may belong to. */
  sources: string[]
  /** Null for what cannot be read as an order. Without a source that exists: the one it came by, else the first. */
  read: (refused: ReceivedRequest, source?: string) => Admission | null
}

type Acceptance =
  | { kind: 'accepted' }
  /** Somebody was quicker. */
  | { kind: 'gone' }
  /** Nothing was done: the same order is there, or one with the same id from its sender. */
  | { kind: 'known'; original: string; differs: boolean }

export function isAcceptable({ state, reason, truncated }: Pick<RefusedMessage, 'state' | 'reason' | 'truncated'>) {
  return state === 'rejected' && !truncated && acceptableReasons.some((each) => each === reason)
}

/**
 * Makes an order of a refused request, due at once.
 * @param apart whether it is an order of its own although it is known already
 */
export async function acceptRefused(
  db: Kysely<Tables>,
  refused: RefusedMessage,
  admission: Admission,
  apart: boolean,
): Promise<Acceptance> {
  for (;;) {
    try {
      return await inTransaction(db, (transaction) => admit(transaction, refused, admission, apart))
    } catch (error) {
      // The same order has just come in.
      if (!isUniqueViolation(error)) throw error
    }
  }
}

export async function admit(
  db: Transaction<Tables>,
  { id, received_at: receivedAt }: RefusedMessage,
  admission: Admission,
  apart: boolean,
): Promise<Acceptance> {
  const arrival = { ...admission, receivedAt }
  // Somebody may just have accepted it.
  const alike = (await findWithKey(db, admission)).filter((each) => each.id !== id)
  const near = alike.filter((each) => !isOver(each, arrival))
  const known = near.find((each) => !isConflict(each, arrival)) ?? near[0]
  if (known && !apart) return { kind: 'known', original: known.id, differs: isConflict(known, arrival) }
  const holder = alike.find(({ dedupeKey }) => dedupeKey === admission.dedupeKey)
  const isLast = !known && (!holder || holder.receivedAt <= receivedAt)
  if (isLast && holder) await setKeyFree(db, holder, admission)
  const { numUpdatedRows } = await db
    .updateTable('messages')
    .set({
      source: admission.source,
      dedupe_key: isLast ? admission.dedupeKey : pastKey(admission, id),
      body_digest: admission.bodyDigest,
      original_id: known?.id ?? null,
      content_type: admission.contentType,
      body: admission.body,
      state: 'pending',
      reason: null,
      error: null,
      next_attempt_at: 0,
    })
    .where('id', '=', id)
    .where('state', '=', 'rejected')
    .executeTakeFirstOrThrow()
  return { kind: numUpdatedRows === 1n ? 'accepted' : 'gone' }
}

/** Who has this key or has had it: a range of the index `messages_same_order`. */
async function findWithKey(db: Transaction<Tables>, { source, dedupeKey }: Admission) {
  // Changes nothing, but has another one wait who is about to do the same, where transactions run side by side.
  await db
    .updateTable('messages')
    .set(({ ref }) => ({ dedupe_key: ref('dedupe_key') }))
    .where('source', '=', source)
    .where('dedupe_key', '=', dedupeKey)
    .execute()
  return db
    .selectFrom('messages')
    .select(['id', 'received_at as receivedAt', 'dedupe_key as dedupeKey', 'body_digest as bodyDigest'])
    .where('source', '=', source)
    .where('dedupe_key', '>=', dedupeKey)
    .where('dedupe_key', '<', `${dedupeKey};`)
    .orderBy('dedupe_key')
    .execute()
}

export interface RefusedAlike {
  account: string
  reason: AcceptableReason
  /** That those shall belong to which came by none. */
  source?: string | undefined
}

/** Accepts all that were refused for this reason, the oldest first, but those that are known or cannot be read. Gives how many. */
export async function acceptAllRefused(
  db: Kysely<Tables>,
  { account, reason, source }: RefusedAlike,
  { read, sources }: Admitting,
) {
  const rows = await refusedFor(db, reason).select('id').orderBy('id').execute()
  let accepted = 0
  for (const { id } of rows) {
    const refused = await db.selectFrom('messages').selectAll().where('id', '=', id).executeTakeFirst()
    if (!refused || !isAcceptable(refused) || refused.account !== account) continue
    const admission = read(refused, sources.includes(refused.source) ? refused.source : source)
    if (!admission) continue
    const { kind } = await acceptRefused(db, refused, admission, false)
    if (kind === 'accepted') accepted += 1
  }
  return accepted
}

/** How many `acceptAllRefused` would look at. */
export async function countRefusedFor(db: Kysely<Tables>, reason: AcceptableReason) {
  const { count } = await refusedFor(db, reason)
    .select(({ fn }) => fn.countAll<number | string>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** Nothing else has such a reason, so that an index tells. */
function refusedFor(db: Kysely<Tables>, reason: AcceptableReason) {
  return db.selectFrom('messages').where('reason', '=', reason)
}
