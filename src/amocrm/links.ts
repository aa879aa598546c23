import { z } from 'zod'
import type { AmocrmClient } from './client.ts'
import { AmocrmError } from './errors.ts'
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
 * Links catalog elements to leads. A link that exists gets the new quantity, so it may be repeated.
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

function toWire({ leadId, elementId, catalogId, quantity }: ProductLink) {
  return {
    entity_id: leadId,
    to_entity_id: elementId,
    to_entity_type: 'catalog_elements',
    metadata: { catalog_id: catalogId, quantity },
  }
}
