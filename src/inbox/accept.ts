import { CompiledQuery, type Kysely, type Transaction } from 'kysely'
import { type Database, isRowFault, isTooLarge } from '../database/open.ts'
import type { Tables } from '../database/tables.ts'
import { inTransaction } from '../database/transaction.ts'
import { type Committed, createGroupCommit } from './group-commit.ts'
import { createMessageId } from './message-id.ts'

export interface Inbound {
  account: string
  source: string
  dedupeKey: string
  /** How long, in ms, another message with this key is the same order again; null: for ever. */
  dedupeWindow: number | null
  /** Of the body, where the key is the sender's own id of the order; the same id with another body is a conflict. */
  bodyDigest?: string | null
  contentType: string
  headers: Record<string, unknown>
  body: Buffer
  /** What the body is, where the address has said so. */
  format?: Tables['messages']['format']
  /** What the sender is told to call it by. */
  code?: string
  /** Network address of the sender. */
  address?: string | null
  /** Whether a person tries the settings with it. */
  isTest?: boolean
}

interface Accepted {
  id: string
  duplicate: boolean
  /** By which the sender was told to call it: of a duplicate, that of the first. */
  code?: string
  /** It bears the id of another order, and is kept for a person to look at. */
  isConflict?: true
}

interface Arrival extends Inbound {
  id: string
  receivedAt: number
  /** The message whose id from the sender this one bears, with another body. */
  originalId?: string
}

/** Bytes. */
const roomForHeaders = 2000

/**
 * Stores a message; once the promise is fulfilled it is on disk. The same order again gives the first one's id.
 * What bears an id that another order has is kept too, for a person to look at.
 * @param queued called when there is something new to deliver
 * @param committed told of each commit
 */
export function createAccept({ db, write }: Database, now: () => number, queued: () => void, committed?: Committed) {
  const store = createGroupCommit<Arrival, Accepted>({
    commit: storeTogether,
    sizeOf: ({ body }) => body.length + roomForHeaders,
    committed,
  })

  function accept(inbound: Inbound): Promise<Accepted> {
    const receivedAt = now()
    return store({ ...inbound, id: createMessageId(receivedAt), receivedAt })
  }

  async function storeTogether(arrivals: Arrival[]) {
    const results = await insertNew(arrivals)
    if (results.some((result) => !(result instanceof Error || result.duplicate))) queued()
    return results
  }

  /** Most orders are new: that they are not is found out when it is too late to write them at one go. */
  async function insertNew(arrivals: Arrival[]): Promise<(Accepted | Error)[]> {
    try {
      await write(insertOf(arrivals.length), arrivals.flatMap(valuesOf))
      return arrivals.map(acceptedOf)
    } catch (error) {
      if (!isRowFault(error)) throw error
      if (!isTooLarge(error) || arrivals.length === 1) return sortIn(db, arrivals)
      const results = []
      for (const arrival of arrivals) results.push(...(await insertNew([arrival])))
      return results
    }
  }

  return accept
}

function acceptedOf({ id, code }: Pick<Known, 'id' | 'code'>): Accepted {
  return { id, duplicate: false, ...(code ? { code } : {}) }
}

const mostTries = 5

/** Who cannot be stored keeps no other from it. */
async function sortIn(db: Kysely<Tables>, arrivals: Arrival[], tries = 1): Promise<(Accepted | Error)[]> {
  try {
    return await inTransaction(db, (transaction) => insertMissing(transaction, arrivals))
  } catch (error) {
    if (!(error instanceof Error) || !isRowFault(error)) throw error
    // Another process may have stored the same order meanwhile.
    if (arrivals.length === 1) return tries === mostTries ? [error] : sortIn(db, arrivals, tries + 1)
  }
  const results = []
  for (const arrival of arrivals) results.push(...(await sortIn(db, [arrival])))
  return results
}

async function insertMissing(db: Transaction<Tables>, arrivals: Arrival[]): Promise<Accepted[]> {
  const known = await findByKey(db, arrivals)
  const missing: Arrival[] = []
  const repeated: [Known, Arrival][] = []
  const conflicts: Arrival[] = []
  const accepted: Accepted[] = []
  for (const arrival of arrivals) {
    const original = known.get(keyOf(arrival))
    const isAgain = original !== undefined && !isOver(original, arrival)
    if (original?.id === arrival.id) {
      // It was written by a try of which nobody knew whether it had been.
      accepted.push(acceptedOf(arrival))
    } else if (isAgain) {
      const again = { ...acceptedOf(original), duplicate: true }
      if (isConflict(original, arrival)) {
        conflicts.push(conflictOf(original, arrival))
        accepted.push({ ...again, isConflict: true })
      } else {
        repeated.push([original, arrival])
        // One that a person has accepted was told to nobody.
        original.code ??= arrival.code ?? null
        accepted.push({ ...acceptedOf(original), duplicate: true })
      }
    } else {
      if (original) await setKeyFree(db, original, arrival)
      known.set(keyOf(arrival), arrival)
      missing.push(arrival)
      accepted.push(acceptedOf(arrival))
    }
  }
  if (missing.length > 0) await db.executeQuery(CompiledQuery.raw(insertOf(missing.length), missing.flatMap(valuesOf)))
  for (const [original, arrival] of repeated) await countDuplicate(db, original, arrival)
  if (conflicts.length > 0) await insertMissing(db, conflicts)
  return accepted
}

