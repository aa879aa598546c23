import { findProductCatalog, readElements } from '../catalogs.ts'
import type { AmocrmClient } from '../client.ts'
import { AmocrmError, isRejected } from '../errors.ts'
import { fullPage } from '../paging.ts'
import type { Fillings, Source } from './fillings.ts'
import type { ItemStore } from './item-store.ts'
import { type Item, itemOfElement } from './items.ts'
import { digestOf, isSameKey, type Key, productNameKey, skuKey } from './keys.ts'
import type { List } from './list-store.ts'
import type { Lists } from './lists.ts'

export interface WantedProduct {
  name: string
  sku: string
}

interface ProductsOptions {
  client: AmocrmClient
  lists: Lists
  items: ItemStore
  fillings: Fillings
  /** Ms after which they are read anew. */
  lifetime: () => number
  /** Unix ms. */
  now: () => number
}

const name = 'products'
/** More misses at once are cheaper to read in full. */
const mostQuestions = 10
/** Ms */
const fillForMissesEvery = 60_000
/** Ms. What the CRM did not have is not asked for again so soon. */
const askAgainAfter = 5 * 60_000
/** Ms. A create whose answer was lost may still be at work in the CRM, and for longer its search may not know of it. */
const atWorkFor = 30_000
const mostAsked = 10_000
/** Characters; a text field holds no more. */
const longestQuestion = 256

/** The products of the account: read in full now and then, and single ones asked for by name or SKU. */
export function createProducts({ client, lists, items, fillings, lifetime, now }: ProductsOptions) {
  /** When it was asked in vain for what has a key. */
  const asked = new Map<string, number>()
  let trustedSince = Number.NEGATIVE_INFINITY

  /**
   * The elements of what is wanted, in its order; the keys of `match` are tried in theirs, and of namesakes the oldest
   * is taken. Null when the account has no list of products.
   */
  async function find(wanted: WantedProduct[], match: ('name' | 'sku')[]) {
    try {
      return await findIn(await freshWithCatalog(), wanted, match)
    } catch (error) {
      // The list that we know of is gone; there may be another one, or none.
      if (!(error instanceof AmocrmError && error.status === 404)) throw error
      return findIn(await refilled(), wanted, match)
    }
  }

  async function findIn(list: List, wanted: WantedProduct[], match: ('name' | 'sku')[]) {
    const catalogId = catalogOf(list)
    if (catalogId === null) return null
    const wishes = wanted.map((product) => keysOf(product, match))
    const found = await locate(list, wishes)
    const missing = wishes.filter((keys, index) => found[index] === null && isWorthAsking(keys))
    const isNew = missing.length > 0 && (await lookFor(list, missing))
    return { catalogId, found: isNew ? await locate(list, wishes) : found }
  }

  /** The list of products may have been switched on by now. */
  async function freshWithCatalog() {
    const list = await fresh()
    return catalogOf(list) === null && isOlderThan(list, fillForMissesEvery) ? refilled() : list
  }

  async function fresh(): Promise<List> {
    const list = await lists.find(name)
    if (list.filledAt === null) return refilled()
    if (!isOlderThan(list, lifetime())) return list
    await fillings.refill(name, source)
    return lists.find(name)
  }

  async function refilled() {
    await fillings.fill(name, source)
    return lists.find(name)
  }

  function isOlderThan({ filledAt }: List, ms: number) {
    return filledAt === null || Math.abs(now() - filledAt) >= ms
  }

  async function locate(list: List, wishes: Key[][]) {
    const candidates = await items.find(list.id, wishes.flat())
    return wishes.map((keys) => {
      for (const key of keys) {
        const oldest = candidates.filter((item) => hasKey(item, key)).toSorted(byAge)[0]
        if (oldest) return oldest.id
      }
      return null
    })
  }

  function isWorthAsking(keys: Key[]) {
    return keys.some(
      (key) => now() - (asked.get(digestOf(key)) ?? Number.NEGATIVE_INFINITY) >= askAgainAfter || now() < trustedSince,
    )
  }

  /** Whether there may be more to find now. */
  async function lookFor(list: List, missing: Key[][]) {
    const distinct = [...new Map(missing.map((keys) => [keys.map(digestOf).join(), keys])).values()]
    const isUntrusted = (list.filledAt ?? 0) < trustedSince
    const isMuch = distinct.length > mostQuestions
    if (isMuch && !isUntrusted && !isOlderThan(list, fillForMissesEvery)) return false
    if (isMuch || isUntrusted) await fillings.fill(name, source)
    else for (const keys of distinct) await askFor(list, keys)
    if (asked.size > mostAsked) asked.clear()
    for (const key of distinct.flat()) asked.set(digestOf(key), now())
    return true
  }

  async function askFor(list: List, keys: Key[]) {
    for (const key of keys) {
      if (key.value.length > longestQuestion) continue
      const elements = await lists.ask(name, list, () => search(list, key.value))
      const found = elements.filter(({ isDeleted }) => !isDeleted).map(itemOfElement)
      const exact = found.filter((item) => hasKey(item, key))
      await items.put(list.id, exact, 'look')
      if (exact.length > 0) return
    }
  }

  /** What the CRM cannot be asked for, it does not have either. */
  async function search(list: List, text: string) {
    try {
      return (await readElements(client, catalogOf(list) ?? 0, fullPage(1), text)).items
    } catch (error) {
      if (isRejected(error)) return []
      throw error
    }
  }

  const source: Source = {
    async begin(list) {
      const catalog = await lists.ask(name, list, () => findProductCatalog(client))
      const catalogId = catalog?.id ?? null
      const nothing = { items: [], gone: [], ids: [], last: true }
      return { changesUntil: 0, data: JSON.stringify({ catalogId }), whole: catalogId === null ? nothing : null }
    },
    async page(list, data, place) {
      const question = () => readElements(client, catalogOf({ data }) ?? 0, place)
      const { items: elements, last } = await lists.ask(name, list, question)
      return {
        items: elements.filter(({ isDeleted }) => !isDeleted).map(itemOfElement),
        gone: elements.filter(({ isDeleted }) => isDeleted).map(({ id }) => id),
        ids: elements.map(({ id }) => id),
        last,
      }
    },
  }

  return {
    find,
    refill: () => fillings.fill(name, source),
    /** What was asked for in vain may be asked for again at once. */
    forgetAsked: () => asked.clear(),
    mayHaveMore() {
      asked.clear()
      trustedSince = now() + atWorkFor
    },
  }
}

/** Null when the account has no list of products. */
function catalogOf({ data }: Pick<List, 'data'>): number | null {
  return data === null ? null : (JSON.parse(data) as { catalogId: number | null }).catalogId
}

function keysOf({ name, sku }: WantedProduct, match: ('name' | 'sku')[]) {
  const keys = match.map((kind) => (kind === 'sku' ? skuKey(sku) : productNameKey(name)))
  return keys.filter((key) => key !== null)
}

function hasKey(item: Item, wanted: Key) {
  return item.keys.some((key) => isSameKey(key, wanted))
}

function byAge(a: Item, b: Item) {
  return a.createdAt - b.createdAt || a.id - b.id
}
