import { setImmediate } from 'node:timers/promises'
import type { Kysely, Transaction } from 'kysely'
import type { Tables } from '../../database/tables.ts'
import type { Item } from './items.ts'
import { amongKeys, digestOf, type Key } from './keys.ts'
import { inList, type LockedList } from './locked-list.ts'

export type ItemStore = ReturnType<typeof createItemStore>

/** Who tells of the items: a filling or a look at the list, the CRM's webhooks, or we who made them. */
type Teller = 'filling' | 'look' | 'webhook' | 'ourselves'

/** A transaction of node:sqlite holds up everything else, so it is kept this small, and others get their turn before it. */
const atOnce = 50
/** Databases take some tens of thousands. */
const mostParameters = 1000

/** The rows of the lists' items and of the keys that lead to them. */
export function createItemStore(db: Kysely<Tables>, now: () => number) {
  /** @param filling the number of the filling that this is a part of; it must still be the last one */
  async function put(listId: number, items: Item[], teller: Teller, filling: number | null = null) {
    let news = 0
    const distinct = [...new Map(items.map((item) => [item.id, item])).values()]
    for await (const part of partsOf(distinct.toSorted((a, b) => a.id - b.id)))
      news += await inList(db, listId, { filling, now: now() }, (list) => putPart(list, part, teller, now()))
    return { news }
  }

  /** They are gone, and late news of them do not bring them back. */
  async function drop(listId: number, ids: number[], filling: number | null = null) {
    for await (const part of partsOf([...new Set(ids)].toSorted((a, b) => a - b)))
      await inList(db, listId, { filling, now: now() }, (list) => dropPart(list, part))
  }

  /** They have to be read before the list is asked again. */
  async function nameForReread(listId: number, ids: number[]) {
    for await (const part of partsOf(ids))
      await inList(db, listId, { filling: null, now: now() }, (list) => markForReread(list, part, now()))
  }

  /** The items that have any of the keys. */
  async function find(listId: number, keys: Key[]): Promise<Item[]> {
    const found = new Map<number, Item>()
    for await (const part of partsOf(keys, mostParameters))
      for (const item of await findPart(listId, part)) found.set(item.id, item)
    return [...found.values()]
  }

  async function findPart(listId: number, keys: Key[]) {
    // No join: SQLite might begin at the items and go through all of them.
    const withKey = db
      .selectFrom('mirror_keys')
      .select('id')
      .where('list_id', '=', listId)
      .where('digest', 'in', keys.map(digestOf))
    const rows = await db
      .selectFrom('mirror_items')
      .select(['id', 'created_at', 'updated_at', 'data'])
      .where('list_id', '=', listId)
      .where('id', 'in', withKey)
      .execute()
    const isWanted = amongKeys(keys)
    return rows.flatMap(itemsOf).filter((item) => item.keys.some(isWanted))
  }

  /** Removes what the filling has not come across; the list is whole without it. */
  async function sweep(listId: number, filling: number) {
    for (;;) {
      const unseen = await db
        .selectFrom('mirror_items')
        .select('id')
        .where('list_id', '=', listId)
        .where('seen', '<', filling)
        .limit(atOnce)
        .execute()
      if (unseen.length === 0) return
      const ids = unseen.map(({ id }) => id)
      await inList(db, listId, { filling, now: now() }, ({ transaction }) => erase(transaction, listId, ids))
    }
  }

  return { put, drop, nameForReread, find, sweep }
}

/** Gives how many of them were news. */
async function putPart(list: LockedList, items: Item[], teller: Teller, askedAt: number) {
  const { transaction, listId, fillNumber } = list
  const rows = await transaction
    .selectFrom('mirror_items')
    .select(['id', 'updated_at', 'seen', 'data'])
    .where('list_id', '=', listId)
    .where(
      'id',
      'in',
      items.map(({ id }) => id),
    )
    .execute()
  const stored = new Map(rows.map((row) => [row.id, row]))
  const verdicts = items.map((item) => ({ item, verdict: judge(item, stored.get(item.id), teller, fillNumber) }))
  const having = (wanted: Verdict) => verdicts.filter(({ verdict }) => verdict === wanted).map(({ item }) => item)
  const [news, known, unclear] = [having('news'), having('known'), having('unclear')]
  await markSeen(list, known)
  await markForReread(
    list,
    unclear.map(({ id }) => id),
    askedAt,
  )
  if (news.length === 0) return 0
  const replaced = news.filter(({ id }) => stored.has(id)).map(({ id }) => id)
  if (replaced.length > 0) await erase(transaction, listId, replaced)
  await insert(list, news)
  return news.length
}

