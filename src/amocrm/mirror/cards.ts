import type { Card, CardOrder } from '../card.ts'
import type { AmocrmClient } from '../client.ts'
import { readCompanies, readCompany } from '../companies.ts'
import { readContact, readContacts } from '../contacts.ts'
import { fullPage, type PagePlace } from '../paging.ts'
import { type Fillings, type Page, type Source, unlessItFails } from './fillings.ts'
import type { ItemStore } from './item-store.ts'
import { itemOfCard } from './items.ts'
import type { Key } from './keys.ts'
import type { List, ListStore } from './list-store.ts'
import type { Lists } from './lists.ts'

export type CardList = 'contacts' | 'companies'

interface CardsOptions {
  client: AmocrmClient
  lists: Lists
  listStore: ListStore
  items: ItemStore
  fillings: Fillings
  partnerFieldId: number
  /** Ms after which the changes are read. */
  lifetime: (list: CardList) => number
  /** Unix ms. */
  now: () => number
}

/** Ms. Only reading all of them shows which ones were deleted or merged. */
export const fillEvery = 24 * 60 * 60_000
/** Ms. Who is not found may have been made a moment ago, but that is not asked more often. */
const lookEvery = 5000
/** Ms. A create whose answer was lost may still be at work in the CRM. */
const atWorkFor = 30_000
/** Seconds. A change may become visible a little after others that are younger. */
const overlap = 60
/** Seconds that the CRM's clock may be ahead of ours. */
const farthestAhead = 60 * 60
/** More than these are not read one by one. */
const mostRereads = 20

const readers = {
  contacts: { page: readContacts, one: readContact },
  companies: { page: readCompanies, one: readCompany },
}

/** Contacts and companies: read in full once a day, and their changes in between. */
export function createCards({
  client,
  lists,
  listStore,
  items,
  fillings,
  partnerFieldId,
  lifetime,
  now,
}: CardsOptions) {
  const { fill, refill } = fillings
  const data = JSON.stringify({ partnerFieldId })
  const looking = new Map<CardList, Promise<void>>()
  /** Looks before these moments do not tell who is not there. A process that died may have made cards just before. */
  const trustedSince = { contacts: now(), companies: now() }

  /** Those with any of the keys. Who is not found is looked for in the CRM's latest changes. */
  async function find(name: CardList, keys: Key[]) {
    if (keys.length === 0) return []
    const list = await fresh(name)
    const found = await items.find(list.id, keys)
    const isLookedAt = isWithin(list.readAt, lookEvery) && list.readAt >= trustedSince[name]
    if (found.length > 0 || isLookedAt) return found
    await look(name)
    return items.find((await lists.find(name)).id, keys)
  }

  /** The list, whole and not older than it may be. */
  async function fresh(name: CardList): Promise<List> {
    const list = await lists.find(name)
    if (!isWhole(list)) {
      await fill(name, sourceOf(name))
      return lists.find(name)
    }
    const isOld = !isWithin(list.filledAt ?? 0, fillEvery)
    if (isOld) await refill(name, sourceOf(name))
    const { hasRereads, readAt } = isOld ? await lists.find(name) : list
    const isLookDue = hasRereads || !isWithin(readAt, lifetime(name))
    if (isLookDue) await unlessItFails(look(name))
    return isOld || isLookDue ? lists.find(name) : list
  }

  /** A moment ahead is that of a clock that was or is wrong, and counts for no longer than one that is past. */
  function isWithin(moment: number, ms: number) {
    return Math.abs(now() - moment) < ms
  }

  /** What was read with another field in mind does not tell whose contacts they are. */
  function isWhole(list: List) {
    return list.filledAt !== null && list.data === data
  }

  function look(name: CardList) {
    const running = looking.get(name) ?? lookOnce(name).finally(() => looking.delete(name))
    looking.set(name, running)
    return running
  }

  async function lookOnce(name: CardList) {
    const list = await lists.find(name)
    if (!isWhole(list)) return fill(name, sourceOf(name))
    const readAt = now()
    const changesUntil = await readChanges(name, list)
    if (await readNamed(name, list)) await listStore.looked(list, { readAt, changesUntil })
    else await fill(name, sourceOf(name))
  }

  /** Newest first, as far back as something can be new. Gives the time of the newest. */
  async function readChanges(name: CardList, list: List) {
    let newest = list.changesUntil
    for (let number = 1; ; number++) {
      const page = await readCards(name, list, 'updated_at', fullPage(number))
      const { news } = await items.put(list.id, page.items, 'look')
      await items.drop(list.id, page.gone)
      const times = page.items.map(({ updatedAt }) => updatedAt)
      newest = Math.max(newest, newestOf(page))
      const oldest = Math.min(...times, Number.POSITIVE_INFINITY)
      const isKnown = news === 0 && oldest <= list.changesUntil
      if (page.last || isKnown || oldest < list.changesUntil - overlap) return newest
    }
  }

  /** The time of the latest change; 0 when there is none. A card may say anything, so what is far ahead does not count. */
  function newestOf({ items }: Page) {
    const latest = now() / 1000 + farthestAhead
    return Math.max(0, ...items.map(({ updatedAt }) => updatedAt).filter((time) => time <= latest))
  }

  /** Those that the CRM has named without saying how they are. False when they are too many. */
  async function readNamed(name: CardList, list: List) {
    if (!list.hasRereads) return true
    const named = await listStore.rereads(list.id, mostRereads + 1)
    if (named.length > mostRereads) return false
    for (const each of named) {
      const card = await lists.ask(name, list, () => readers[name].one(client, each.id))
      if (card && !card.isDeleted) await items.put(list.id, [itemOfCard(name, card, partnerFieldId)], 'look')
      else await items.drop(list.id, [each.id])
      await listStore.reread(list.id, each)
    }
    return true
  }

  function sourceOf(name: CardList): Source {
    return {
      // What is changed while the pages are read is read again by the next look.
      async begin(list) {
        const newest = await readCards(name, list, 'updated_at', fullPage(1))
        return { changesUntil: newestOf(newest), data, whole: newest.last ? newest : null }
      },
      page: (list, _data, place) => readCards(name, list, 'id', place),
    }
  }

  async function readCards(name: CardList, list: List, order: CardOrder, place: PagePlace): Promise<Page> {
    const { items: cards, last } = await lists.ask(name, list, () => readers[name].page(client, order, place))
    const isThere = ({ isDeleted }: Card) => !isDeleted
    return {
      items: cards.filter(isThere).map((card) => itemOfCard(name, card, partnerFieldId)),
      gone: cards.filter((card) => !isThere(card)).map(({ id }) => id),
      ids: cards.map(({ id }) => id),
      last,
    }
  }

  return {
    find,
    fresh,
    look,
    mayHaveMore(name: CardList) {
      trustedSince[name] = now() + atWorkFor
    },
  }
}
