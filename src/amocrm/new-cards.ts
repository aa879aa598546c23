import { z } from 'zod'
import type { AmocrmClient, Call } from './client.ts'
import { readAnswer } from './read-answer.ts'

/** Of a record; a text stands for one that is still to be made, where requests are only shown. */
export type Id = number | string

export interface FilledField {
  fieldId: number
  /** Our name of it. */
  field: string
  /** As the API takes them. */
  values: Record<string, unknown>[]
}

/** A contact or a company to be. */
export interface NewCard {
  name: string
  firstName?: string
  lastName?: string
  /** Null: whom amoCRM takes. */
  responsibleUserId: number | null
  tags: string[]
  fields: FilledField[]
}

export type CardOwner = 'contacts' | 'companies'
/** The request id is echoed in the answer, not stored. */
type RequestedCard = NewCard & { requestId: string }

/**
 * Creates contacts or companies; the map leads from a request id to the id of its card. Nothing keeps amoCRM from
 * creating them twice.
 * https://www.amocrm.ru/developers/content/crm_platform/contacts-api#contacts-add
 * https://www.amocrm.ru/developers/content/crm_platform/companies-api#companies-add
 */
export async function createCards(
  client: AmocrmClient,
  owner: CardOwner,
  cards: RequestedCard[],
): Promise<Map<string, number>> {
  const created = z.object({
    _embedded: z.object({ [owner]: z.array(z.object({ id: z.int(), request_id: z.coerce.string() })) }),
  })
  const { _embedded } = readAnswer(created, await client.request(cardsRequest(owner, cards)))
  return new Map((_embedded[owner] ?? []).map(({ id, request_id }) => [request_id, id]))
}

export function cardsRequest(owner: CardOwner, cards: RequestedCard[]): Call {
  return { method: 'POST', path: `/api/v4/${owner}`, body: cards.map(toWire) }
}

/**
 * Puts a contact into a company; done twice, it is done once.
 * https://www.amocrm.ru/developers/content/crm_platform/entity-links-api#links-link
 */
export async function linkContactToCompany(client: AmocrmClient, contactId: number, companyId: number) {
  await client.request(companyLinkRequest(contactId, companyId))
}

export function companyLinkRequest(contactId: Id, companyId: Id): Call {
  const body = [{ to_entity_id: companyId, to_entity_type: 'companies' }]
  return { method: 'POST', path: `/api/v4/contacts/${contactId}/link`, body }
}

function toWire({ requestId, name, firstName, lastName, responsibleUserId, tags, fields }: RequestedCard) {
  return {
    request_id: requestId,
    name,
    ...(firstName ? { first_name: firstName } : {}),
    ...(lastName ? { last_name: lastName } : {}),
    ...(responsibleUserId === null ? {} : { responsible_user_id: responsibleUserId }),
    created_by: 0,
    ...(fields.length > 0 ? { custom_fields_values: fieldsToWire(fields) } : {}),
    ...(tags.length > 0 ? { _embedded: { tags: tags.map((name) => ({ name })) } } : {}),
  }
}

export function fieldsToWire(fields: FilledField[]) {
  return fields.map(({ fieldId, values }) => ({ field_id: fieldId, values }))
}
