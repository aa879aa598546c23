import { z } from 'zod'
import type { AmocrmClient } from './client.ts'
import { readAnswer } from './paging.ts'

const account = z.object({ id: z.int(), name: z.string(), subdomain: z.string() })

/**
 * The account behind the token.
 * https://www.amocrm.ru/developers/content/crm_platform/account-info
 */
export async function readAccount(client: AmocrmClient) {
  return readAnswer(account, await client.request({ method: 'GET', path: '/api/v4/account' }))
}
