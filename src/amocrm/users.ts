import { z } from 'zod'
import type { AmocrmClient } from './client.ts'
import { nullIfForbidden } from './errors.ts'
import { readAllPages } from './paging.ts'

const user = z
  .object({ id: z.int(), name: z.string(), rights: z.object({ is_active: z.boolean().nullish() }).nullish() })
  .transform(({ id, name, rights }) => ({ id, name, isActive: rights?.is_active ?? true }))

/**
 * The users of the account; null where we have no right to know.
 * https://www.amocrm.ru/developers/content/crm_platform/users-api#users-list
 */
export async function listUsers(client: AmocrmClient) {
  return readAllPages(client, '/api/v4/users', 'users', user).catch(nullIfForbidden)
}
