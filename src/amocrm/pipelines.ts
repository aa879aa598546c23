import { z } from 'zod'
import type { AmocrmClient } from './client.ts'
import { readAnswer } from './read-answer.ts'

/** Leads that nobody has taken yet lie there; no lead can be created in it. */
const unsorted = 1

const status = z.object({ id: z.int(), name: z.string(), type: z.int().nullish() })

const answered = z.object({
  _embedded: z.object({
    pipelines: z.array(
      z.object({
        id: z.int(),
        name: z.string(),
        is_archive: z.boolean().nullish(),
        _embedded: z.object({ statuses: z.array(status) }),
      }),
    ),
  }),
})

/**
 * The pipelines of leads, with the statuses that a lead can be created in.
 * https://www.amocrm.ru/developers/content/crm_platform/leads_pipelines#pipelines-list
 */
export async function listPipelines(client: AmocrmClient) {
  const answer = await client.request({ method: 'GET', path: '/api/v4/leads/pipelines' })
  if (answer === null) return []
  return readAnswer(answered, answer)._embedded.pipelines.map(({ id, name, is_archive, _embedded }) => ({
    id,
    name,
    isArchive: is_archive ?? false,
    statuses: _embedded.statuses
      .filter(({ type }) => type !== unsorted)
      .map(({ id: statusId, name: statusName }) => ({ id: statusId, name: statusName })),
  }))
}
