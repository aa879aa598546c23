import { z } from 'zod'
import type { AmocrmClient } from './client.ts'
import { readAnswer } from './read-answer.ts'

const lead = z.object({ id: z.int(), is_deleted: z.boolean().nullish() })

/**
 * Whether there is such a lead, and not in the trash. Throws AmocrmError.
 * https://www.amocrm.ru/developers/content/crm_platform/leads-api#lead-detail
 */
export async function hasLead(client: AmocrmClient, id: number) {
  const answer = await client.request({ method: 'GET', path: `/api/v4/leads/${id}` })
  if (answer === null) return false
  const found = readAnswer(lead, answer)
  return found.id === id && !found.is_deleted
}