type Verdict = 'news' | 'known' | 'unclear' | 'outdated'
type StoredRow = Pick<Tables['mirror_items'], 'updated_at' | 'seen' | 'data'>

function judge(item: Item, row: StoredRow | undefined, teller: Teller, fillNumber: number): Verdict {
  if (!row || teller === 'ourselves') return 'news'
  if (row.data === null) {
    if (teller === 'webhook') return 'unclear'
    // Deleted while the list is being filled: this page was read before.
    return teller === 'filling' && row.seen === fillNumber ? 'outdated' : 'news'
  }
  // News of a time that never was, as of a clock that was ahead, is put right when all is read.
  const isFromBefore = teller === 'filling' && row.seen < fillNumber
  if (row.updated_at > item.updatedAt && !isFromBefore) return 'known'
  if (row.data === dataOf(item)) return row.updated_at === item.updatedAt ? 'known' : 'news'
  // Two changes within a second: nobody can tell which one came first.
  return teller === 'webhook' && row.updated_at === item.updatedAt ? 'unclear' : 'news'
}

async function markSeen({ transaction, listId, fillNumber }: LockedList, items: Item[]) {
  if (items.length === 0) return
  await transaction
    .updateTable('mirror_items')
    .set({ seen: fillNumber })
    .where('list_id', '=', listId)
    .where(
      'id',
      'in',
      items.map(({ id }) => id),
    )
    .where('seen', '<', fillNumber)
    .execute()
}

async function markForReread({ transaction, listId }: LockedList, ids: number[], askedAt: number) {
  for (const id of ids) {
    await transaction.deleteFrom('mirror_rereads').where('list_id', '=', listId).where('id', '=', id).execute()
    await transaction.insertInto('mirror_rereads').values({ list_id: listId, id, asked_at: askedAt }).execute()
  }
}

async function insert({ transaction, listId, fillNumber }: LockedList, items: Item[]) {
  const rows = items.map((item) => ({
    list_id: listId,
    id: item.id,
    created_at: item.createdAt,
    updated_at: item.updatedAt,
    seen: fillNumber,
    data: dataOf(item),
  }))
  await transaction.insertInto('mirror_items').values(rows).execute()
  const keys = items.flatMap(({ id, keys }) =>
    keys.map((key) => ({ list_id: listId, digest: digestOf(key), kind: key.kind, id })),
  )
  if (keys.length > 0) await transaction.insertInto('mirror_keys').values(keys).execute()
}

async function dropPart({ transaction, listId, fillNumber }: LockedList, ids: number[]) {
  await erase(transaction, listId, ids)
  const rows = ids.map((id) => ({ list_id: listId, id, created_at: 0, updated_at: 0, seen: fillNumber, data: null }))
  await transaction.insertInto('mirror_items').values(rows).execute()
}

async function erase(transaction: Transaction<Tables>, listId: number, ids: number[]) {
  await transaction.deleteFrom('mirror_keys').where('list_id', '=', listId).where('id', 'in', ids).execute()
  await transaction.deleteFrom('mirror_items').where('list_id', '=', listId).where('id', 'in', ids).execute()
}

function dataOf({ name, responsibleUserId, keys }: Item) {
  return JSON.stringify({ name, responsibleUserId, keys })
}

function itemsOf(row: Pick<Tables['mirror_items'], 'id' | 'created_at' | 'updated_at' | 'data'>): Item[] {
  if (row.data === null) return []
  const data = JSON.parse(row.data) as Pick<Item, 'name' | 'responsibleUserId' | 'keys'>
  return [{ id: row.id, createdAt: row.created_at, updatedAt: row.updated_at, ...data }]
}

async function* partsOf<Part>(all: Part[], size = atOnce) {
  for (let first = 0; first < all.length; first += size) {
    await setImmediate()
    yield all.slice(first, first + size)
  }
}
