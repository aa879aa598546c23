import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { chaosFaults } from '../test/support/chaos/faults.ts'
import { startFleet } from '../test/support/chaos/fleet.ts'
import { chaosOrders, sold } from '../test/support/chaos/orders.ts'
import { openQueue } from '../test/support/chaos/queue.ts'
import { createShop } from '../test/support/chaos/shop.ts'
import { type CrmState, judge } from '../test/support/chaos/verdict.ts'
import { createMysqlDatabase, startMariadb } from '../test/support/mariadb.ts'
import { residentBytes } from '../test/support/process.ts'
import { type Crm, type JournalEntry, mostInASecond, startCrm } from './crm.ts'
import { quantile } from './quantiles.ts'
import { drawSoak } from './soak-chart.ts'

const minutes = Number(process.env['SOAK_MINUTES'] ?? 30)
/** Orders a second. */
const rate = Number(process.env['SOAK_RATE'] ?? 50)
/** How many requests to the CRM meet a fault, 0 to 1. */
const faultShare = 0.01
const seed = 9
const sampleMs = 10_000
const patienceMs = 5 * 60_000
const results = join(import.meta.dirname, 'results')

/** What was seen in ten seconds. */
export interface Sample {
  /** Since the beginning. */
  seconds: number
  answered: number
  /** Answers that were not 200, and requests that had none. */
  refused: number
  p50: number
  p99: number
  /** MiB of each server. */
  memory: number[]
  waiting: number
  delivered: number
}

export interface Event {
  seconds: number
  what: string
}

type Fleet = Awaited<ReturnType<typeof startFleet>>

/** Half an hour of orders and faults, with a restart of each server and of the database: whether anything is lost, doubled, or grows. */
export async function benchSoak() {
  await using stack = new AsyncDisposableStack()
  const mariadb = await startMariadb()
  stack.defer(mariadb.stop)
  const crm = stack.use(await startCrm())
  // A link that is made twice shows.
  await crm.settings({ rate_limit: 7, link_again: 'sum' })
  const token = (await crm.credentials()).access_token
  const env = {
    ENV_TYPE: 'local',
    DATABASE_URL: await createMysqlDatabase(mariadb.url, { name: 'soak' }),
    AMO_BASE_URL: crm.url,
    AMO_ACCESS_TOKEN: token,
    LOG_LEVEL: 'warn',
  }
  const fleet = await startFleet(() => env, 2)
  stack.defer(async () => void (await fleet.kill()))
  const queue = openQueue(env)
  stack.defer(queue.close)
  const over = new AbortController()
  stack.defer(() => over.abort())
  const view = createView(fleet, queue)
  const shop = createShop(fleet.urls, over.signal, { onAnswer: view.answered })
  const traffic = createTrafficView(crm)
  const timer = setInterval(() => void Promise.all([view.sample(), traffic.read()]).catch(() => {}), sampleMs)
  stack.defer(() => clearInterval(timer))

  const count = Math.round(minutes * 60 * rate)
  // Of a size that lets the CRM's limit take more of them than come: what waits is to be what faults hold up.
  const elements = sold((await crm.state()).elements)
  const orders = chaosOrders({ count, seed, withBuyers: false, withLarge: false, elements })
  // All that took longer than the sandbox keeps a connection: it is to be seen that it has gone.
  await sleep(1000)
  console.log(
    `soak: ${count} orders in ${minutes} minutes to two servers, ${faultShare * 100} % of requests meet a fault`,
  )
  await crm.faults(chaosFaults({ share: faultShare, seed }))
  await Promise.all([shop.sendAll(orders, rate), happen()])
  await crm.faults([])
  const calmSince = performance.now()
  await shop.allAnswered(patienceMs)
  while ((await queue.waiting()) > 0 && performance.now() - calmSince < patienceMs) await sleep(1000)
  const calmSeconds = (performance.now() - calmSince) / 1000
  await traffic.read()
  clearInterval(timer)
  const exitCodes = await fleet.stop()

  const wrong = [...shop.confused, ...judge(shop.accepted, await stateOf(crm, token)), ...(await queue.undelivered())]
  const summary = {
    orders: shop.accepted.size,
    'never answered with 200': shop.unanswered(),
    'sent again by the shop': shop.repeated(),
    'answers of the CRM': traffic.requests.length,
    'of them faults, beside answers that were lost': traffic.requests.filter(({ fault }) => fault && fault !== 'delay')
      .length,
    'most in a second': mostInASecond(traffic.requests),
    'answered 429 for their number': traffic.requests.filter(({ status, fault }) => status === 429 && !fault).length,
    'seconds until all was delivered': Math.round(calmSeconds),
    'exit codes': exitCodes.join(', '),
    ...view.flatness(),
    wrong: wrong.length,
  }
  console.table(summary)
  for (const { id, wrong: what } of wrong.slice(0, 20)) console.log(`  ${id}: ${what}`)
  await keep(summary, view)
  process.exitCode = wrong.length + shop.unanswered() === 0 ? 0 : 1

  async function happen() {
    const quarter = (minutes * 60_000) / 4
    for (const [what, action] of [
      ['server 1 restarted', () => fleet.strike(0, 0, 'SIGTERM')],
      ['server 2 restarted', () => fleet.strike(1, 0, 'SIGTERM')],
      ['database restarted', () => mariadb.restart()],
    ] as const) {
      await sleep(quarter)
      view.note(what)
      console.log(`  ${what}: ${(await action()) ?? 'done'}`)
    }
  }
}

