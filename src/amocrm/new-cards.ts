import { z } from 'zod'
import type { AmocrmClient, Call } from './client.ts'
import { AmocrmError } from './errors.ts'
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

/**
 * Creates a contact and gives its id. Nothing keeps amoCRM from creating it twice.
 * https://www.amocrm.ru/developers/content/crm_platform/contacts-api#contacts-add
 */
export function createContact(client: AmocrmClient, card: NewCard) {
  return createCard(client, 'contacts', contactRequest(card))
}

export function contactRequest(card: NewCard): Call {
  return { method: 'POST', path: '/api/v4/contacts', body: [toWire(card)] }
}

/**
 * Creates a company and gives its id. Nothing keeps amoCRM from creating it twice.
 * https://www.amocrm.ru/developers/content/crm_platform/companies-api#companies-add
 */
export function createCompany(client: AmocrmClient, card: NewCard) {
  return createCard(client, 'companies', companyRequest(card))
}

export function companyRequest(card: NewCard): Call {
  return { method: 'POST', path: '/api/v4/companies', body: [toWire(card)] }
}

async function createCard(client: AmocrmClient, key: string, request: Call): Promise<number> {
  const created = z.object({ _embedded: z.object({ [key]: z.array(z.object({ id: z.int() })) }) })
  const [card] = readAnswer(created, await client.request(request))._embedded[key] ?? []
  if (!card) throw new AmocrmError('unavailable', `the answer names none of the ${key}`, { mayHaveHappened: true })
  return card.id
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

function toWire({ name, firstName, lastName, responsibleUserId, tags, fields }: NewCard) {
  return {
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
