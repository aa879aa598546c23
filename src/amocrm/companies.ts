import { type CardOrder, card, orderQuery } from './card.ts'
import type { AmocrmClient } from './client.ts'
import { type PagePlace, readPage } from './paging.ts'
import { readAnswer } from './read-answer.ts'

/**
 * A page of the companies.
 * https://www.amocrm.ru/developers/content/crm_platform/companies-api#companies-list
 */
export async function readCompanies(client: AmocrmClient, order: CardOrder, page: PagePlace) {
  return readPage(client, `/api/v4/companies?${orderQuery(order)}`, 'companies', card, page)
}

/**
 * One company; null when it is gone.
 * https://www.amocrm.ru/developers/content/crm_platform/companies-api#company-detail
 */
export async function readCompany(client: AmocrmClient, id: number) {
  const answer = await client.request({ method: 'GET', path: `/api/v4/companies/${id}` })
  return answer === null ? null : readAnswer(card, answer)
}
