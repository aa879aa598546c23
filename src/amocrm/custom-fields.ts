import { z } from 'zod'
import type { AmocrmClient } from './client.ts'
import { readAllPages } from './paging.ts'
import { readAnswer } from './read-answer.ts'

const field = z.object({
  id: z.int(),
  name: z.string(),
  type: z.string(),
  code: z
    .string()
    .nullish()
    .transform((code) => code ?? null),
})

type CustomField = z.output<typeof field>

/**
 * The custom fields of leads.
 * https://www.amocrm.ru/developers/content/crm_platform/custom-fields#custom-fields-list
 */
export async function listLeadFields(client: AmocrmClient): Promise<CustomField[]> {
  return readAllPages(client, '/api/v4/leads/custom_fields', 'custom_fields', field)
}

const created = z.object({ _embedded: z.object({ custom_fields: z.tuple([field]) }) })

/**
 * Creates a text field of leads that only the API may write; people see it.
 * https://www.amocrm.ru/developers/content/crm_platform/custom-fields#custom-field-add
 */
export async function createApiOnlyTextField(
  client: AmocrmClient,
  { name, code }: { name: string; code: string },
): Promise<CustomField> {
  const body = [{ name, code, type: 'text', sort: 1000, is_api_only: true }]
  const answer = await client.request({ method: 'POST', path: '/api/v4/leads/custom_fields', body })
  return readAnswer(created, answer)._embedded.custom_fields[0]
}
