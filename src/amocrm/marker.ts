import type { AmocrmClient } from './client.ts'
import { type CustomField, createApiOnlyTextField } from './custom-fields.ts'
import { AmocrmError } from './errors.ts'

const code = 'PAROM_ORDER_KEY'

/**
 * The field by which a lead of ours is known again after a lost answer; made when the account has none.
 * Null when the token may not make fields.
 */
export async function ensureMarkerField(client: AmocrmClient, leadFields: CustomField[]): Promise<number | null> {
  const existing = leadFields.find((field) => field.code === code)
  if (existing) return existing.id
  try {
    return (await createApiOnlyTextField(client, { name: 'Ключ заказа Parom', code })).id
  } catch (error) {
    if (error instanceof AmocrmError && (error.kind === 'rejected' || error.kind === 'forbidden')) return null
    throw error
  }
}
