import { setTimeout as sleep } from 'node:timers/promises'
import { startTestSandbox } from '../parom.ts'
import { answerDelayMs } from './faults.ts'
import { startFleet } from './fleet.ts'
import { type ChaosOrder, chaosOrders, configWithBuyers, randomFrom, sold } from './orders.ts'
import { openQueue } from './queue.ts'
import { createShop } from './shop.ts'
import { judge } from './verdict.ts'

export interface ChaosOptions {
  /** Of a database that nobody has used yet. */
  databaseUrl: string
  /** How many servers share the database. */
  processes: number
  orders: number
  /** Orders a second while a burst of them comes in; there is one before the first kill, and one around each. */
  rate: number
  kills: number
  /** What happens to requests, in the words of the sandbox. */
  faults: object[]
  /** Whether some orders make cards of their buyers. */
  withBuyers: boolean
  seed: number
  /** Ms that the orders may take once the CRM is well again. */
  patience: number
  onProgress?: (progress: Record<'accepted' | 'delivered' | 'killed', number>) => void
}

export type ChaosOutcome = Awaited<ReturnType<typeof runChaos>>

type Fleet = Awaited<ReturnType<typeof startFleet>>
type Sandbox = Awaited<ReturnType<typeof startTestSandbox>>

/** Ms. What a server may need until it is the one that delivers, and how long it may live after that. */
const longestTakeOver = 12_000
const longestLife = 4000
const longestPause = 1000

/** Orders come in, requests to the CRM fail and servers are killed; then all is well again, and what the CRM has is judged. */
export async function runChaos(options: ChaosOptions) {
  const started = performance.now()
  const over = new AbortController()
  await using stack = new AsyncDisposableStack()
  const crm = await startTestSandbox()
  stack.defer(crm.close)
  const orders = await prepare(crm, options)
  const config = configWithBuyers()
  stack.defer(config.remove)
  const env = {
    ENV_TYPE: 'local',
    CONFIG_DIR: config.folder,
    DATABASE_URL: options.databaseUrl,
    AMO_BASE_URL: crm.url,
    AMO_ACCESS_TOKEN: (await crm.credentials()).access_token,
    LOG_LEVEL: 'info',
  }
  const fleet = await startFleet(() => env, options.processes)
  stack.defer(async () => void (await fleet.kill()))
  stack.defer(() => over.abort())
  const queue = openQueue(env)
  stack.defer(queue.close)
  const shop = createShop(fleet.urls, over.signal)
  const reporting = setInterval(() => void report().catch(() => {}), 1000)
  stack.defer(() => clearInterval(reporting))

  await storm(options, { crm, fleet, shop, queue, orders })
  await crm.faults([])
  const calm = performance.now()
  await shop.allAnswered(options.patience)
  while ((await queue.waiting()) > 0 && performance.now() - calm < options.patience) {
    await queue.hurry()
    await sleep(2000)
  }
  await report()
  const exitCodes = await fleet.stop()
  return {
    accepted: shop.accepted.size,
    unanswered: shop.unanswered(),
    repeated: shop.repeated(),
    killed: fleet.killed(),
    seconds: (performance.now() - started) / 1000,
    calmSeconds: (performance.now() - calm) / 1000,
    exitCodes,
    output: fleet.output(),
    requests: await crm.requests(),
    wrong: [...shop.confused, ...judge(shop.accepted, await crm.state()), ...(await queue.undelivered())],
  }

  async function report() {
    const delivered = await queue.delivered()
    options.onProgress?.({ accepted: shop.accepted.size, delivered, killed: fleet.killed() })
  }
}

async function prepare(crm: Sandbox, { orders: count, seed, withBuyers }: ChaosOptions) {
  // A link that is made twice shows.
  await crm.settings({ rate_limit: 7, link_again: 'sum' })
  return chaosOrders({ count, seed, withBuyers, elements: sold((await crm.state()).elements) })
}

interface Parts {
  crm: Sandbox
  fleet: Fleet
  shop: ReturnType<typeof createShop>
  queue: ReturnType<typeof openQueue>
  orders: ChaosOrder[]
}

async function storm(
  { kills, rate, seed, faults, processes }: ChaosOptions,
  { crm, fleet, shop, queue, orders }: Parts,
) {
  const random = randomFrom(seed)
  await crm.faults(faults)
  await shop.sendAll(partOf(orders, 0, kills + 1), rate)
  for (let kill = 0; kill < kills; kill++) {
    // Who was just started is seldom at work yet, and what is cut short then is no matter of leads.
    if (random() < 0.75) await crm.nextWrite(AbortSignal.timeout(longestTakeOver))
    const posting = shop.sendAll(partOf(orders, kill + 1, kills + 1), rate)
    await sleep(random() * (random() < 0.5 ? 2 * answerDelayMs : longestLife))
    await fleet.strike(Math.floor(random() * processes), random() * longestPause)
    // People lose their patience.
    if (random() < 0.3) await queue.hurry()
    await posting
  }
}

/** One of so many parts of about the same size. */
function partOf<Item>(items: Item[], index: number, parts: number) {
  return items.slice(Math.floor((items.length * index) / parts), Math.floor((items.length * (index + 1)) / parts))
}
