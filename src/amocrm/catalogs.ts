import { z } from 'zod'
import type { AmocrmClient } from './client.ts'
import { readAllPages } from './paging.ts'

const catalog = z.object({ id: z.int(), name: z.string(), type: z.string() })

/**
 * The lists of the account. The filter by type is not documented, so whoever wants one type picks it.
 * https://www.amocrm.ru/developers/content/crm_platform/catalogs-api#lists-list
 */
export async function listCatalogs(client: AmocrmClient) {
  return readAllPages(client, '/api/v4/catalogs', 'catalogs', catalog)
}

const element = z.object({ id: z.int(), name: z.string(), is_deleted: z.boolean().nullish() })

/**
 * All elements of a list that are not deleted.
 * https://www.amocrm.ru/developers/content/crm_platform/catalogs-api#list-elements-list
 */
export async function listElements(client: AmocrmClient, catalogId: number) {
  const elements = await readAllPages(client, `/api/v4/catalogs/${catalogId}/elements`, 'elements', element)
  return elements.filter(({ is_deleted }) => !is_deleted).map(({ id, name }) => ({ id, name }))
}
