import { type Kysely, sql, type Transaction, type UpdateObject } from 'kysely'
import type { Tables } from '../database/tables.ts'
import { inTransaction } from '../database/transaction.ts'
import type { Claim, Outcome, Warning } from './message.ts'
import { deleteKeys, type Searchable, writeKeys } from './search-keys.ts'
import { type StepRecord, writeSteps } from './steps.ts'
import { countFailure } from './tally.ts'

/** What an attempt has reached or learnt. */
export interface Progress {
  lead_request_at?: number | null
  lead_marked?: 0 | 1
  lead_id?: number
  products_linked_at?: number
  products_check_at?: number | null
  products_expected?: number
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
  total?: number | null
}

export interface Entry {
  claim: Claim
  progress?: Progress
  steps?: StepRecord[]
}

/** Holds claims until that moment, in one commit. */
export async function renew(db: Kysely<Tables>, claims: Claim[], until: number) {
  if (claims.length === 0) return
  await db
    .updateTable('messages')
    .set({ lease_until: until, next_attempt_at: until })
    .where(
      'id',
      'in',
      claims.map(({ id }) => id),
    )
    .where(({ and, or }) => or(claims.map(({ id, attempt }) => and({ id, attempts: attempt }))))
    .where('state', '=', 'pending')
    .where('lease_until', 'is not', null)
    .execute()
}

/** Leaves it to whatever is recorded next of the claim: what comes soon, and can be found out again if it does not. */
export function recordLater({ claim: { unrecorded }, progress, steps = [] }: Entry) {
  Object.assign(unrecorded.progress, progress)
  unrecorded.steps.push(...steps)
}

/** Records what attempts have reached and renews their claims, in one commit. Gives the claims that are lost: of them nothing is written. */
export async function record(db: Kysely<Tables>, entries: Entry[], until: number): Promise<Set<Claim>> {
  for (const entry of entries) recordLater(entry)
  return writeHeld(db, entries, () => ({ lease_until: until, next_attempt_at: until }))
}

/** Ends attempts, in one commit. Gives the claims that are lost: of them nothing is written. */
export async function settle(
  db: Kysely<Tables>,
  settlements: { claim: Claim; outcome: Outcome }[],
  now: number,
): Promise<Set<Claim>> {
  return writeHeld(
    db,
    settlements,
    ({ claim, outcome }) => ({
      state: outcome.kind === 'retry' ? 'pending' : outcome.kind,
      next_attempt_at: outcome.kind === 'retry' ? outcome.at : null,
      lease_until: null,
      ...(outcome.kind === 'delivered' ? { delivered_at: sql<number>`coalesce(delivered_at, ${now})` } : {}),
      ...(outcome.kind === 'retry' && outcome.isUntried
        ? { attempts_before: claim.attempt - claim.tryNumber + 1 }
        : {}),
      ...failureOf(outcome),
    }),
    async (transaction, { claim, outcome }) => {
      await transaction
        .updateTable('attempts')
        .set({ finished_at: now, outcome: outcome.kind, ...failureOf(outcome) })
        .where('message_id', '=', claim.id)
        .where('number', '=', claim.attempt)
        .execute()
      if (outcome.kind === 'dead') await countFailure(transaction, now)
    },
  )
}

function failureOf(outcome: Outcome) {
  return outcome.kind === 'delivered' ? { reason: null, error: null } : { reason: outcome.reason, error: outcome.error }
}

/** Writes to rows that are still held, with what was left to be recorded later. */
async function writeHeld<Item extends { claim: Claim }>(
  db: Kysely<Tables>,
  items: Item[],
  columnsOf: (item: Item) => UpdateObject<Tables, 'messages'>,
  writeMore: (transaction: Transaction<Tables>, item: Item) => Promise<void> = async () => {},
) {
  const lost = new Set<Claim>()
  if (items.length === 0) return lost
  // All processes lock rows in the same order.
  const inOrder = items.toSorted((a, b) => (a.claim.id < b.claim.id ? -1 : 1))
  await inTransaction(db, async (transaction) => {
    lost.clear()
    const found: Found[] = []
    const before = await readBefore(transaction, inOrder)
    for (const item of inOrder) {
      const { claim } = item
      const { progress, steps } = claim.unrecorded
      const { warnings, ...columns } = progress
      const { numUpdatedRows } = await held(transaction, claim)
        .set({ ...columns, ...(warnings && { warnings: JSON.stringify(warnings) }), ...columnsOf(item) })
        .executeTakeFirstOrThrow()
      if (numUpdatedRows === 0n) {
        lost.add(claim)
        continue
      }
      found.push({ ...progress, id: claim.id })
      await writeSteps(transaction, claim, steps)
      await writeMore(transaction, item)
    }
    await deleteKeys(
      transaction,
      found.map((reading) => outdated(before, reading)),
    )
    await writeKeys(transaction, found)
  })
  for (const { claim } of items) claim.unrecorded = { progress: {}, steps: [] }
  return lost
}

type Found = { id: string } & Searchable

const readColumns = ['order_number', 'partner_id', 'phone_digits', 'email'] as const

/** What was read before of those that have been read again. */
async function readBefore(db: Kysely<Tables>, items: { claim: Claim }[]) {
  const ids = items.flatMap(({ claim }) =>
    readColumns.some((name) => name in claim.unrecorded.progress) ? [claim.id] : [],
  )
  if (ids.length === 0) return new Map<string, Found>()
  const rows = await db
    .selectFrom('messages')
    .select(['id', ...readColumns])
    .where('id', 'in', ids)
    .execute()
  return new Map<string, Found>(rows.map((row) => [row.id, row]))
}

/** By rules that have changed since, it is not found by these any more. */
function outdated(before: Map<string, Found>, reading: Found): Found {
  const known = before.get(reading.id)
  const changed = readColumns.filter((name) => reading[name] !== undefined && reading[name] !== known?.[name])
  return { id: reading.id, ...Object.fromEntries(changed.map((name) => [name, known?.[name]])) }
}

/** A row as its holder may write to it. */
function held(db: Kysely<Tables>, { id, attempt }: Claim) {
  return db
    .updateTable('messages')
    .where('id', '=', id)
    .where('attempts', '=', attempt)
    .where('state', '=', 'pending')
    .where('lease_until', 'is not', null)
}
