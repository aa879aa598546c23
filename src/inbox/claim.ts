import type { Kysely, Transaction } from 'kysely'
import type { Tables } from '../database/tables.ts'
import type { Claim, Outcome, Reason, Warning } from './message.ts'
import type { StepName } from './steps.ts'

/**
 * Takes up to `limit` due messages of an account, the longest due first, and holds them for `lease` ms.
 * Two processes never get the same one: whoever counts the attempt up has it.
 */
export async function claim(
  db: Kysely<Tables>,
  { account, now, lease, limit }: { account: string; now: number; lease: number; limit: number },
) {
  const due = await db
    .selectFrom('messages')
    .select(['id', 'attempts'])
    .where('account', '=', account)
    .where('state', '=', 'pending')
    .where('next_attempt_at', '<=', now)
    .orderBy('next_attempt_at')
    .orderBy('id')
    .limit(limit)
    .execute()

  const claims: Claim[] = []
  for (const { id, attempts } of due) {
    const taken = await db.transaction().execute((transaction) => take(transaction, id, attempts, now, lease))
    if (taken) claims.push(taken)
  }
  return claims
}

async function take(
  db: Transaction<Tables>,
  id: string,
  attempts: number,
  now: number,
  lease: number,
): Promise<Claim | null> {
  const { numUpdatedRows } = await db
    .updateTable('messages')
    .set({ attempts: attempts + 1, lease_until: now + lease, next_attempt_at: now + lease })
    .where('id', '=', id)
    .where('attempts', '=', attempts)
    .where('state', '=', 'pending')
    .executeTakeFirstOrThrow()
  if (numUpdatedRows === 0n) return null

  await db
    .insertInto('attempts')
    .values({ message_id: id, number: attempts + 1, started_at: now })
    .execute()
  const row = await db.selectFrom('messages').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
  const begun = await db.selectFrom('steps').select('name').distinct().where('message_id', '=', id).execute()
  const isBegun = (step: StepName) => begun.some(({ name }) => name === step)
  const { unfinished } = await db
    .selectFrom('attempts')
    .select(({ fn }) => fn.countAll<number | string>().as('unfinished'))
    .where('message_id', '=', id)
    .where('number', '>', row.attempts_before)
    .where('number', '<=', attempts)
    .where('finished_at', 'is', null)
    .executeTakeFirstOrThrow()
  return {
    id,
    attempt: attempts + 1,
    tryNumber: attempts + 1 - row.attempts_before,
    source: row.source,
    receivedAt: row.received_at,
    contentType: row.content_type,
    body: Buffer.from(row.body),
    leadRequestAt: row.lead_request_at,
    leadId: row.lead_id,
    productsLinkedAt: row.products_linked_at,
    noteId: row.note_id,
    contactId: row.contact_id,
    companyId: row.company_id,
    cardsRequestAt: row.cards_request_at,
    productsRequested: isBegun('products'),
    noteRequested: isBegun('note'),
    warnings: row.warnings === null ? [] : JSON.parse(row.warnings),
    deaths: Number(unfinished),
  }
}

/** Holds a claim until that moment. False when somebody else has it by now. */
export async function renew(db: Kysely<Tables>, { id, attempt }: Claim, until: number) {
  const { numUpdatedRows } = await held(db, id, attempt)
    .set({ lease_until: until, next_attempt_at: until })
    .executeTakeFirstOrThrow()
  return numUpdatedRows === 1n
}

export interface Progress {
  lead_request_at?: number | null
  lead_id?: number
  products_linked_at?: number
  note_id?: number
  contact_id?: number
  company_id?: number
  cards_request_at?: number | null
  warnings?: Warning[]
  form?: string
  order_number?: string | null
  partner_id?: string | null
  phone_digits?: string | null
  email?: string | null
}

/** Records what an attempt has reached or learnt. False, and nothing written, when the claim is lost. */
export async function record(db: Kysely<Tables>, { id, attempt }: Claim, { warnings, ...progress }: Progress) {
  const { numUpdatedRows } = await held(db, id, attempt)
    .set({ ...progress, ...(warnings ? { warnings: JSON.stringify(warnings) } : {}) })
    .executeTakeFirstOrThrow()
  return numUpdatedRows === 1n
}

/** Ends an attempt. False, and nothing written, when the claim is lost. */
export async function settle(db: Kysely<Tables>, { id, attempt }: Claim, outcome: Outcome, now: number) {
  const failure =
    outcome.kind === 'delivered' ? { reason: null, error: null } : { reason: outcome.reason, error: outcome.error }
  const uncounted = outcome.kind === 'retry' && outcome.isUntried ? 1 : 0
  return db.transaction().execute(async (transaction) => {
    const { numUpdatedRows } = await held(transaction, id, attempt)
      .set((row) => ({
        attempts_before: row('attempts_before', '+', uncounted),
        state: outcome.kind === 'retry' ? 'pending' : outcome.kind,
        next_attempt_at: outcome.kind === 'retry' ? outcome.at : null,
        lease_until: null,
        ...failure,
      }))
      .executeTakeFirstOrThrow()
    if (numUpdatedRows === 0n) return false
    await transaction
      .updateTable('attempts')
      .set({ finished_at: now, outcome: outcome.kind, ...failure })
      .where('message_id', '=', id)
      .where('number', '=', attempt)
      .execute()
    return true
  })
}

/**
 * Puts a message that was given up, held or postponed at the head of the queue, with all its tries before it.
 * False when it is delivered, at work or unknown.
 */
export async function redeliver(db: Kysely<Tables>, id: string, now: number) {
  const { numUpdatedRows } = await db
    .updateTable('messages')
    .set((row) => ({ state: 'pending', next_attempt_at: now, attempts_before: row.ref('attempts') }))
    .where('id', '=', id)
    .where('state', 'in', ['pending', 'held', 'dead'])
    .where('lease_until', 'is', null)
    .executeTakeFirstOrThrow()
  return numUpdatedRows === 1n
}

/** Marks what is due as waiting for the connection. */
export async function holdDue(db: Kysely<Tables>, account: string, reason: Reason, now: number) {
  await db
    .updateTable('messages')
    .set({ state: 'held', next_attempt_at: null, lease_until: null, reason, error: null })
    .where('account', '=', account)
    .where('state', '=', 'pending')
    .where('next_attempt_at', '<=', now)
    .execute()
}

/** Sends on what had to wait for the connection, with all its tries before it. False when nothing waited. */
export async function releaseHeld(db: Kysely<Tables>, account: string, now: number) {
  const { numUpdatedRows } = await db
    .updateTable('messages')
    .set((row) => ({
      state: 'pending',
      next_attempt_at: now,
      attempts_before: row.ref('attempts'),
      reason: null,
      error: null,
    }))
    .where('account', '=', account)
    .where('state', '=', 'held')
    .executeTakeFirstOrThrow()
  return numUpdatedRows > 0n
}

/** A row as its holder may write to it. */
function held(db: Kysely<Tables>, id: string, attempt: number) {
  return db.updateTable('messages').where('id', '=', id).where('attempts', '=', attempt).where('state', '=', 'pending')
}
