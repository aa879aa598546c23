import type { Selectable } from 'kysely'
import type { Tables } from '../database/tables.ts'

/** What is known of the sender besides the message, joined as `api_users`. */
export const senderColumns = ['api_users.partner_id as sender_partner', 'api_users.form as sender_form'] as const

export interface SenderColumns {
  sender_partner: string | null
  sender_form: string | null
}

/** A message as whoever reads the order in it needs it. */
export function receivedOf(
  row: Pick<Selectable<Tables['messages']>, 'source' | 'content_type' | 'body' | 'format' | 'order_number'> &
    SenderColumns,
) {
  return {
    source: row.source,
    contentType: row.content_type,
    body: Buffer.from(row.body),
    format: row.format,
    // The one that its sender was told. Of other orders the column says what was read in them.
    code: row.format === null ? null : row.order_number,
    sender: { partnerId: row.sender_partner, form: row.sender_form },
  }
}

export type Received = ReturnType<typeof receivedOf>
