import { z } from 'zod'
import type { AmocrmClient } from './client.ts'
import { readAllPages } from './paging.ts'
import { readAnswer } from './read-answer.ts'

const choice = z.object({ id: z.int(), value: z.string(), code: z.string().nullish() })

const field = z
  .object({
    id: z.int(),
    name: z.string(),
    type: z.string(),
    code: z.string().nullish(),
    enums: z.array(choice).nullish(),
    is_computed: z.boolean().nullish(),
    // No order waits for what only people look at.
    group_id: z.string().nullish().catch(null),
    chained_lists: z.array(z.object({ catalog_id: z.int() })).nullish(),
  })
  .transform(({ id, name, type, code, enums, is_computed, group_id, chained_lists }) => ({
    id,
    name,
    type,
    code: code ?? null,
    choices: (enums ?? []).map((each) => ({ ...each, code: each.code ?? null })),
    isComputed: is_computed ?? false,
    /** On which tab of the card it stands; null: the main one. */
    groupId: group_id ?? null,
    /** Of a chained list: the lists that its values are elements of. */
    catalogIds: (chained_lists ?? []).map(({ catalog_id }) => catalog_id),
  }))

export type CustomField = z.output<typeof field>
export type FieldOwner = 'leads' | 'contacts' | 'companies'

/**
 * The custom fields of leads, contacts or companies.
 * https://www.amocrm.ru/developers/content/crm_platform/custom-fields#custom-fields-list
 */
export async function listFields(client: AmocrmClient, entity: FieldOwner): Promise<CustomField[]> {
  return readAllPages(client, `/api/v4/${entity}/custom_fields`, 'custom_fields', field)
}

const groups = z.object({
  _embedded: z.object({ custom_field_groups: z.array(z.object({ id: z.coerce.string(), name: z.string() })) }),
})

export type FieldGroup = z.output<typeof groups>['_embedded']['custom_field_groups'][number]

/**
 * The tabs of the cards of leads, contacts and companies that fields stand on.
 * https://www.amocrm.ru/developers/content/crm_platform/custom-fields#custom-field-groups-list
 */
export async function listFieldGroups(client: AmocrmClient): Promise<FieldGroup[]> {
  const found: FieldGroup[] = []
  for (const owner of ['leads', 'contacts', 'companies'] satisfies FieldOwner[]) {
    const answer = await client.request({ method: 'GET', path: `/api/v4/${owner}/custom_fields/groups` })
    if (answer !== null) found.push(...readAnswer(groups, answer)._embedded.custom_field_groups)
  }
  return found
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
