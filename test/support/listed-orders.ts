import type { Insertable } from 'kysely'
import { v7 as uuidv7 } from 'uuid'
import { openDatabase } from '../../src/database/open.ts'
import type { Tables } from '../../src/database/tables.ts'
import { writeKeys } from '../../src/inbox/search-keys.ts'

type Row = Partial<Insertable<Tables['messages']>>

/** Orders of an account that nobody delivers to, so that they stay as they are; the first came last. Gives their ids. */
export async function addListed(databaseUrl: string, orders: Row[]): Promise<string[]> {
  const { db, close } = openDatabase(databaseUrl)
  const rows = orders.map((order, index) => {
    const received_at = order.received_at ?? Date.now() - index * 1000
    const id = uuidv7({ msecs: received_at })
    return {
      ...{ id, account: 'nobody.amocrm.ru', source: 'lk', received_at, dedupe_key: `listed ${id}` },
      ...{ content_type: 'text/plain', headers: '{}', body: Buffer.from('x'), state: 'delivered' as const },
      // Nobody has to read them any more.
      ...{ form: 'default', attempts: 1, next_attempt_at: null, ...order },
    }
  })
  for (let from = 0; from < rows.length; from += 200) {
    const some = rows.slice(from, from + 200)
    await db.insertInto('messages').values(some).execute()
    await writeKeys(db, some)
  }
  await close()
  return rows.map(({ id }) => id)
}

/** What orders may hold that no page and no file must fall over. */
export const script = '<script>alert(1)</script>'
export const oddOrders: Row[] = [
  { order_number: 'Заказ №1 😀👨‍👩‍👧', email: 'покупатель@пример.рф', total: 0, form: 'default' },
  { order_number: 'long', partner_id: 'Партнёр '.repeat(24).slice(0, 190).trim(), total: 12_345_678_901.5 },
  { order_number: script, partner_id: script, email: script, phone_digits: script, source: script, form: script },
]
