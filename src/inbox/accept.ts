import type { Kysely } from 'kysely'
import { v7 as uuidv7 } from 'uuid'
import { isUniqueViolation } from '../database/open.ts'
import type { Tables } from '../database/tables.ts'

export interface Inbound {
  account: string
  source: string
  receivedAt: number
  dedupeKey: string
  /** How long, in ms, another message with this key is the same order again; null: for ever. */
  dedupeWindow: number | null
  contentType: string
  headers: Record<string, unknown>
  body: Buffer
}

interface Accepted {
  id: string
  duplicate: boolean
}

/** Stores a message; once the promise is fulfilled it is on disk. The same order again gives the first one's id. */
export async function accept(db: Kysely<Tables>, inbound: Inbound): Promise<Accepted> {
  for (;;) {
    const id = uuidv7({ msecs: inbound.receivedAt })
    try {
      await insert(db, id, inbound)
      return { id, duplicate: false }
    } catch (error) {
      if (!isUniqueViolation(error)) throw error
    }
    const original = await countDuplicate(db, inbound)
    if (original) return { id: original, duplicate: true }
  }
}

async function insert(db: Kysely<Tables>, id: string, inbound: Inbound) {
  await db
    .insertInto('messages')
    .values({
      id,
      account: inbound.account,
      source: inbound.source,
      received_at: inbound.receivedAt,
      dedupe_key: inbound.dedupeKey,
      content_type: inbound.contentType,
      headers: JSON.stringify(inbound.headers),
      body: inbound.body,
      state: 'pending',
      // At once, whatever the clock says: it may be set back.
      next_attempt_at: 0,
    })
    .execute()
}

/** The id of the message that this one repeats. When that one is older than the window, its key is set free instead. */
async function countDuplicate(db: Kysely<Tables>, { source, dedupeKey, dedupeWindow, receivedAt }: Inbound) {
  const original = await db
    .selectFrom('messages')
    .select(['id', 'received_at'])
    .where('source', '=', source)
    .where('dedupe_key', '=', dedupeKey)
    .executeTakeFirst()
  if (!original) return null

  const update = db.updateTable('messages').where('id', '=', original.id)
  if (dedupeWindow !== null && Math.abs(receivedAt - original.received_at) >= dedupeWindow) {
    await update.set({ dedupe_key: `${dedupeKey}:${original.id}` }).execute()
    return null
  }
  await update.set((row) => ({ duplicates: row('duplicates', '+', 1) })).execute()
  return original.id
}
