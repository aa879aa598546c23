import { z } from 'zod'
import type { AmocrmClient } from './client.ts'
import { readAnswer } from './read-answer.ts'

const pageSize = 250
/** Items of the smallest page that is asked for instead, to have it begin elsewhere. */
const smallest = 200

/** A page of so many items, counted from 1. */
export interface PagePlace {
  number: number
  size: number
}

export function fullPage(number: number): PagePlace {
  return { number, size: pageSize }
}

/** The page that holds the item at `place`, counted from 0, and reaches farthest beyond it. */
export function pageHolding(place: number): PagePlace {
  const sizes = Array.from({ length: pageSize - smallest + 1 }, (_, index) => pageSize - index)
  const pages = sizes.map((size) => ({ number: Math.floor(place / size) + 1, size }))
  return pages.reduce((best, page) => (endOf(page) > endOf(best) ? page : best))
}

/** How many items there are up to the end of a page. */
export function endOf({ number, size }: PagePlace) {
  return number * size
}

/**
 * Every item of a list, or an error: a part is never taken for the whole.
 * A page can be empty although the one before it announced it, and an empty list answers 204.
 */
export async function readAllPages<Item>(
  client: AmocrmClient,
  path: string,
  key: string,
  item: z.ZodType<Item>,
): Promise<Item[]> {
  const items: Item[] = []
  for (let page = 1; ; page++) {
    const { items: found, last } = await readPage(client, path, key, item, fullPage(page))
    items.push(...found)
    if (last) return items
  }
}

export async function readPage<Item>(
  client: AmocrmClient,
  path: string,
  key: string,
  item: z.ZodType<Item>,
  { number, size }: PagePlace,
) {
  const separator = path.includes('?') ? '&' : '?'
  const answer = await client.request({ method: 'GET', path: `${path}${separator}limit=${size}&page=${number}` })
  if (answer === null) return { items: [], last: true }
  const list = z.object({
    _embedded: z.object({ [key]: z.array(item) }),
    _links: z.object({ next: z.object({ href: z.string() }).optional() }).optional(),
  })
  const { _embedded, _links } = readAnswer(list, answer)
  return { items: (_embedded[key] ?? []) as Item[], last: _links?.next === undefined }
}

/** So many ids at most are named in one address: nobody knows how long it may be. */
export const askedAtOnce = 50

/** The filter of lists that are asked for what belongs to several records; it is not part of the paid one. */
export function ofEntities(ids: number[]) {
  return ids.map((id) => `filter[entity_id][]=${id}`).join('&')
}
