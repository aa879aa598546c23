import type { AmocrmClient } from './client.ts'
import { createApiOnlyTextField, listLeadFields } from './custom-fields.ts'
import { AmocrmError } from './errors.ts'

const code = 'PAROM_ORDER_KEY'
export const markerName = 'Ключ заказа Parom'

/**
 * The field by which a lead of ours is known again after a lost answer; made when the account has none.
 * Null when the token may not make fields.
 */
export async function ensureMarkerField(client: AmocrmClient): Promise<number | null> {
  return (await findMarkerField(client)) ?? (await makeMarkerField(client))
}

async function findMarkerField(client: AmocrmClient) {
  const fields = await listLeadFields(client)
  return fields.find((field) => field.code === code)?.id ?? null
}

async function makeMarkerField(client: AmocrmClient) {
  try {
    return (await createApiOnlyTextField(client, { name: markerName, code })).id
  } catch (error) {
    if (!(error instanceof AmocrmError) || !['rejected', 'forbidden'].includes(error.kind)) throw error
    // Another process may have made it in the meantime.
    return findMarkerField(client)
  }
}
