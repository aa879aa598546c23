import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { loadConfig } from '../src/config/load.ts'
import { openDatabase } from '../src/database/open.ts'
import { startServer } from '../src/server.ts'
import { anOrder, asForm } from '../test/support/orders.ts'
import { postOrder } from '../test/support/parom.ts'
import type { Crm, Size } from './crm.ts'

interface WarmOptions {
  crm: Crm
  databaseUrl: string
  /** Bounds a batch. */
  ordersAtOnce?: number
}

/** What the CRM of these orders is filled with. */
export const partnersAndProducts: Size = { contacts: 1000, products: 50 }

/** Seldom enough to disturb nobody. */
const lookEveryMs = 20

let orders = 0

/** An order of a known partner for so many known products, and never the same twice. */
export function knownOrder(products = 1) {
  orders += 1
  return asForm(
    anOrder({
      order_id: String(orders),
      customer_id: `P${orders % partnersAndProducts.contacts}`,
      products: Array.from({ length: products }, (_, line) => ({
        product_id: String(line),
        name: `Товар ${(orders + line) % partnersAndProducts.products}`,
        quantity: 1,
        price: '100.0000',
        total: '100.0000',
      })),
    }),
  )
}

/** The server that ships, in this process and at its real pace, after it has delivered an order and fallen silent. */
export async function startWarmServer({ crm, databaseUrl, ordersAtOnce }: WarmOptions) {
  await crm.seed(partnersAndProducts)
  const config = await loadConfig({
    ENV_TYPE: 'local',
    PORT: '0',
    DATABASE_URL: databaseUrl,
    AMO_BASE_URL: crm.url,
    AMO_ACCESS_TOKEN: (await crm.credentials()).access_token,
  })
  const server = await startServer(config, {
    log: pino({ level: 'silent' }),
    checksItself: false,
    crm: ordersAtOnce === undefined ? {} : { ordersAtOnce },
  })
  const { db, close } = openDatabase(databaseUrl)

  async function untilDelivered() {
    const ofAccount = db.selectFrom('messages').select('reason').where('account', '=', config.amo.domain)
    while (await ofAccount.where('state', '=', 'pending').limit(1).executeTakeFirst()) await sleep(lookEveryMs)
    const stuck = await ofAccount.where('state', 'in', ['held', 'dead']).limit(1).executeTakeFirst()
    if (stuck) throw new Error(`an order was not delivered: ${stuck.reason}`)
  }

  /** Until nothing is asked of the CRM any more, and every place within its limit is free again. */
  async function untilSilent() {
    for (let seen = -1, now = 0; seen !== now; ) {
      seen = now
      await sleep(1500)
      now = (await crm.journal()).length
    }
  }

  /** Until the links of all leads have been read back, or a minute has passed. */
  async function untilChecked() {
    const due = db.selectFrom('messages').select('id').where('products_check_at', 'is not', null).limit(1)
    for (const end = Date.now() + 60_000; Date.now() < end && (await due.executeTakeFirst()); ) await sleep(500)
    await untilSilent()
  }

  /** Stores an order as a shop's request would be. */
  const accept = (account: string, order: string) =>
    server.inbox.accept({
      account,
      source: 'lk',
      dedupeKey: randomUUID(),
      dedupeWindow: null,
      contentType: 'application/x-www-form-urlencoded',
      headers: {},
      body: Buffer.from(order),
    })

  async function deliver(order: string) {
    const { status } = await postOrder(server.url, order)
    if (status !== 200) throw new Error(`the order was answered ${status}`)
    await untilDelivered()
  }

  await deliver(knownOrder())
  await untilSilent()
  return {
    account: config.amo.domain,
    wake: server.wake,
    db,
    accept,
    deliver,
    untilDelivered,
    untilChecked,
    untilSilent,
    async [Symbol.asyncDispose]() {
      await close()
      await server.close()
    },
  }
}
