import type { Kysely, Selectable } from 'kysely'
import { v7 as uuidv7 } from 'uuid'
import type { Tables } from '../../src/database/tables.ts'
import type { Refused } from '../../src/inbox/refused.ts'
import { anOrder, asForm } from './orders.ts'

/** An order that came with a wrong token. */
export function aRefusal(account: string): Refused {
  return {
    account,
    source: 'unknown',
    reason: 'unauthorized',
    contentType: 'application/x-www-form-urlencoded',
    headers: { 'user-agent': 'shop/1.0' },
    body: Buffer.from(asForm(anOrder())),
    truncated: false,
    address: '203.0.113.7',
  }
}

/** Refused requests of another year, more of them than are kept at a time. */
export async function addRefusedRows(db: Kysely<Tables>, account: string, source: string, count: number) {
  const start = 1_700_000_000_000
  const rows = Array.from({ length: count }, (_, index) => {
    const id = uuidv7({ msecs: start + index })
    return {
      ...{ id, account, source, received_at: start + index, dedupe_key: `rejected:${id}`, state: 'rejected' as const },
      ...{ content_type: 'text/plain', headers: '{}', body: Buffer.from('x'), reason: 'unauthorized' },
    }
  })
  for (let from = 0; from < rows.length; from += 200)
    await db
      .insertInto('messages')
      .values(rows.slice(from, from + 200))
      .execute()
}

/** Another order with the same id of its sender as this one, as the intake keeps it. Gives its id. */
export async function addConflict(
  db: Kysely<Tables>,
  original: Pick<Selectable<Tables['messages']>, 'id' | 'account' | 'source'>,
  body: string,
  contentType = 'application/x-www-form-urlencoded',
) {
  const id = uuidv7()
  await db
    .insertInto('messages')
    .values({
      ...{ id, account: original.account, source: original.source, received_at: Date.now(), original_id: original.id },
      ...{ dedupe_key: `conflict:${id}`, content_type: contentType, headers: '{}', body: Buffer.from(body) },
      ...{ state: 'dead', reason: 'conflict', next_attempt_at: null },
    })
    .execute()
  return id
}
