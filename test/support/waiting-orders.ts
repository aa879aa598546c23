import { migrate } from '../../src/database/migrate.ts'
import { openDatabase } from '../../src/database/open.ts'
import { createInbox } from '../../src/inbox/inbox.ts'
import { anOrder, asForm, type TestOrder } from './orders.ts'

/** Orders that were taken in before anybody delivered, so that they go out together. Gives their ids. */
export async function acceptBefore(databaseUrl: string, orders: TestOrder[]): Promise<string[]> {
  const opened = openDatabase(databaseUrl)
  await migrate(opened)
  const inbox = createInbox(opened, Date.now)
  const ids: string[] = []
  for (const [index, order] of orders.entries()) {
    const { id } = await inbox.accept({
      account: 'sandbox.amocrm.ru',
      source: 'lk',
      dedupeKey: `waiting ${index}`,
      dedupeWindow: null,
      contentType: 'application/x-www-form-urlencoded',
      headers: {},
      body: Buffer.from(asForm(anOrder({ order_id: String(index + 1), ...order }))),
    })
    ids.push(id)
  }
  await opened.close()
  return ids
}
