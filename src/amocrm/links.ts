import { z } from 'zod'
import { inBatches } from './batches.ts'
import type { AmocrmClient, Call } from './client.ts'
import { AmocrmError, type CrmFault, withFieldNames } from './errors.ts'
import type { Id } from './new-cards.ts'
import { readAllPages } from './paging.ts'

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
  for (const part of inBatches(links)) {
    await client.request(linkRequest(part)).catch((error: unknown) => {
      const nameOf = ({ item }: CrmFault) => String(part[Number(item)]?.elementId ?? '') || null
      throw error instanceof AmocrmError ? withFieldNames(error, nameOf) : error
    })
  }
}

/** The ids of the elements that the CRM refuses to link; empty when it does not say. */
export function refusedElements({ faults }: AmocrmError): number[] {
  return faults.flatMap(({ field }) => (field === null ? [] : Number(field)))
}

export function linkRequests(links: ProductLink[]): Call[] {
  return inBatches(links).map(linkRequest)
}

function linkRequest(links: ProductLink[]): Call {
  return { method: 'POST', path: '/api/v4/leads/link', body: links.map(toWire) }
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
