import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chaosFaults } from '../test/support/chaos/faults.ts'
import { type ChaosOutcome, runChaos } from '../test/support/chaos/run.ts'
import { trafficOf } from '../test/support/chaos/traffic.ts'
import { createMysqlDatabase, startMariadb } from '../test/support/mariadb.ts'
import { createProgressLine } from './progress-line.ts'

/** All runs on one database together; each run has its share. */
const orders = numberOf('CHAOS_ORDERS', 1000)
const kills = numberOf('CHAOS_KILLS', 50)
const runs = numberOf('CHAOS_RUNS', 4)
/** Orders a second. */
const rate = numberOf('CHAOS_RATE', 25)
/** How many requests to the CRM meet a fault, 0 to 1. */
const faults = numberOf('CHAOS_FAULTS', 0.2)
const seed = numberOf('CHAOS_SEED', Date.now() % 100_000)
/** Ms that a run may take once the CRM is well again. */
const patience = numberOf('CHAOS_PATIENCE', 300) * 1000
/** Which databases: both, or one of them. */
const databases = (process.env['CHAOS_DATABASES'] ?? 'SQLite,MariaDB').split(',')

await main()

/** `npm run chaos`: servers are killed and the CRM fails while orders come in; each has to become one lead all the same. */
async function main() {
  console.log(`CHAOS_SEED=${seed}: ${orders} orders and ${kills} kills on each of ${databases.join(', ')}`)
  const folder = mkdtempSync(join(tmpdir(), 'parom-chaos-'))
  await using stack = new AsyncDisposableStack()
  stack.defer(() => rmSync(folder, { recursive: true, force: true }))
  const mariadb = databases.includes('MariaDB') ? await startMariadb() : null
  stack.defer(async () => mariadb?.stop())

  const rows = []
  for (let run = 0; run < runs; run++) {
    for (const database of databases) {
      const name = `chaos_${run}`
      const databaseUrl =
        database === 'MariaDB' && mariadb
          ? await createMysqlDatabase(mariadb.url, { name })
          : `sqlite:${join(folder, `${name}.db`)}`
      rows.push(await one(run, database, databaseUrl))
    }
  }
  console.table(rows)
  const isWell = rows.every(({ verdict }) => verdict === 'as it should be')
  console.log(
    isWell ? 'Every order has one lead, its links and one note.' : `Something is wrong; again: CHAOS_SEED=${seed}`,
  )
  process.exitCode = isWell ? 0 : 1
}

async function one(run: number, database: string, databaseUrl: string) {
  const processes = 1 + (run % 2)
  const ownSeed = seed + 1000 * run
  const share = (all: number) => Math.floor((all * (run + 1)) / runs) - Math.floor((all * run) / runs)
  const line = createProgressLine(`run ${run + 1} of ${runs}, ${database}, ${processes} processes`)
  const outcome = await runChaos({
    databaseUrl,
    processes,
    orders: share(orders),
    rate,
    kills: share(kills),
    faults: chaosFaults({ share: faults, seed: ownSeed }),
    withBuyers: true,
    seed: ownSeed,
    patience,
    onProgress: ({ accepted, delivered, killed }) =>
      line.show(`${accepted} of ${share(orders)} accepted, ${delivered} delivered, ${killed} of ${share(kills)} kills`),
  })
  line.end()
  const faultsFound = faultsOf(outcome)
  for (const fault of faultsFound) console.log(`  ${fault}`)
  if (faultsFound.length > 0) console.log(`  what the servers said: ${keep(outcome.output)}`)
  return { database, processes, ...summaryOf(outcome), verdict: faultsFound.length === 0 ? 'as it should be' : 'WRONG' }
}

function keep(output: string) {
  const file = join(mkdtempSync(join(tmpdir(), 'parom-chaos-log-')), 'servers.log')
  writeFileSync(file, output)
  return file
}

function faultsOf(outcome: ChaosOutcome) {
  const { overLimit, mostInASecond } = trafficOf(outcome.requests)
  return [
    ...outcome.wrong.map(({ id, wrong }) => `${id}: ${wrong}`),
    ...(outcome.unanswered > 0 ? [`${outcome.unanswered} orders were never answered with 200`] : []),
    ...(overLimit > 0 ? [`${overLimit} requests were over the limit`] : []),
    ...(mostInASecond > 7 ? [`${mostInASecond} requests in one second`] : []),
    ...(outcome.exitCodes.some((code) => code !== 0) ? [`exit codes ${outcome.exitCodes}`] : []),
  ]
}

function summaryOf(outcome: ChaosOutcome) {
  const { requests, accepted } = outcome
  const { struck, mostInASecond, overLimit } = trafficOf(outcome.requests)
  return {
    orders: accepted,
    'sent again': outcome.repeated,
    kills: outcome.killed,
    seconds: Math.round(outcome.seconds),
    'of them calm': Math.round(outcome.calmSeconds),
    requests: requests.length,
    'per order': Number((requests.length / accepted).toFixed(2)),
    faults: struck,
    'most in a second': mostInASecond,
    'over the limit': overLimit,
  }
}

function numberOf(variable: string, usual: number) {
  const value = Number(process.env[variable] || usual)
  if (!Number.isFinite(value)) throw new Error(`${variable} is no number`)
  return value
}
