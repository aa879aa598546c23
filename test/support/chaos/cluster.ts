import { setTimeout as sleep } from 'node:timers/promises'
import type { Galera } from '../galera.ts'
import { startTestSandbox } from '../parom.ts'
import { createDisturbances } from './disturbances.ts'
import { startFleet } from './fleet.ts'
import { chaosOrders, configWithBuyers, randomFrom, sold } from './orders.ts'
import { openQueue } from './queue.ts'
import { createRounds } from './rounds.ts'
import { createShop } from './shop.ts'
import { trafficOf } from './traffic.ts'
import { judge } from './verdict.ts'

export interface ClusterOptions {
  /** Of one database that nobody has used yet; the servers take them in turn. */
  databaseUrls: string[]
  /** Whose nodes may be killed; null: none. */
  cluster: Galera | null
  /** How many servers. */
  processes: number
  /** Orders a second. */
  rate: number
  seconds: number
  seed: number
  /** Ms that the orders may take once all is well again. */
  patience: number
  onProgress?: (progress: Record<'sent' | 'accepted' | 'delivered', number>, doing: string) => void
}

export type ClusterOutcome = Awaited<ReturnType<typeof runCluster>>

/** Which part of the orders is sent to all servers at the same instant. */
const together = 0.15
/** Ms. */
const gatherEvery = 60_000

/** Orders come in at all servers while these and the nodes of their database are ended and come back; then what the CRM has is judged. */
export async function runCluster(options: ClusterOptions) {
  const { cluster, rate, seconds, seed, patience } = options
  const started = performance.now()
  await using stack = new AsyncDisposableStack()
  const { crm, fleet, queue, orders, requests } = await prepare(options, stack)
  const over = new AbortController()
  stack.defer(() => over.abort())
  const shop = createShop(fleet.urls, over.signal, { together, random: randomFrom(seed + 1) })
  const random = randomFrom(seed)
  const rounds = createRounds(fleet, queue, random)
  const disturbances = createDisturbances({ fleet, cluster, random })
  const report = async () => {
    const progress = { sent: shop.sent(), accepted: shop.accepted.size, delivered: await queue.delivered() }
    options.onProgress?.(progress, disturbances.current())
  }
  const reporting = setInterval(() => void report().catch(() => {}), 2000)
  stack.defer(() => clearInterval(reporting))

  const selling = shop.sendAll(orders, rate)
  const until = performance.now() + seconds * 1000 - disturbances.longest
  while (performance.now() < until) {
    await rounds.go()
    await sleep(2000 + random() * 3000)
    await disturbances.go()
  }
  await selling
  await shop.allAnswered(patience)
  await rounds.go()
  const calm = performance.now()
  while ((await queue.waiting()) > 0 && performance.now() - calm < patience) await sleep(500)
  await report()
  const [waits, undelivered] = [await queue.waits(), await queue.undelivered()]
  const certification = await disturbances.lostCertifications()
  const exitCodes = await fleet.stop()
  const asked = await requests()
  return {
    accepted: shop.accepted.size,
    unanswered: shop.unanswered(),
    repeated: shop.repeated(),
    echoed: shop.echoed(),
    refusals: shop.refusals(),
    done: disturbances.done,
    certification,
    rounds: rounds.results,
    waits,
    seconds: (performance.now() - started) / 1000,
    exitCodes,
    failedStarts: fleet.failedStarts(),
    output: fleet.output(),
    traffic: { requests: asked.length, ...trafficOf(asked) },
    wrong: [...shop.confused, ...judge(shop.accepted, await crm.state()), ...undelivered],
  }
}

async function prepare({ databaseUrls, processes, rate, seconds, seed }: ClusterOptions, stack: AsyncDisposableStack) {
  const crm = await startTestSandbox()
  stack.defer(crm.close)
  // A link that is made twice shows.
  await crm.settings({ rate_limit: 7, link_again: 'sum' })
  const { elements } = await crm.state()
  const config = configWithBuyers()
  stack.defer(config.remove)
  const env = {
    ENV_TYPE: 'local',
    CONFIG_DIR: config.folder,
    AMO_BASE_URL: crm.url,
    AMO_ACCESS_TOKEN: (await crm.credentials()).access_token,
    LOG_LEVEL: 'info',
  }
  const envOf = (index: number) => ({ ...env, DATABASE_URL: databaseUrls[index % databaseUrls.length] ?? '' })
  const fleet = await startFleet(envOf, processes)
  stack.defer(async () => void (await fleet.kill()))
  const queue = openQueue(envOf(0))
  stack.defer(queue.close)
  const orders = chaosOrders({ count: Math.round(rate * seconds), seed, withBuyers: true, elements: sold(elements) })
  return { crm, fleet, queue, orders, requests: gatherRequests(crm, stack) }
}

/** Gives what the CRM was asked, which itself remembers only so much of it. */
function gatherRequests({ requests }: Awaited<ReturnType<typeof startTestSandbox>>, stack: AsyncDisposableStack) {
  const known = new Map<string, Awaited<ReturnType<typeof requests>>[number]>()
  async function gather() {
    for (const request of await requests()) known.set(request.request_id, request)
    return [...known.values()]
  }
  const gathering = setInterval(() => void gather(), gatherEvery)
  stack.defer(() => clearInterval(gathering))
  return gather
}
