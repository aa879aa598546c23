import { setTimeout as sleep } from 'node:timers/promises'
import type { TestDatabase } from '../test/support/databases.ts'
import { type Crm, startCrm } from './crm.ts'
import { onEachDatabase } from './databases.ts'
import { median, quantile } from './quantiles.ts'
import { knownOrder, startWarmServer } from './warm-server.ts'

const orders = Number(process.env['ORDERS'] ?? 30)
const delays = [0, 100]
/** Ms. After it every place within the CRM's limit is free again. */
const pause = 1200
/** Ms over three round trips. */
const goal = 20

/** How long a lone order takes to reach the CRM, against the time that the CRM itself takes to answer. */
export async function benchLatency() {
  await using crm = await startCrm()
  await onEachDatabase((database) => measureAll(database, crm))
}

async function measureAll({ name, fresh }: TestDatabase, crm: Crm) {
  const rows = []
  for (const delay of delays) rows.push(await measure(delay, { crm, databaseUrl: await fresh() }))
  console.log(
    `${name}: from the start of the shop's request until the CRM has answered the note, ${orders} lone orders`,
  )
  console.log(`goal: at most ${goal} ms over three round trips of a request for next to nothing`)
  console.table(rows)
}

async function measure(delay: number, installation: { crm: Crm; databaseUrl: string }) {
  const { crm } = installation
  await using parom = await startWarmServer(installation)
  if (delay > 0) await crm.faults([{ path: '/api/v4/*', effect: 'delay', delay_ms: delay }])
  const token = (await crm.credentials()).access_token
  const trips = []
  const startedAt = []
  for (let order = 0; order < orders; order++) {
    await sleep(pause)
    trips.push(await roundTrip(crm.url, token))
    startedAt.push(Date.now())
    await parom.deliver(knownOrder())
  }
  const took = await untilNoted(startedAt, crm)
  const [usual, trip] = [median(took), median(trips)]
  return {
    'delay of the CRM, ms': delay,
    'median, ms': usual,
    '90 %, ms': quantile(took, 0.9),
    'round trip, ms': trip.toFixed(1),
    'median − 3 round trips, ms': (usual - 3 * trip).toFixed(1),
  }
}

async function roundTrip(url: string, token: string) {
  const headers = { authorization: `Bearer ${token}` }
  const start = performance.now()
  await (await fetch(`${url}/api/v4/account`, { headers })).text()
  return performance.now() - start
}

/** Ms from each of these moments (unix ms) until the next note was answered: what an outsider can see. */
async function untilNoted(startedAt: number[], crm: Crm) {
  const notedAt = (await crm.journal())
    .filter(({ method, path }) => method === 'POST' && path.startsWith('/api/v4/leads/notes'))
    .map(({ time, ms }) => Date.parse(time) + ms)
  return startedAt.map((start) => (notedAt.find((noted) => noted >= start) ?? Number.NaN) - start)
}
