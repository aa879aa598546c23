import { setTimeout as sleep } from 'node:timers/promises'
import { AmocrmError } from '../errors.ts'
import { endOf, type PagePlace, pageHolding } from '../paging.ts'
import type { ItemStore } from './item-store.ts'
import type { Item, ListName } from './items.ts'
import type { List, ListStore } from './list-store.ts'
import type { Lists } from './lists.ts'
import { FillingOvertakenError } from './locked-list.ts'

export type Fillings = ReturnType<typeof createFillings>

/** A page as it is kept; `gone` are ids that the CRM names as deleted. */
export interface Page {
  items: Item[]
  gone: number[]
  /** All of them, in the CRM's order. */
  ids: number[]
  last: boolean
}

/** Where a list is read from. */
export interface Source {
  /** What is to be known before the first page; `whole` is all there is when that is known by then. */
  begin(list: List): Promise<{ changesUntil: number; data: string; whole: Page | null }>
  /** @param data as `begin` gave it */
  page(list: List, data: string, place: PagePlace): Promise<Page>
}

interface FillingsOptions {
  lists: Lists
  listStore: ListStore
  items: ItemStore
  /** Unix ms. */
  now: () => number
}

/** Ms between looks at how far another process is, and how often that is done. */
const lookAgainEvery = 200
const mostLooks = 100
/** So many items is gone back where some have moved, and so often while one list is read. */
const stepBack = 250
const mostStepsBack = 20
/** Ms. */
const refillAgainAfter = 60_000

/**
 * Reads lists in full. Pages are kept as they come, but only after the last one the list is whole, and what was not
 * seen goes; so a filling that fails changes nothing that is true. One at a time, whoever asks waits for it.
 */
export function createFillings({ lists, listStore, items, now }: FillingsOptions) {
  const running = new Map<ListName, Promise<void>>()
  const postponed = new Map<ListName, number>()

  async function fillOnce(name: ListName, source: Source) {
    const { filledAt } = await lists.find(name)
    for (let looks = 0; looks < mostLooks; looks++) {
      const list = await lists.find(name)
      const filling = await listStore.startFilling(list, now())
      if (filling !== null && (await isFilled(list, filling, source))) return
      if (filling === null) await sleep(lookAgainEvery)
      const { filledAt: filledByNow } = await lists.find(name)
      if (filledByNow !== null && filledByNow !== filledAt) return
    }
    throw new AmocrmError('unavailable', `another process is still reading the ${name}`)
  }

  /** False when it was overtaken. */
  async function isFilled(list: List, filling: number, source: Source) {
    const startedAt = now()
    try {
      const { changesUntil, data, whole } = await patiently(() => source.begin(list))
      if (whole) await keep(list, filling, whole)
      else await readPages(list, filling, (place) => source.page(list, data, place))
      await items.sweep(list.id, filling)
      return await listStore.finishFilling(list.id, filling, { filledAt: startedAt, changesUntil, data })
    } catch (error) {
      if (error instanceof FillingOvertakenError) return false
      await listStore.stopFilling(list.id, filling)
      throw error
    }
  }

  /** What is deleted meanwhile moves all others forward, so a page has to begin with what an earlier one has shown. */
  async function readPages(list: List, filling: number, read: (place: PagePlace) => Promise<Page>) {
    const seen = new Set<number>()
    let steps = 0
    for (let from = 0; ; ) {
      const place = pageHolding(from)
      const page = await patiently(() => read(place))
      const [first = 0] = page.ids
      if (from === 0 || seen.has(first)) {
        await keep(list, filling, page)
        if (page.last) return
        for (const id of page.ids) seen.add(id)
        from = endOf(place) - 1
      } else {
        if (++steps > mostStepsBack) throw new AmocrmError('unavailable', 'the list changes faster than it can be read')
        from = Math.max(0, from - stepBack)
      }
    }
  }

  async function keep(list: List, filling: number, page: Page) {
    await items.put(list.id, page.items, 'filling', filling)
    await items.drop(list.id, page.gone, filling)
  }

  function fill(name: ListName, source: Source): Promise<void> {
    const filling = running.get(name) ?? fillOnce(name, source).finally(() => running.delete(name))
    running.set(name, filling)
    return filling
  }

  return {
    fill,

    /** Of a list that is whole and old: it is good enough while the CRM cannot be asked. */
    async refill(name: ListName, source: Source) {
      if (now() < (postponed.get(name) ?? 0)) return
      const isDone = await unlessItFails(fill(name, source))
      if (!isDone) postponed.set(name, now() + refillAgainAfter)
    },
  }
}

/** What is known already is good enough while the CRM cannot be asked. Tells whether it could. */
export async function unlessItFails(reading: Promise<unknown>): Promise<boolean> {
  return reading.then(
    () => true,
    (error: unknown) => {
      if (error instanceof AmocrmError && error.temporary) return false
      throw error
    },
  )
}

const tries = 3

/** Reading can be repeated, and a list of many pages would seldom be read to its end if every lost answer spoilt it. */
async function patiently<Answer>(question: () => Promise<Answer>): Promise<Answer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await question()
    } catch (error) {
      const isWorthIt = error instanceof AmocrmError && error.kind === 'unavailable' && attempt < tries
      if (!isWorthIt) throw error
    }
  }
}
