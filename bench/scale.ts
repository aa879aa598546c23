import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { loadConfig } from '../src/config/load.ts'
import { migrate } from '../src/database/migrate.ts'
import { openDatabase } from '../src/database/open.ts'
import { createInbox, type Inbox } from '../src/inbox/inbox.ts'
import { createRefusedReader } from '../src/intake/read-refused.ts'
import type { TestDatabase } from '../test/support/databases.ts'
import { freePort } from '../test/support/mariadb.ts'
import { type ParomProcess, startProcess } from '../test/support/process.ts'
import { aRefusal } from '../test/support/refused.ts'
import { startCrm } from './crm.ts'
import { onEachDatabase } from './databases.ts'
import { fill, fillRefused } from './fill.ts'
import { median, quantile } from './quantiles.ts'
import { recordStatements, showPlans } from './query-plans.ts'

const scale = Number(process.env['SCALE'] ?? 1)
const delivered = Math.round(1_000_000 * scale)
/** Never fewer than the claims below take. */
const waiting = Math.max(Math.round(100_000 * scale), 4000)
const calls = 50
const workSeconds = 30
const goal = { claimMs: 5, megabytes: 200 }

/** What a claim and a page of the list cost in a large database, by which plans, and the memory of a server on it. */
export function benchScale() {
  return onEachDatabase(measure)
}

async function measure({ name, fresh }: TestDatabase) {
  const databaseUrl = await fresh()
  const { account } = await settings(databaseUrl)
  const database = openDatabase(databaseUrl)
  await migrate(database)
  const start = performance.now()
  await fill(database.db, { account, delivered, waiting, end: Date.now() })
  await fillRefused(database.db, { account, end: Date.now() })
  const seconds = ((performance.now() - start) / 1000).toFixed(0)
  console.log(`${name}: ${delivered} delivered and ${waiting} waiting messages, filled in ${seconds} s`)

  const subjects: [string, (inbox: Inbox) => Promise<unknown>][] = [
    ['claim of 50', (inbox) => inbox.claim(account, 50)],
    ['claim of 1', (inbox) => inbox.claim(account, 1)],
    ['list of 50', (inbox) => inbox.list({ limit: 50 })],
    ['list of 50 waiting', (inbox) => inbox.list({ limit: 50, state: 'pending' })],
    ['list of 50 dead', (inbox) => inbox.list({ limit: 50, state: 'dead' })],
    ['list of 50 held, of which there are none', (inbox) => inbox.list({ limit: 50, state: 'held' })],
    ['list of 50 refused', (inbox) => inbox.list({ limit: 50, state: 'rejected' })],
    [
      'list of 50 refused for a reason',
      (inbox) => inbox.list({ limit: 50, state: 'rejected', reason: 'rate_limited' }),
    ],
    ['list of 50 by reason', (inbox) => inbox.list({ limit: 50, reason: 'conflict' })],
    ['refused ones of a day', (inbox) => inbox.countRefused(Date.now() - 24 * 60 * 60_000)],
    ['refused ones for a reason', (inbox) => inbox.countRefusedFor('unauthorized')],
    ['conflicts of a page', async (inbox) => inbox.conflictsOf(await idsOf(inbox))],
    ['keep a refused one', (inbox) => inbox.keepRefused(aRefusal(account))],
    ['accept a refused one', acceptOne],
  ]
  const inbox = createInbox(database, Date.now)
  const rows: Record<string, object> = {}
  for (const [subject, call] of subjects) rows[subject] = await timed(() => call(inbox))
  console.log(`goal: at most ${goal.claimMs} ms a claim`)
  console.table(rows)

  for (const [subject, call] of subjects) {
    const recorded = recordStatements(database.db)
    await call(createInbox({ ...database, db: recorded.db }, Date.now))
    console.log(`${name}: ${subject}`)
    await showPlans(database.db, name, recorded.statements)
  }
  await database.close()
  console.log(`${name}: memory of a server on it, in MB; goal: at most ${goal.megabytes}`)
  console.table(await memoryOfServer(databaseUrl))
}

async function idsOf(inbox: Inbox) {
  return (await inbox.list({ limit: 50 })).messages.map(({ id }) => id)
}

async function acceptOne(inbox: Inbox) {
  const [listed] = (await inbox.list({ limit: 1, state: 'rejected' })).messages
  const refused = listed && (await inbox.find(listed.id))
  const admission =
    refused && createRefusedReader({ sources, dedupeWindow: 600_000, bodyLimit: 1_000_000 }).read(refused)
  if (admission) await inbox.acceptRefused(refused, admission, true)
}

const sources = [{ id: 'lk', dedupeBy: [], dedupeWindow: 600_000 }]

async function settings(databaseUrl: string) {
  const { amo } = await loadConfig({ ENV_TYPE: 'local', DATABASE_URL: databaseUrl })
  return { account: amo.domain }
}

async function timed(call: () => Promise<unknown>) {
  const times = []
  for (let index = 0; index < calls; index++) {
    const start = performance.now()
    await call()
    times.push(performance.now() - start)
  }
  return {
    'median, ms': median(times).toFixed(2),
    '90 %, ms': quantile(times, 0.9).toFixed(2),
    'max, ms': Math.max(...times).toFixed(2),
  }
}

/** Of one as `npm start` runs it, that delivers what waits to a CRM that is well. */
async function memoryOfServer(databaseUrl: string) {
  await using crm = await startCrm()
  await crm.seed({ contacts: 1000, products: 1000 })
  const server = await startProcess({
    ENV_TYPE: 'local',
    PORT: String(await freePort()),
    DATABASE_URL: databaseUrl,
    AMO_BASE_URL: crm.url,
    AMO_ACCESS_TOKEN: (await crm.credentials()).access_token,
    LOG_LEVEL: 'silent',
  })
  try {
    const atStart = megabytes(server, 'VmRSS')
    await sleep(workSeconds * 1000)
    return {
      'after the start': atStart,
      [`after ${workSeconds} s of work`]: megabytes(server, 'VmRSS'),
      'most at any time': megabytes(server, 'VmHWM'),
      'leads in the CRM by then': (await crm.state()).leads.length,
    }
  } finally {
    await server.kill('SIGTERM')
  }
}

/** Linux only: it is read from /proc. */
function megabytes({ child }: ParomProcess, field: 'VmRSS' | 'VmHWM') {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
  return Math.round(Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) / 1024)
}
