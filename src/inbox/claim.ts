import type { Kysely, Selectable, Transaction } from 'kysely'
import type { Tables } from '../database/tables.ts'
import { inTransaction } from '../database/transaction.ts'
import type { Claim } from './message.ts'
import { receivedOf, type SenderColumns, senderColumns } from './received.ts'
import type { StepName } from './steps.ts'

const claimed = [
  'id',
  'source',
  'received_at',
  'content_type',
  'body',
  'attempts',
  'attempts_before',
  'next_attempt_at',
  'edition',
  'lead_request_at',
  'lead_marked',
  'lead_id',
  'products_linked_at',
  'note_id',
  'contact_id',
  'company_id',
  'cards_request_at',
  'warnings',
  'test',
  'format',
  'order_number',
] as const
type Row = Pick<Selectable<Tables['messages']>, (typeof claimed)[number]> & SenderColumns

interface ClaimOptions {
  account: string
  /** Unix ms. */
  now: number
  /** Ms for which they are held. */
  lease: number
  limit: number
  /** Whether the process has others at work, which would die with it. */
  hasCompany: boolean
  /** Of who claims, and of the settings that it maps by. */
  host: string
  configVersion: string | null
}

/** A message over which processes died twice is claimed alone: it may be what they die of. */
export function isSuspect({ deaths }: Pick<Claim, 'deaths'>) {
  return deaths > 1
}
/** Ms after which it goes before the others. */
const longestSuspicion = 30_000

/**
 * Takes up to `limit` due messages of an account, the longest due first, in one commit.
 * Two processes never get the same one: whoever counts the attempt up has it.
 */
export async function claim(db: Kysely<Tables>, options: ClaimOptions): Promise<Claim[]> {
  for (;;) {
    const due = await readDue(db, options)
    if (due.length === 0) return []
    const [deaths, begun] = await Promise.all([countDeaths(db, due), readBegunSteps(db, due)])
    const rows = together(due, deaths, options)
    if (rows.length === 0) return []
    if (await takeAll(db, rows, options)) {
      return rows.map((row) => claimOf(row, deaths.get(row.id) ?? 0, begun.get(row.id) ?? new Set()))
    }
  }
}

function readDue(db: Kysely<Tables>, { account, now, limit }: ClaimOptions): Promise<Row[]> {
  return db
    .selectFrom('messages')
    .leftJoin('api_users', 'api_users.source', 'messages.source')
    .select([...claimed.map((column) => `messages.${column}` as const), ...senderColumns])
    .where('account', '=', account)
    .where('state', '=', 'pending')
    .where('next_attempt_at', '<=', now)
    .orderBy('next_attempt_at')
    .orderBy('id')
    .limit(limit)
    .execute()
}

/** Attempts that were never finished: their processes died over them. Those before a person sent it again do not count. */
async function countDeaths(db: Kysely<Tables>, due: Row[]): Promise<Map<string, number>> {
  const before = new Map(due.map(({ id, attempts_before }) => [id, attempts_before]))
  const tried = idsOf(due.filter(({ attempts, attempts_before }) => attempts > attempts_before))
  const deaths = new Map<string, number>()
  if (tried.length === 0) return deaths
  const unfinished = await db
    .selectFrom('attempts')
    .select(['message_id', 'number'])
    .where('message_id', 'in', tried)
    .where('finished_at', 'is', null)
    .execute()
  for (const { message_id, number } of unfinished)
    if (number > (before.get(message_id) ?? 0)) deaths.set(message_id, (deaths.get(message_id) ?? 0) + 1)
  return deaths
}

/** Who is under suspicion of killing processes takes no others along, and does not wait for ever either. */
function together(due: Row[], deaths: Map<string, number>, { hasCompany, now }: ClaimOptions): Row[] {
  const isSuspected = ({ id }: Row) => isSuspect({ deaths: deaths.get(id) ?? 0 })
  const harmless = due.filter((row) => !isSuspected(row))
  const suspect = due.find(isSuspected)
  const isNext = suspect && (harmless.length === 0 || (suspect.next_attempt_at ?? now) <= now - longestSuspicion)
  if (!isNext) return harmless
  return hasCompany ? [] : [suspect]
}

/** Of what is looked at before it is done again: which of it may have been done. */
async function readBegunSteps(db: Kysely<Tables>, rows: Row[]): Promise<Map<string, Set<string>>> {
  const tried = idsOf(rows.filter(({ attempts }) => attempts > 0))
  const begun = new Map<string, Set<string>>(tried.map((id) => [id, new Set()]))
  if (tried.length === 0) return begun
  const steps = await db
    .selectFrom('steps')
    .select(['message_id', 'name'])
    .where('message_id', 'in', tried)
    .where('name', 'in', ['products', 'note'])
    .where('state', '!=', 'planned')
    .execute()
  for (const { message_id, name } of steps) begun.get(message_id)?.add(name)
  return begun
}

/** False, and nothing taken, when somebody was quicker with any of them. */
async function takeAll(db: Kysely<Tables>, rows: Row[], options: ClaimOptions) {
  try {
    await inTransaction(db, (transaction) => take(transaction, rows, options))
    return true
  } catch (error) {
    if (error instanceof OvertakenError) return false
    throw error
  }
}

async function take(db: Transaction<Tables>, rows: Row[], { now, lease, host, configVersion }: ClaimOptions) {
  const { numUpdatedRows } = await db
    .updateTable('messages')
    .set((row) => ({ attempts: row('attempts', '+', 1), lease_until: now + lease, next_attempt_at: now + lease }))
    .where('id', 'in', idsOf(rows))
    .where(({ and, or }) => or(rows.map(({ id, attempts }) => and({ id, attempts }))))
    .where('state', '=', 'pending')
    // Who held it may have woken up meanwhile.
    .where('next_attempt_at', '<=', now)
    .executeTakeFirstOrThrow()
  if (numUpdatedRows !== BigInt(rows.length)) throw new OvertakenError()
  const attempt = { started_at: now, host, config_version: configVersion }
  await db
    .insertInto('attempts')
    .values(rows.map(({ id, attempts }) => ({ message_id: id, number: attempts + 1, ...attempt })))
    .execute()
}

class OvertakenError extends Error {
  override name = 'OvertakenError'
}

function idsOf(rows: Row[]) {
  return rows.map(({ id }) => id)
}

function claimOf(row: Row, deaths: number, begun: Set<string>): Claim {
  const isBegun = (step: StepName) => begun.has(step)
  return {
    id: row.id,
    key: row.edition === 1 ? row.id : `${row.id}:${row.edition}`,
    attempt: row.attempts + 1,
    tryNumber: row.attempts + 1 - row.attempts_before,
    ...receivedOf(row),
    receivedAt: row.received_at,
    leadRequestAt: row.lead_request_at,
    leadMarked: row.lead_marked !== 0,
    leadId: row.lead_id,
    productsLinkedAt: row.products_linked_at,
    noteId: row.note_id,
    contactId: row.contact_id,
    companyId: row.company_id,
    cardsRequestAt: row.cards_request_at,
    productsRequested: isBegun('products'),
    noteRequested: isBegun('note'),
    warnings: row.warnings === null ? [] : JSON.parse(row.warnings),
    isTest: row.test !== null,
    deaths,
    unrecorded: { progress: {}, steps: [] },
  }
}
