import { z } from 'zod'
import type { AmocrmClient } from './client.ts'
import { readAnswer } from './read-answer.ts'

const pageSize = 250

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
    const { items: found, last } = await readPage(client, path, key, item, page)
    items.push(...found)
    if (last) return items
  }
}

/** One page of 250, counted from 1. */
export async function readPage<Item>(
  client: AmocrmClient,
  path: string,
  key: string,
  item: z.ZodType<Item>,
  page: number,
) {
  const separator = path.includes('?') ? '&' : '?'
  const answer = await client.request({ method: 'GET', path: `${path}${separator}limit=${pageSize}&page=${page}` })
  if (answer === null) return { items: [], last: true }
  const list = z.object({
    _embedded: z.object({ [key]: z.array(item) }),
    _links: z.object({ next: z.object({ href: z.string() }).optional() }).optional(),
  })
  const { _embedded, _links } = readAnswer(list, answer)
  return { items: (_embedded[key] ?? []) as Item[], last: _links?.next === undefined }
}
