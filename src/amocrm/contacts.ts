import { z } from 'zod'
import type { AmocrmClient } from './client.ts'
import { readAllPages } from './paging.ts'

export interface PartnerContact {
  id: number
  name: string
  /** Unix seconds. */
  createdAt: number
  partnerId: string
}

const contact = z.object({
  id: z.int(),
  name: z.string().nullish(),
  created_at: z.int(),
  custom_fields_values: z
    .array(z.object({ field_id: z.int(), values: z.array(z.object({ value: z.unknown() })) }))
    .nullish(),
})

/**
 * Every contact whose field `partnerFieldId` holds something.
 * https://www.amocrm.ru/developers/content/crm_platform/contacts-api#contacts-list
 */
export async function listPartnerContacts(client: AmocrmClient, partnerFieldId: number): Promise<PartnerContact[]> {
  const contacts = await readAllPages(client, '/api/v4/contacts?order[id]=asc', 'contacts', contact)
  return contacts.flatMap(({ id, name, created_at, custom_fields_values }) => {
    const value = custom_fields_values?.find(({ field_id }) => field_id === partnerFieldId)?.values[0]?.value
    const partnerId = typeof value === 'string' || typeof value === 'number' ? String(value).trim() : ''
    return partnerId === '' ? [] : [{ id, name: name ?? '', createdAt: created_at, partnerId }]
  })
}
