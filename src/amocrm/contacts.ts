import { type CardOrder, card, orderQuery } from './card.ts'
import type { AmocrmClient } from './client.ts'
import { type PagePlace, readPage } from './paging.ts'
import { readAnswer } from './read-answer.ts'

/**
 * A page of the contacts.
 * https://www.amocrm.ru/developers/content/crm_platform/contacts-api#contacts-list
 */
export async function readContacts(client: AmocrmClient, order: CardOrder, page: PagePlace) {
  return readPage(client, `/api/v4/contacts?${orderQuery(order)}`, 'contacts', card, page)
}

/**
 * One contact; null when it is gone.
 * https://www.amocrm.ru/developers/content/crm_platform/contacts-api#contact-detail
 */
export async function readContact(client: AmocrmClient, id: number) {
  const answer = await client.request({ method: 'GET', path: `/api/v4/contacts/${id}` })
  return answer === null ? null : readAnswer(card, answer)
}
