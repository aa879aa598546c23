import { localeOf, readAccount } from '../account.ts'
import { type Catalog, listCatalogs } from '../catalogs.ts'
import type { AmocrmClient } from '../client.ts'
import { type CustomField, type FieldGroup, type FieldOwner, listFieldGroups, listFields } from '../custom-fields.ts'
import { nullIfForbidden } from '../errors.ts'
import { listPipelines } from '../pipelines.ts'
import { listUsers } from '../users.ts'

/** What orders are mapped by. */
export interface AccountFacts {
  /** Such as Europe/Moscow. */
  timeZone: string
  /** Such as RUB; null when the CRM does not say. */
  currency: string | null
  fields: (CustomField & { entity: FieldOwner })[]
  /** Their statuses without the one of unsorted leads, which no lead can be created in. */
  pipelines: Awaited<ReturnType<typeof listPipelines>>
  /** Null where we have no right to know. */
  users: Awaited<ReturnType<typeof listUsers>>
}

/** The same with what only people look at. */
export interface AccountLists extends AccountFacts {
  /** Null where we have no right to know. */
  catalogs: Catalog[] | null
  fieldGroups: FieldGroup[] | null
}

export const factReaders = {
  account: readAccount,
  all_pipelines: listPipelines,
  users: listUsers,
  custom_fields_leads: (client: AmocrmClient) => listFields(client, 'leads'),
  custom_fields_contacts: (client: AmocrmClient) => listFields(client, 'contacts'),
  custom_fields_companies: (client: AmocrmClient) => listFields(client, 'companies'),
}

export const listReaders = {
  ...factReaders,
  catalogs: (client: AmocrmClient) => listCatalogs(client).catch(nullIfForbidden),
  field_groups: (client: AmocrmClient) => listFieldGroups(client).catch(nullIfForbidden),
}

export type DocumentName = keyof typeof listReaders
type Documents = { [Name in DocumentName]: Awaited<ReturnType<(typeof listReaders)[Name]>> }

export const documentNames = Object.keys(listReaders) as DocumentName[]

export function factsOf(documents: Pick<Documents, keyof typeof factReaders>): AccountFacts {
  const { account, all_pipelines: pipelines, users } = documents
  const ofEntity = (entity: FieldOwner) => documents[`custom_fields_${entity}`].map((field) => ({ entity, ...field }))
  return {
    ...localeOf(account),
    fields: [...ofEntity('leads'), ...ofEntity('contacts'), ...ofEntity('companies')],
    pipelines,
    users,
  }
}

export function listsOf({ catalogs, field_groups: fieldGroups, ...documents }: Documents): AccountLists {
  return { ...factsOf(documents), catalogs, fieldGroups }
}
