import type { Insertable } from 'kysely'
import type { Database } from '../../src/database/open.ts'
import type { Tables } from '../../src/database/tables.ts'
import { createMessageId } from '../../src/inbox/message-id.ts'
import { anOrder, asForm } from './orders.ts'

type Row = Insertable<Tables['messages']>

/** Orders as their failures left them, the oldest first. Gives their ids. */
export async function storeFailed(
  { db }: Database,
  howMany: number,
  { receivedAt = Date.now() - 60_000, ...columns }: Partial<Row> & { receivedAt?: number } = {},
): Promise<string[]> {
  const rows = Array.from({ length: howMany }, (_, index) => {
    const id = createMessageId(receivedAt)
    const order = asForm(anOrder({ order_id: `N${index + 1}`, comment: id }))
    return {
      ...{ id, account: 'sandbox.amocrm.ru', source: 'lk', received_at: receivedAt, dedupe_key: id },
      ...{ content_type: 'application/x-www-form-urlencoded', headers: '{}', body: Buffer.from(order) },
      ...{ state: 'dead' as const, reason: 'crm_rejected', error: 'POST /api/v4/leads: HTTP 400', attempts: 1 },
      next_attempt_at: null,
      ...columns,
    }
  })
  for (let from = 0; from < rows.length; from += 200)
    await db
      .insertInto('messages')
      .values(rows.slice(from, from + 200))
      .execute()
  return rows.map(({ id }) => id)
}