function createView(fleet: Fleet, queue: ReturnType<typeof openQueue>) {
  const begun = performance.now()
  const samples: Sample[] = []
  const events: Event[] = []
  let latencies: number[] = []
  let refused = 0
  const elapsed = () => Math.round((performance.now() - begun) / 1000)

  return {
    samples,
    events,
    note: (what: string) => void events.push({ seconds: elapsed(), what }),
    answered(ms: number, status: number) {
      if (status === 200) latencies.push(ms)
      else refused += 1
    },
    async sample() {
      const seen = {
        answered: latencies.length,
        refused,
        p50: quantile(latencies, 0.5),
        p99: quantile(latencies, 0.99),
      }
      const memory = fleet.running().map(({ child }) => Math.round(memoryOf(child.pid ?? 0) / 1024 ** 2))
      latencies = []
      refused = 0
      const [waiting, delivered] = await Promise.all([queue.waiting(), queue.delivered()]).catch(() => [
        Number.NaN,
        Number.NaN,
      ])
      const sample = { seconds: elapsed(), ...seen, memory, waiting: waiting ?? 0, delivered: delivered ?? 0 }
      samples.push(sample)
      if (samples.length % 6 === 0) console.log(`  ${JSON.stringify(sample)}`)
    },
    /** Before the database was restarted, both servers being up for a while, and at the end. */
    flatness() {
      const loaded = samples.filter(({ answered }) => answered > 0)
      const part = (from: number, to: number) => loaded.slice(loaded.length * from, loaded.length * to)
      const [early, late] = [part(0.62, 0.74), part(0.88, 1)]
      const show = (value: (sample: Sample) => number) =>
        [early, late].map((seen) => Math.round(quantile(seen.map(value), 0.5) * 10) / 10).join(' → ')
      return {
        'MiB of server 1': show(({ memory }) => memory[0] ?? 0),
        'MiB of server 2': show(({ memory }) => memory[1] ?? 0),
        'p50, ms': show(({ p50 }) => p50),
        'p99, ms': show(({ p99 }) => p99),
      }
    },
  }
}

/** The journal keeps the newest ten thousand alone. */
function createTrafficView(crm: Crm) {
  const requests: JournalEntry[] = []
  return {
    requests,
    async read() {
      const last = requests.at(-1)?.time ?? ''
      requests.push(...(await crm.journal()).filter(({ time, status }) => time > last && status !== 0))
    },
  }
}

function memoryOf(pid: number) {
  try {
    return residentBytes(pid)
  } catch {
    return Number.NaN
  }
}

interface Lead {
  id: number
  custom_fields_values: CrmState['leads'][number]['custom_fields_values']
  _embedded: Record<'contacts' | 'catalog_elements', { id: number; metadata?: { quantity: number } }[]>
}

/** What the CRM shows to everybody who may read it; all at once it would be too much. */
async function stateOf(crm: Crm, token: string): Promise<CrmState> {
  const leads = (await crm.all('leads?with=contacts,catalog_elements', token)) as Lead[]
  const links = leads.flatMap(({ id, _embedded }) =>
    (['contacts', 'catalog_elements'] as const).flatMap((kind) =>
      (_embedded[kind] ?? []).map((linked) => ({
        ...{ entity_id: id, entity_type: 'leads', to_entity_id: linked.id, to_entity_type: kind },
        metadata: linked.metadata ?? null,
      })),
    ),
  )
  const notes = (await crm.all('leads/notes', token)) as { entity_id: number; params: { text?: string } }[]
  return { leads, contacts: [], links, notes: notes.map((note) => ({ ...note, entity_type: 'leads' })) }
}

async function keep(summary: object, { samples, events }: ReturnType<typeof createView>) {
  mkdirSync(results, { recursive: true })
  const head = 'seconds,answered,refused,p50_ms,p99_ms,server_1_mib,server_2_mib,waiting,delivered'
  const rows = samples.map(({ seconds, answered, refused, p50, p99, memory, waiting, delivered }) =>
    [seconds, answered, refused, p50.toFixed(1), p99.toFixed(1), ...memory, waiting, delivered].join(','),
  )
  writeFileSync(join(results, 'soak.csv'), `${[head, ...rows].join('\n')}\n`)
  const lines = Object.entries(summary).map(([what, value]) => `| ${what} | ${value} |`)
  const told = events.map(({ seconds, what }) => `- after ${(seconds / 60).toFixed(1)} minutes: ${what}`)
  const text = [
    '# Soak',
    '',
    `${minutes} minutes, ${rate} orders a second, two servers on one MariaDB, ${faultShare * 100} % of the requests to the CRM meet a fault.`,
    '',
    ...told,
    '',
  ]
  writeFileSync(
    join(results, 'soak.md'),
    `${[...text, '| | |', '| --- | --- |', ...lines, '', '![](soak.png)'].join('\n')}\n`,
  )
  await drawSoak(samples, events, join(results, 'soak.png'))
}
