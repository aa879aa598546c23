import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { loadConfig } from '../src/config/load.ts'
import { migrate } from '../src/database/migrate.ts'
import { openDatabase } from '../src/database/open.ts'
import { createInbox, type Inbox } from '../src/inbox/inbox.ts'
import type { TestDatabase } from '../test/support/databases.ts'
import { freePort } from '../test/support/mariadb.ts'
import { type ParomProcess, startProcess } from '../test/support/process.ts'
import { startCrm } from './crm.ts'
import { onEachDatabase } from './databases.ts'
import { fill } from './fill.ts'
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
  const seconds = ((performance.now() - start) / 1000).toFixed(0)
  console.log(`${name}: ${delivered} delivered and ${waiting} waiting messages, filled in ${seconds} s`)

  const subjects: [string, (inbox: Inbox) => Promise<unknown>][] = [
    ['claim of 50', (inbox) => inbox.claim(account, 50)],
    ['claim of 1', (inbox) => inbox.claim(account, 1)],
    ['list of 50', (inbox) => inbox.list({ limit: 50 })],
    ['list of 50 waiting', (inbox) => inbox.list({ limit: 50, state: 'pending' })],
    ['list of 50 dead, of which there are none', (inbox) => inbox.list({ limit: 50, state: 'dead' })],
  ]
  const inbox = createInbox(database.db, Date.now)
  const rows: Record<string, object> = {}
  for (const [subject, call] of subjects) rows[subject] = await timed(() => call(inbox))
  console.log(`goal: at most ${goal.claimMs} ms a claim`)
  console.table(rows)

  for (const [subject, call] of subjects) {
    const recorded = recordStatements(database.db)
    await call(createInbox(recorded.db, Date.now))
    console.log(`${name}: ${subject}`)
    await showPlans(database.db, name, recorded.statements)
  }
  await database.close()
  console.log(`${name}: memory of a server on it, in MB; goal: at most ${goal.megabytes}`)
  console.table(await memoryOfServer(databaseUrl))
}

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
