import { z } from 'zod'
import { inBatches } from './batches.ts'
import type { AmocrmClient, Call } from './client.ts'
import { AmocrmError } from './errors.ts'
import { readAnswer } from './read-answer.ts'

export interface NewElement {
  name: string
  /** Empty when there is none. */
  sku: string
  /** Null when it is not known. */
  price: number | null
}

const created = z.object({ _embedded: z.object({ elements: z.array(z.object({ id: z.int(), name: z.string() })) }) })

/**
 * Creates a batch of elements of a catalog; gives their ids in the order of the elements. Nothing keeps amoCRM from
 * creating them twice.
 * https://www.amocrm.ru/developers/content/crm_platform/catalogs-api#list-elements-add
 */
export async function createElements(client: AmocrmClient, catalogId: number, elements: NewElement[]) {
  // They come back whole and in their order; what is echoed of a request id differs from account to account.
  const answer = await client.request(elementsRequest(catalogId, elements))
  const ids = readAnswer(created, answer)._embedded.elements.map(({ id }) => id)
  if (ids.length === elements.length) return ids
  const message = `the answer names ${ids.length} of ${elements.length} elements`
  throw new AmocrmError('unavailable', message, { mayHaveHappened: true })
}

/** The places in a batch of what the CRM refuses; empty when it does not say. */
export function refusedItems({ faults }: AmocrmError) {
  return new Set(faults.flatMap(({ item }) => (item !== null && /^\d+$/.test(item) ? Number(item) : [])))
}

export function elementsRequests(catalogId: number, elements: NewElement[]): Call[] {
  return inBatches(elements).map((batch) => elementsRequest(catalogId, batch))
}

function elementsRequest(catalogId: number, elements: NewElement[]): Call {
  return { method: 'POST', path: `/api/v4/catalogs/${catalogId}/elements`, body: elements.map(toWire) }
}

function toWire({ name, sku, price }: NewElement) {
  const fields = [
    ...(sku ? [{ field_code: 'SKU', values: [{ value: sku }] }] : []),
    ...(price === null ? [] : [{ field_code: 'PRICE', values: [{ value: String(price) }] }]),
  ]
  return { name, ...(fields.length > 0 ? { custom_fields_values: fields } : {}) }
}
