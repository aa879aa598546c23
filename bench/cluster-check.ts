import { mkdtempSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createConnection } from 'mysql2/promise'
import { nodesOf } from '../src/database/mysql-url.ts'
import { type ClusterOutcome, runCluster } from '../test/support/chaos/cluster.ts'
import { startGalera } from '../test/support/galera.ts'
import { createMysqlDatabase } from '../test/support/mariadb.ts'
import { createProgressLine } from './progress-line.ts'

const usage = `npm run cluster-check -- [--minutes 5] [--processes 4] [--rate 10] [--seed …]
  [--database mysql://user:password@host:3306,host:3306]   a cluster of your own, whose nodes are left alone;
                                                           a database is made in it and removed again`

/** Ms in which every process has to have done what one of them asks of all. */
const longestReach = 2000
/** Ms that the orders may take once all is well again. */
const patience = 300_000

await main()

/** `npm run cluster-check`: orders come in at several processes while these and the nodes of their database are killed; each has to become one lead. */
async function main() {
  const options = readOptions()
  if (!options) return
  const { minutes, processes, rate, seed } = options
  await using stack = new AsyncDisposableStack()
  const { databaseUrls, cluster } = await openCluster(options.database, stack)
  console.log(
    `${processes} processes on ${cluster ? 'three Galera nodes' : 'your cluster'}, ${rate} orders a second for ${minutes} minutes, --seed ${seed}`,
  )
  const line = createProgressLine('cluster-check')
  const outcome = await runCluster({
    ...{ databaseUrls, cluster, processes, rate, seconds: minutes * 60, seed, patience },
    onProgress: ({ sent, accepted, delivered }, doing) =>
      line.show(`${sent} orders sent, ${accepted} accepted, ${delivered} delivered; ${doing}`),
  })
  line.end()
  const faults = faultsOf(options, outcome)
  console.log(summaryOf(options, outcome, faults))
  if (faults.length > 0) console.log(`What the servers said: ${keep(outcome.output)}`)
  process.exitCode = faults.length === 0 ? 0 : 1
}

function readOptions() {
  const text = { type: 'string' } as const
  const options = {
    minutes: text,
    processes: text,
    rate: text,
    seed: text,
    database: text,
    help: { type: 'boolean' },
  } as const
  try {
    const { values } = parseArgs({ options })
    const number = (name: 'minutes' | 'processes' | 'rate' | 'seed', usual: number) => {
      const given = Number(values[name] ?? usual)
      if (!(given > 0)) throw new Error(`--${name} has to be a number above 0`)
      return given
    }
    if (!values.help)
      return {
        minutes: number('minutes', 5),
        processes: number('processes', 4),
        rate: number('rate', 10),
        seed: number('seed', 1 + (Date.now() % 100_000)),
        database: values.database ?? null,
      }
  } catch (error) {
    console.error((error as Error).message)
    process.exitCode = 2
  }
  console.log(usage)
  return null
}

type Options = NonNullable<ReturnType<typeof readOptions>>

/** Three nodes of our own, or a database of our own on somebody's. */
async function openCluster(database: string | null, stack: AsyncDisposableStack) {
  if (database === null) {
    const cluster = await startGalera([])
    stack.defer(cluster.stop)
    return { cluster, databaseUrls: (await cluster.createDatabase()).clusterUrls }
  }
  const [node] = nodesOf(database) ?? []
  if (!node) throw new Error('--database takes a mysql:// URL')
  const name = `parom_cluster_check_${Date.now()}`
  const server = new URL(node)
  server.pathname = ''
  await createMysqlDatabase(server.href.replace(/\/$/, ''), { name })
  stack.defer(async () => {
    const connection = await createConnection(server.href)
    await connection.query(`DROP DATABASE ${name}`)
    await connection.end()
  })
  const [, scheme, hosts] = /^(mysql:\/\/)([^/]+)/.exec(database) ?? []
  return { cluster: null, databaseUrls: [`${scheme}${hosts}/${name}`] }
}

function faultsOf({ processes }: Options, { wrong, unanswered, traffic, exitCodes, rounds }: ClusterOutcome) {
  const { caches, settings, reading } = rounds
  // All read their settings at the same time, on the cores of one machine; that is no part of reaching them.
  const share = Math.max(1, processes / cpus().length)
  const slowest = Math.max(0, ...caches, ...settings.map((each, round) => each - (reading[round] ?? 0) * share))
  return [
    ...wrong.map((each) => `${each.id}: ${each.wrong}`),
    ...(unanswered > 0 ? [`${unanswered} orders were never accepted`] : []),
    ...(traffic.mostInASecond > 7 ? [`${traffic.mostInASecond} requests to the CRM in one second`] : []),
    ...(traffic.overLimit > 0 ? [`the CRM refused ${traffic.overLimit} requests as too many`] : []),
    ...(slowest > longestReach ? [`a reset reached all after ${seconds(slowest)} only`] : []),
    ...rounds.odd.map((each) => `a person was answered ${each}`),
    ...(exitCodes.some((code) => code !== 0) ? [`the processes ended with ${exitCodes.join(', ')}`] : []),
  ]
}

function summaryOf({ minutes, processes, rate, seed }: Options, outcome: ClusterOutcome, faults: string[]) {
  const { accepted, echoed, repeated, refusals, done, rounds, waits, traffic, wrong, certification } = outcome
  const at = (part: number) => seconds(waits[Math.min(waits.length - 1, Math.floor(waits.length * part))] ?? 0)
  const rows: [string, string | number][] = [
    ['Processes; orders a second; minutes; seed', `${processes}; ${rate}; ${minutes}; ${seed}`],
    ['Machine', `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB`],
    ...Object.entries(done).map(([name, times]): [string, number] => [`  ${name}`, times]),
    ['Starts that failed and were tried again', outcome.failedStarts],
    ['Orders accepted', accepted],
    ['  sent to all processes at the same instant', echoed],
    ['  sent again until they were accepted', repeated],
    ['Orders delivered', waits.length],
    ['Lost, doubled or wrong in the CRM', wrong.length],
    ['Answers other than 200; no answer', `${refusals.busy}; ${refusals.unreachable}`],
    ['An order had to be offered for, at most', seconds(refusals.longest)],
    ['From a refusal to the next order taken, in all', seconds(refusals.allRefused)],
    ['From acceptance to the CRM: median; 95 %; longest', `${at(0.5)}; ${at(0.95)}; ${at(1)}`],
    ['Requests to the CRM; most in a second (7)', `${traffic.requests}; ${traffic.mostInASecond}`],
    ['Transactions that lost certification', certification ?? 'not known'],
    ['Pages and resets refused with 503', rounds.refused],
    ['A cache reset reached all within', `${ms(rounds.caches)} (${rounds.caches.length} times)`],
    [
      'New settings were in force at all within',
      `${ms(rounds.settings)}; one needs up to ${ms(rounds.reading)} to read them`,
    ],
  ]
  const width = Math.max(...rows.map(([name]) => name.length))
  return [
    '',
    ...rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`),
    '',
    ...(faults.length === 0
      ? ['OK: every accepted order is one lead with its products and its note.']
      : ['NOT OK:', ...faults.slice(0, 50).map((fault) => `  ${fault}`)]),
  ].join('\n')
}

function seconds(ms: number) {
  return `${(ms / 1000).toFixed(1)} s`
}

function ms(all: number[]) {
  return `${Math.round(Math.max(0, ...all))} ms`
}

function keep(output: string) {
  const file = join(mkdtempSync(join(tmpdir(), 'parom-cluster-check-')), 'servers.log')
  writeFileSync(file, output)
  return file
}
