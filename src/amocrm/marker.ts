import type { AmocrmClient } from './client.ts'
import { createApiOnlyTextField, listFields } from './custom-fields.ts'
import { AmocrmError } from './errors.ts'

export const markerCode = 'PAROM_ORDER_KEY'
export const markerName = 'Ключ заказа Parom'

/**
 * The field by which a lead of ours is known again after a lost answer; made when the account has none.
 * Null when the token may not make fields.
 */
export async function ensureMarkerField(client: AmocrmClient): Promise<number | null> {
  return (await findMarkerField(client)) ?? (await makeMarkerField(client))
}

/** The same, if it is there. */
export async function findMarkerField(client: AmocrmClient) {
  const fields = await listFields(client, 'leads')
  return fields.find((field) => field.code === markerCode)?.id ?? null
}

async function makeMarkerField(client: AmocrmClient) {
  try {
    return (await createApiOnlyTextField(client, { name: markerName, code: markerCode })).id
  } catch (error) {
    if (!(error instanceof AmocrmError) || !['rejected', 'forbidden'].includes(error.kind)) throw error
    // Another process may have made it in the meantime.
    return findMarkerField(client)
  }
}
