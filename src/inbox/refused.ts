import type { Kysely } from 'kysely'
import type { Tables } from '../database/tables.ts'
import { inTransaction } from '../database/transaction.ts'
import type { RefusalReason } from './message.ts'
import { createMessageId } from './message-id.ts'
import { type Bucket, createBucket } from './token-bucket.ts'
import { withinTime } from './within-time.ts'

/** A request that was refused, as it is kept: it is no order, and meets none. */
export interface Refused {
  account: string
  source: string
  reason: RefusalReason
  contentType: string
  /** Without secrets. */
  headers: Record<string, unknown>
  body: Buffer
  /** Whether `body` is not all of it. */
  truncated: boolean
  address: string | null
  /** What the body is, where the address has said so. */
  format?: Tables['messages']['format']
  /** What is wrong with it, where it was read. */
  error?: string | null
}

/** The source of who gave no right token: a flood of them pushes out nobody else's. */
export const strangers = 'unknown'
/** Bytes of a body that are kept; nobody needs to read more of one that he refuses. */
export const keptBodyLimit = 128 * 1024
/** Of each source, the newest. */
export const mostKept = 1000
/** Of each source in this process; what comes beyond that is only counted. */
const pace = { requests: 50, seconds: 5 }
const mostUnderWay = 50
/** Ms; the sender waits for his answer meanwhile. */
const patience = 2000
/** Older ones are deleted before each so-manieth, so that there are never more than `mostKept`. */
const keptBetweenDeletions = 20
const tellEveryMs = 60_000

interface Keeping {
  bucket: Bucket
  kept: number
}

/**
 * A function that keeps a refused request; false when that would be too many, at once, or when the store is out of order.
 * It is never rejected.
 * @param tell is told at most once a minute how many were not kept since, and the last failure of the store
 */
export function createKeepRefused(
  db: Kysely<Tables>,
  now: () => number,
  tell: (count: number, error: unknown) => void,
) {
  const sources = new Map<string, Keeping>()
  let underWay = 0
  let lost = { count: 0, error: null as unknown }
  let toldAt = Number.NEGATIVE_INFINITY

  return async function keepRefused(refused: Refused): Promise<boolean> {
    const receivedAt = now()
    const keeping = keepingOf(refused.source)
    if (underWay >= mostUnderWay || keeping.bucket.waitAt(receivedAt) > 0) return lose(receivedAt, null)
    keeping.bucket.take()
    underWay += 1
    const kept = store(keeping, refused, receivedAt).finally(() => {
      underWay -= 1
    })
    try {
      await withinTime(patience, kept)
      return true
    } catch (error) {
      return lose(receivedAt, error)
    }
  }

  async function store(keeping: Keeping, refused: Refused, receivedAt: number) {
    if (keeping.kept++ % keptBetweenDeletions === 0) await deleteOldest(db, refused.source)
    await insert(db, refused, receivedAt)
  }

  function keepingOf(source: string) {
    const keeping = sources.get(source) ?? { bucket: createBucket(pace), kept: 0 }
    sources.set(source, keeping)
    return keeping
  }

  function lose(at: number, error: unknown) {
    lost = { count: lost.count + 1, error: error ?? lost.error }
    if (Math.abs(at - toldAt) < tellEveryMs) return false
    tell(lost.count, lost.error)
    lost = { count: 0, error: null }
    toldAt = at
    return false
  }
}

async function insert(db: Kysely<Tables>, refused: Refused, receivedAt: number) {
  const { account, source, reason, contentType, headers, body, truncated, address, format, error } = refused
  const id = createMessageId(receivedAt)
  await db
    .insertInto('messages')
    .values({
      id,
      account,
      source,
      received_at: receivedAt,
      dedupe_key: `${keyPrefix}${id}`,
      content_type: contentType.slice(0, 500),
      headers: JSON.stringify(headers),
      body: body.subarray(0, keptBodyLimit),
      state: 'rejected',
      reason,
      next_attempt_at: null,
      address,
      truncated: truncated || body.length > keptBodyLimit ? 1 : 0,
      format: format ?? null,
      error: error ?? null,
    })
    .execute()
}

/** No order's key begins so; with the id behind it they are a range of the index `messages_same_order`, in time. */
const keyPrefix = 'rejected:'
const behindPrefix = 'rejected;'

/** Leaves room for those that are kept until the next time. */
async function deleteOldest(db: Kysely<Tables>, source: string) {
  const keysOf = () =>
    db.selectFrom('messages').select('dedupe_key').where('source', '=', source).where('dedupe_key', '>=', keyPrefix)
  const oldestKept = await keysOf()
    .where('dedupe_key', '<', behindPrefix)
    .orderBy('dedupe_key', 'desc')
    .offset(mostKept - keptBetweenDeletions - 1)
    .limit(1)
    .executeTakeFirst()
  if (!oldestKept) return
  for (;;) {
    const old = await keysOf()
      .where('dedupe_key', '<', oldestKept.dedupe_key)
      .orderBy('dedupe_key')
      .limit(keptBetweenDeletions)
      .execute()
    if (old.length === 0) return
    const keys = old.map(({ dedupe_key }) => dedupe_key)
    await inTransaction(db, (transaction) =>
      transaction.deleteFrom('messages').where('source', '=', source).where('dedupe_key', 'in', keys).execute(),
    )
  }
}
