import { z } from 'zod'
import type { AmocrmClient } from './client.ts'
import { AmocrmError } from './errors.ts'
import { readAllPages } from './paging.ts'
import { readAnswer } from './read-answer.ts'

export interface ProductLink {
  leadId: number
  elementId: number
  catalogId: number
  quantity: number
}

/** More at once are known to get lost. */
const atOnce = 50

const linked = z.object({
  _embedded: z.object({ links: z.array(z.object({ entity_id: z.int(), to_entity_id: z.int() })) }),
})

/**
 * Links catalog elements to leads. A link that exists is said to get the new quantity, but nobody is sure of it.
 * https://www.amocrm.ru/developers/content/crm_platform/entity-links-api#links-link
 */
export async function linkProducts(client: AmocrmClient, links: ProductLink[]) {
  for (let first = 0; first < links.length; first += atOnce) {
    const part = links.slice(first, first + atOnce)
    const answer = await client.request({ method: 'POST', path: '/api/v4/leads/link', body: part.map(toWire) })
    const confirmed = readAnswer(linked, answer)._embedded.links
    const missing = part.filter(
      ({ leadId, elementId }) =>
        !confirmed.some((link) => link.entity_id === leadId && link.to_entity_id === elementId),
    )
    if (missing.length > 0) {
      throw new AmocrmError(
        'unavailable',
        `POST /api/v4/leads/link: ${missing.length} of ${part.length} links were not made`,
        { mayHaveHappened: true },
      )
    }
  }
}

const listedLink = z.object({
  to_entity_id: z.int(),
  to_entity_type: z.string(),
  metadata: z.object({ catalog_id: z.int().nullish(), quantity: z.number().nullish() }).nullish(),
})

/**
 * The products that are linked to a lead.
 * https://www.amocrm.ru/developers/content/crm_platform/entity-links-api#links-list
 */
export async function listProductLinks(client: AmocrmClient, leadId: number): Promise<ProductLink[]> {
  const path = `/api/v4/leads/${leadId}/links?filter[to_entity_type]=catalog_elements`
  const links = await readAllPages(client, path, 'links', listedLink)
  return links
    .filter(({ to_entity_type }) => to_entity_type === 'catalog_elements')
    .map(({ to_entity_id, metadata }) => ({
      leadId,
      elementId: to_entity_id,
      catalogId: metadata?.catalog_id ?? 0,
      quantity: metadata?.quantity ?? 0,
    }))
}

function toWire({ leadId, elementId, catalogId, quantity }: ProductLink) {
  return {
    entity_id: leadId,
    to_entity_id: elementId,
    to_entity_type: 'catalog_elements',
    metadata: { catalog_id: catalogId, quantity },
  }
}
