import { setTimeout as sleep } from 'node:timers/promises'
import { type Kysely, sql, type Transaction } from 'kysely'
import { createItemStore } from '../../amocrm/mirror/item-store.ts'
import { isLocked } from '../../database/node-sqlite.ts'
import type { Database } from '../../database/open.ts'
import type { MessageState, Tables } from '../../database/tables.ts'
import { inTransaction } from '../../database/transaction.ts'
import { erasePayloads, eraseStories } from '../../inbox/erase.ts'
import { deleteKeys } from '../../inbox/search-keys.ts'
import type { Buyer } from './buyer.ts'
import { concealIn, type PlaceTrace } from './places.ts'
import type { ContactTrace, MessageTrace } from './traces.ts'

export interface Traces {
  messages: MessageTrace[]
  contacts: ContactTrace[]
  places: PlaceTrace[]
}

const atOnce = 50
const unfinishedStates: ReadonlySet<MessageState> = new Set(['pending', 'held', 'dead'])

export function isUnfinished({ state }: MessageTrace) {
  return unfinishedStates.has(state)
}

/** Removes all of it, and gives the messages that are left because somebody is at work on them. */
export async function removeTraces(
  db: Kysely<Tables>,
  { messages, contacts, places }: Traces,
  buyer: Buyer,
  now: number,
) {
  const left: MessageTrace[] = []
  for (const [state, alike] of Map.groupBy(messages, ({ state }) => state))
    for (let from = 0; from < alike.length; from += atOnce)
      left.push(...(await patiently(() => removeSome(db, state, alike.slice(from, from + atOnce), now))))
  await patiently(() => removeKeys(db, buyer))
  for (const place of places) await patiently(() => concealIn(db, place))
  const items = createItemStore(db, () => now)
  for (const [listId, alike] of Map.groupBy(contacts, ({ listId }) => listId)) {
    const own = alike.filter(({ isPartner }) => !isPartner).map(({ id }) => id)
    await patiently(() => items.drop(listId, own))
  }
  return left
}

function removeSome(db: Kysely<Tables>, state: MessageState, messages: MessageTrace[], now: number) {
  return inTransaction(db, async (transaction) => {
    const whole = messages.flatMap(({ id, isErased }) => (isErased ? [] : [id]))
    const closing = unfinishedStates.has(state) ? ({ state: 'rejected', reason: 'erased' } as const) : null
    const erased = new Set(messages.filter(({ isErased }) => isErased).map(({ id }) => id))
    if (state === 'rejected') {
      for (const id of whole) if (await removeRefused(transaction, id)) erased.add(id)
    } else {
      const done = await erasePayloads(transaction, whole, {
        why: 'buyer',
        now,
        state,
        ...(closing ? { closing } : {}),
      })
      for (const id of done) erased.add(id)
    }
    await eraseStories(transaction, [...erased])
    for (const { id, naming } of messages) if (erased.has(id)) await eraseNames(transaction, id, naming)
    return messages.filter(({ id }) => !erased.has(id))
  })
}

async function eraseNames(db: Transaction<Tables>, id: string, naming: MessageTrace['naming']) {
  const columns = Object.keys(naming)
  if (columns.length === 0) return
  const nothing = Object.fromEntries(columns.map((column) => [column, null]))
  await db.updateTable('messages').set(nothing).where('id', '=', id).execute()
  await deleteKeys(db, [{ id, ...naming }])
}

async function removeRefused(db: Kysely<Tables>, id: string) {
  const refused = db.deleteFrom('messages').where('id', '=', id).where('state', '=', 'rejected')
  return (await refused.executeTakeFirstOrThrow()).numDeletedRows === 1n
}

async function removeKeys(db: Kysely<Tables>, { phone, email }: Buyer) {
  const keys = db.deleteFrom('search_keys')
  if (phone) await keys.where('value', '=', phone).where('kind', '=', 'phone').execute()
  if (email) await keys.where('value', '=', email).where('kind', '=', 'email').execute()
}

/** The server writes meanwhile. */
export async function patiently<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await work()
    } catch (error) {
      if (tries >= 60 || !isLocked(error)) throw error
      await sleep(50)
    }
  }
}

/** Moves all that was committed into the database file and empties its log, in which former rows stand still. False when it could not. */
export async function emptyLog({ db, dialect }: Database) {
  if (dialect !== 'sqlite') return true
  for (let tries = 0; tries < 50; tries++) {
    const { rows } = await sql<{ busy: number }>`PRAGMA wal_checkpoint(TRUNCATE)`.execute(db)
    if (rows[0]?.busy === 0) return true
    await sleep(100)
  }
  return false
}