type Known = Pick<Arrival, 'id' | 'receivedAt' | 'bodyDigest'> & { code?: string | null }

async function findByKey(db: Transaction<Tables>, arrivals: Arrival[]): Promise<Map<string, Known>> {
  const rows = await db
    .selectFrom('messages')
    .select(['id', 'source', 'dedupe_key', 'received_at', 'body_digest', 'format', 'order_number'])
    .where('source', 'in', [...new Set(arrivals.map(({ source }) => source))])
    .where('dedupe_key', 'in', [...new Set(arrivals.map(({ dedupeKey }) => dedupeKey))])
    .execute()
  return new Map(
    rows.map(({ id, source, dedupe_key, received_at, body_digest, format, order_number }) => [
      keyOf({ source, dedupeKey: dedupe_key }),
      { id, receivedAt: received_at, bodyDigest: body_digest, code: format && order_number },
    ]),
  )
}

function keyOf({ source, dedupeKey }: Pick<Arrival, 'source' | 'dedupeKey'>) {
  return `${source}\n${dedupeKey}`
}

/** A partner may well order the same things again next week. */
export function isOver(
  original: Pick<Known, 'receivedAt'>,
  { dedupeWindow, receivedAt }: Pick<Arrival, 'dedupeWindow' | 'receivedAt'>,
) {
  return dedupeWindow !== null && Math.abs(receivedAt - original.receivedAt) >= dedupeWindow
}

export async function setKeyFree(db: Transaction<Tables>, { id }: Known, key: Pick<Arrival, 'dedupeKey'>) {
  await db
    .updateTable('messages')
    .set({ dedupe_key: pastKey(key, id) })
    .where('id', '=', id)
    .execute()
}

/** Of a message that is not the last one with the key any more. */
export function pastKey({ dedupeKey }: Pick<Arrival, 'dedupeKey'>, id: string) {
  return `${dedupeKey}:${id}`
}

export function isConflict(original: Known, { bodyDigest }: Pick<Arrival, 'bodyDigest'>) {
  return Boolean(original.bodyDigest && bodyDigest && original.bodyDigest !== bodyDigest)
}

function conflictOf(original: Known, arrival: Arrival): Arrival {
  const dedupeKey = `conflict:${original.id}:${arrival.bodyDigest}`
  return { ...arrival, dedupeKey, bodyDigest: null, dedupeWindow: null, originalId: original.id }
}

async function countDuplicate(db: Transaction<Tables>, { id, code }: Known, { receivedAt }: Arrival) {
  await db
    .updateTable('messages')
    .set((row) => ({
      duplicates: row('duplicates', '+', 1),
      duplicated_at: receivedAt,
      ...(code ? { order_number: code } : {}),
    }))
    .where('id', '=', id)
    .execute()
}

const columns = [
  'id',
  'account',
  'source',
  'received_at',
  'dedupe_key',
  'body_digest',
  'content_type',
  'headers',
  'body',
  'address',
  'state',
  'reason',
  'original_id',
  'next_attempt_at',
  'test',
  'format',
  'order_number',
] as const satisfies (keyof Tables['messages'])[]

function valuesOf(arrival: Arrival) {
  const isConflict = arrival.originalId !== undefined
  return [
    arrival.id,
    arrival.account,
    arrival.source,
    arrival.receivedAt,
    arrival.dedupeKey,
    arrival.bodyDigest ?? null,
    arrival.contentType,
    JSON.stringify(arrival.headers),
    arrival.body,
    arrival.address ?? null,
    isConflict ? 'dead' : 'pending',
    isConflict ? 'conflict' : null,
    arrival.originalId ?? null,
    // At once, whatever the clock says: it may be set back.
    isConflict ? null : 0,
    arrival.isTest ? 'sent' : null,
    arrival.format ?? null,
    arrival.code ?? null,
  ]
}

const row = `(${columns.map(() => '?').join(', ')})`

function insertOf(count: number) {
  return `insert into messages (${columns.join(', ')}) values ${Array(count).fill(row).join(', ')}`
}
