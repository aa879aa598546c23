import { z } from 'zod'
import type { AmocrmClient } from './client.ts'
import { AmocrmError } from './errors.ts'
import { fullPage, readPage } from './paging.ts'

const listedLead = z.object({
  id: z.int(),
  created_at: z.int(),
  custom_fields_values: z
    .array(z.object({ field_id: z.int(), values: z.array(z.object({ value: z.unknown() })) }))
    .nullish(),
})

type ListedLead = z.infer<typeof listedLead>

interface Wanted {
  fieldId: number
  values: string[]
  /** Unix ms by the CRM's clock: none of them is older. */
  since: number
}

/** A span of the CRM's clock, in its unix s: every lead that was made in it has been read. */
interface Span {
  from: number
  to: number
}

/** Seconds by which a lead may be seen later than it says it was made: so long a create may be at work. */
const appearsWithin = 30
/** Seconds for which is remembered what has been read, and how many leads at most. */
const rememberedFor = 30 * 60
const mostRemembered = 100_000

/**
 * Finds leads by what a text field holds. Filters are a paid add-on and `query` lags behind, so the newest leads are
 * read and compared; what one search has read, the next one remembers.
 * https://www.amocrm.ru/developers/content/crm_platform/leads-api#leads-list
 */
export function createLeadSearch() {
  /** By id: what the field of a lead holds. */
  const known = new Map<number, { createdAt: number; values: string[] }>()
  let field: number | null = null
  let read: Span | null = null
  let searching: Promise<unknown> = Promise.resolve()

  /** Of each value the ids of its leads, oldest first. Throws AmocrmError. */
  function find(client: AmocrmClient, wanted: Wanted): Promise<Map<string, number[]>> {
    const found = searching.then(() => findNow(client, wanted))
    searching = found.catch(() => {})
    return found
  }

  async function findNow(client: AmocrmClient, { fieldId, values, since }: Wanted) {
    if (fieldId !== field) forget()
    field = fieldId
    await readSince(client, Math.floor(since / 1000))
    const found = new Map<string, number[]>(values.map((value) => [value, []]))
    for (const [id, { values: held }] of known) for (const value of held) found.get(value)?.push(id)
    for (const ids of found.values()) ids.sort((a, b) => a - b)
    forgetBefore(Math.floor(since / 1000))
    return found
  }

  /** Page by page, newest first, back to `since` (unix s) or to where an earlier search has begun. */
  async function readSince(client: AmocrmClient, since: number) {
    const earlier = read !== null && read.from <= since && since <= read.to ? read : null
    const goal = earlier ? earlier.to - appearsWithin : since
    let to: number | null = null
    for (let page = 1; ; page++) {
      // A lead that is made meanwhile moves another one to the next page, where it is met again.
      const { items, last } = await readLeads(client, page)
      for (const lead of items) keep(lead)
      const oldest = items.at(-1)?.created_at ?? Number.NEGATIVE_INFINITY
      // Others may date a lead ahead: the first one tells nothing of the time.
      to ??= oldest
      if (last || oldest < goal) break
    }
    if (to !== null && to > Number.NEGATIVE_INFINITY) read = { from: earlier?.from ?? since, to }
  }

  function keep({ id, created_at: createdAt, custom_fields_values: fields }: ListedLead) {
    const held = fields?.find(({ field_id }) => field_id === field)?.values ?? []
    if (held.length > 0) known.set(id, { createdAt, values: held.map(({ value }) => String(value)) })
  }

  /** What was wanted last is kept: of orders that have waited for long, there are more to come. */
  function forgetBefore(since: number) {
    if (known.size > mostRemembered) forget()
    if (!read) return
    const oldest = Math.max(read.from, Math.min(since, read.to - rememberedFor))
    read = { ...read, from: oldest }
    for (const [id, { createdAt }] of known) if (createdAt < oldest) known.delete(id)
  }

  function forget() {
    known.clear()
    read = null
  }

  return { find }
}

/** Of many pages one fails easily, and all would have to be read again. */
async function readLeads(client: AmocrmClient, page: number) {
  const path = '/api/v4/leads?order[created_at]=desc'
  const read = () => readPage(client, path, 'leads', listedLead, fullPage(page))
  return read().catch((error: unknown) => {
    if (page === 1 || !(error instanceof AmocrmError) || error.kind !== 'unavailable') throw error
    return read()
  })
}
