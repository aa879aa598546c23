import { z } from 'zod'
import type { AmocrmClient } from './client.ts'
import { readAllPages } from './paging.ts'

export interface ProductLink {
  leadId: number
  elementId: number
  catalogId: number
  quantity: number
}

/** More at once are known to get lost. */
const atOnce = 50

/**
 * Links catalog elements to leads. The answer names links too that did not last; `listLinkedElements` tells.
 * A link that exists is said to get the new quantity, but nobody is sure of it.
 * https://www.amocrm.ru/developers/content/crm_platform/entity-links-api#links-link
 */
export async function linkProducts(client: AmocrmClient, links: ProductLink[]) {
  for (let first = 0; first < links.length; first += atOnce) {
    const body = links.slice(first, first + atOnce).map(toWire)
    await client.request({ method: 'POST', path: '/api/v4/leads/link', body })
  }
}

const listedLink = z.object({ to_entity_id: z.int(), to_entity_type: z.string() })

/**
 * The ids of the catalog elements that are linked to a lead.
 * https://www.amocrm.ru/developers/content/crm_platform/entity-links-api#links-list
 */
export async function listLinkedElements(client: AmocrmClient, leadId: number): Promise<Set<number>> {
  const path = `/api/v4/leads/${leadId}/links?filter[to_entity_type]=catalog_elements`
  const links = await readAllPages(client, path, 'links', listedLink)
  const elements = links.filter(({ to_entity_type }) => to_entity_type === 'catalog_elements')
  return new Set(elements.map(({ to_entity_id }) => to_entity_id))
}

function toWire({ leadId, elementId, catalogId, quantity }: ProductLink) {
  return {
    entity_id: leadId,
    to_entity_id: elementId,
    to_entity_type: 'catalog_elements',
    metadata: { catalog_id: catalogId, quantity },
  }
}
