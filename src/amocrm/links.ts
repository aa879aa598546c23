import { z } from 'zod'
import { inBatches, linksAtOnce } from './batches.ts'
import type { AmocrmClient, Call } from './client.ts'
import { AmocrmError, type CrmFault, withFieldNames } from './errors.ts'
import type { Id } from './new-cards.ts'
import { askedAtOnce, ofEntities, readAllPages } from './paging.ts'

interface ProductLink {
  leadId: Id
  elementId: Id
  catalogId: number
  quantity: number
}

/**
 * Links catalog elements to leads. The answer names links too that did not last; `listLinkedElements` tells.
 * A link that exists is said to get the new quantity, but nobody is sure of it.
 * https://www.amocrm.ru/developers/content/crm_platform/entity-links-api#links-link
 */
export async function linkProducts(client: AmocrmClient, links: ProductLink[]) {
  await client.request(linkRequest(links)).catch((error: unknown) => {
    const nameOf = ({ item }: CrmFault) => String(links[Number(item)]?.elementId ?? '') || null
    throw error instanceof AmocrmError ? withFieldNames(error, nameOf) : error
  })
}

/** The ids of the elements that the CRM refuses to link; empty when it does not say. */
export function refusedElements({ faults }: AmocrmError): number[] {
  return faults.flatMap(({ field }) => (field === null ? [] : Number(field)))
}

export function linkRequests(links: ProductLink[]): Call[] {
  return inBatches(links, linksAtOnce).map(linkRequest)
}

function linkRequest(links: ProductLink[]): Call {
  return { method: 'POST', path: '/api/v4/leads/link', body: links.map(toWire) }
}

const listedLink = z.object({ entity_id: z.int(), to_entity_id: z.int(), to_entity_type: z.string() })

/**
 * The ids of the catalog elements that are linked to leads, by the ids of the leads.
 * https://www.amocrm.ru/developers/content/crm_platform/entity-links-api#links-list
 */
export async function listLinkedElements(client: AmocrmClient, leadIds: number[]): Promise<Map<number, Set<number>>> {
  const linked = new Map<number, Set<number>>(leadIds.map((id) => [id, new Set()]))
  for (const part of inBatches(leadIds, askedAtOnce)) {
    const path = `/api/v4/leads/links?${ofEntities(part)}&filter[to_entity_type]=catalog_elements`
    for (const { entity_id, to_entity_id, to_entity_type } of await readAllPages(client, path, 'links', listedLink)) {
      if (to_entity_type === 'catalog_elements') linked.get(entity_id)?.add(to_entity_id)
    }
  }
  return linked
}

function toWire({ leadId, elementId, catalogId, quantity }: ProductLink) {
  return {
    entity_id: leadId,
    to_entity_id: elementId,
    to_entity_type: 'catalog_elements',
    metadata: { catalog_id: catalogId, quantity },
  }
}
