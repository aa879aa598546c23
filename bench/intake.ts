import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createMysqlDatabase, freePort } from '../test/support/mariadb.ts'
import { type Answer, bodyOf } from '../test/support/order-stream.ts'
import { aloneOn, cpuSeconds, type ParomProcess, run, startProcess, untilAnswered } from '../test/support/process.ts'
import { compareWithStored } from '../test/support/stored-orders.ts'
import { startRoomyMariadb } from './databases.ts'
import { load } from './load.ts'
import { median, quantile } from './quantiles.ts'

const crowds = [32, 256]
const rounds = Number(process.env['INTAKE_ROUNDS'] ?? 3)
const secondsOfARound = Number(process.env['INTAKE_SECONDS'] ?? 3)
const warmUpSeconds = 1.5

interface Contender {
  name: string
  port: number
  server: ParomProcess
  /** Pid of the database's own server. */
  daemon: number | null
  /** Of a Parom, whose answers are held against what is there in the end. */
  databaseUrl: string | null
  answers: Answer[]
}

interface Round {
  perSecond: number
  p50: number
  p99: number
  cpu: number
  daemonCpu: number
  failed: number
  senderCore: number
}

/** The rounds of each contender. */
type Measured = Map<string, Round[]>

/** How many orders a second are taken in, what each costs, and how that compares with what others would write. */
export async function benchIntake() {
  await using stack = new AsyncDisposableStack()
  const contenders = await startContenders(stack)
  // Who is not measured sleeps: a Parom would read meanwhile what it has taken in.
  for (const { server } of contenders) server.child.kill('SIGSTOP')
  let sent = 0
  const measureNext = async (contender: Contender, connections: number, seconds: number) => {
    contender.server.child.kill('SIGCONT')
    const round = await measure(contender, { connections, seconds, first: sent })
    contender.server.child.kill('SIGSTOP')
    // No two orders are the same: a repetition is not stored.
    sent += 1_000_000
    return round
  }

  console.log(`${bodyOf(0).length} bytes with a token; the median of ${rounds} rounds of ${secondsOfARound} s in turn`)
  console.log('The delivery is stopped (npx parom pause): a CRM on the same two cores would be measured along with it.')
  for (const contender of contenders) await measureNext(contender, crowds[0] ?? 1, warmUpSeconds)
  for (const connections of crowds) {
    const measured: Measured = new Map(contenders.map(({ name }) => [name, []]))
    for (let round = 0; round < rounds; round++)
      for (const contender of contenders)
        measured.get(contender.name)?.push(await measureNext(contender, connections, secondsOfARound))
    show(connections, measured)
    compareWithGoals(connections, measured)
  }
  await checkStored(contenders)
}

async function startContenders(stack: AsyncDisposableStack) {
  const folder = mkdtempSync(join(tmpdir(), 'parom-bench-'))
  stack.defer(() => rmSync(folder, { recursive: true }))
  const mariadb = await startRoomyMariadb()
  stack.defer(mariadb.stop)
  const add = async (name: string, kind: string | null, databaseUrl = ''): Promise<Contender> => {
    const port = await freePort()
    const server = await (kind ? startBaseline(kind, port, databaseUrl) : startParom(port, databaseUrl))
    stack.defer(() => endOf(server))
    const daemon = databaseUrl.startsWith('mysql:') ? mariadb.pid : null
    return { name, port, server, daemon, databaseUrl: kind ? null : databaseUrl, answers: [] }
  }
  return [
    await add(names.bare, 'node:http'),
    await add(names.answering, 'express'),
    await add(names.parsing, 'express-urlencoded'),
    await add(names.insertSqlite, 'express-sqlite', `sqlite:${join(folder, 'express.db')}`),
    await add(names.insertMariadb, 'express-mysql', await createMysqlDatabase(mariadb.url)),
    await add(names.sqlite, null, `sqlite:${join(folder, 'parom.db')}`),
    await add(names.mariadb, null, await createMysqlDatabase(mariadb.url)),
  ]
}

async function endOf({ child, kill }: ParomProcess) {
  child.kill('SIGCONT')
  await kill('SIGTERM')
}

const names = {
  bare: 'node:http answering only',
  answering: 'Express answering only',
  parsing: 'Express + urlencoded',
  insertSqlite: 'Express + urlencoded + INSERT, SQLite',
  insertMariadb: 'Express + urlencoded + INSERT, MariaDB',
  sqlite: 'Parom on SQLite',
  mariadb: 'Parom on MariaDB',
}

const token = randomBytes(24).toString('base64url')

async function startParom(port: number, databaseUrl: string) {
  const env = { ...(await aloneOn(databaseUrl)), PORT: String(port), WEBHOOK_TOKEN: token }
  const server = await startProcess(env)
  await run('src/cli/parom.ts', ['pause'], env).exited
  return server
}

function startBaseline(kind: string, port: number, databaseUrl: string) {
  const server = run('bench/baselines.ts', [kind, String(port)], { DATABASE_URL: databaseUrl })
  return untilAnswered(server, `http://127.0.0.1:${port}/`, () => true)
}

/** Time for a server to do what it has put off, which belongs to its costs. */
const settleMs = 300

async function measure(contender: Contender, size: { connections: number; seconds: number; first: number }) {
  const { port, server, daemon, databaseUrl, answers } = contender
  const cpu = () => cpuSeconds(server.child.pid ?? 0)
  const daemonCpu = () => (daemon === null ? 0 : cpuSeconds(daemon))
  const [cpuBefore, daemonBefore] = [cpu(), daemonCpu()]
  const sending = await load({ ...size, port, headers: { 'X-Webhook-Token': token } })
  await sleep(settleMs)
  const good = sending.answers.filter(({ status }) => status === 200)
  if (databaseUrl !== null) for (const answer of good) answers.push(answer)
  return {
    perSecond: good.length / sending.seconds,
    p50: quantile(sending.latencies, 0.5),
    p99: quantile(sending.latencies, 0.99),
    cpu: ((cpu() - cpuBefore) * 1e6) / good.length,
    daemonCpu: ((daemonCpu() - daemonBefore) * 1e6) / good.length,
    failed: sending.answers.length - good.length + sending.unanswered.length,
    senderCore: sending.ownCore,
  }
}

function medianOf(all: Round[]): Round {
  const of = (column: keyof Round) => median(all.map((round) => round[column]))
  return {
    perSecond: of('perSecond'),
    p50: of('p50'),
    p99: of('p99'),
    cpu: of('cpu'),
    daemonCpu: of('daemonCpu'),
    failed: all.reduce((sum, { failed }) => sum + failed, 0),
    senderCore: of('senderCore'),
  }
}

function show(connections: number, measured: Measured) {
  console.log(`${connections} connections; the machine's load is ${loadavg()[0]?.toFixed(1)} on ${cpus().length} cores`)
  const rows = [...measured].map(([name, all]) => ({ name, ...medianOf(all) }))
  console.table(
    rows.map(({ name, ...row }) => ({
      name,
      'requests/s': Math.round(row.perSecond),
      'of bare': ratioOf(measured, name, names.bare, 'perSecond').toFixed(3),
      'p50 ms': row.p50.toFixed(2),
      'p99 ms': row.p99.toFixed(2),
      'CPU µs': Math.round(row.cpu),
      'database CPU µs': row.daemonCpu === 0 ? '' : Math.round(row.daemonCpu),
      'sender, of a core': row.senderCore.toFixed(2),
      failed: row.failed,
    })),
  )
}

/** The median of what each round gives: other work on the machine slows the neighbours within a round alike. */
function ratioOf(measured: Measured, name: string, against: string, column: keyof Round) {
  const others = measured.get(against) ?? []
  return median(
    (measured.get(name) ?? []).map((round, index) => round[column] / (others[index]?.[column] ?? Number.NaN)),
  )
}

/** What issue 6 wants: the least share of requests a second, and how much longer the slowest may take. */
function compareWithGoals(connections: number, measured: Measured) {
  const lines = [
    [names.sqlite, names.insertSqlite],
    [names.mariadb, names.insertMariadb],
  ].flatMap(([parom = '', insert = '']) => {
    const share = (against: string) => ratioOf(measured, parom, against, 'perSecond')
    const slowest = ratioOf(measured, parom, names.answering, 'p99')
    return [
      goal(parom, names.answering, share(names.answering), 'at least', 0.9),
      goal(parom, names.parsing, share(names.parsing), 'at least', 2.5),
      goal(parom, insert, share(insert), 'at least', 6),
      ...(connections === crowds[0] ? [goal(parom, `${names.answering}, p99`, slowest, 'at most', 2)] : []),
    ]
  })
  console.table(lines)
}

function goal(who: string, against: string, ratio: number, bound: 'at least' | 'at most', wanted: number) {
  const isReached = Number.isFinite(ratio) && (bound === 'at least' ? ratio >= wanted : ratio <= wanted)
  return { who, against, ratio: ratio.toFixed(2), goal: `${bound} ${wanted}`, reached: isReached ? 'yes' : 'no' }
}

async function checkStored(contenders: Contender[]) {
  for (const { name, databaseUrl, answers, server } of contenders) {
    if (databaseUrl === null) continue
    await endOf(server)
    const { acknowledged, missing, altered, twice } = await compareWithStored(databaseUrl, answers)
    const wrong = missing.length + altered.length + twice.length
    console.log(
      `${name}: ${acknowledged} orders acknowledged, ${missing.length} missing, ${altered.length} altered, ${twice.length} twice`,
    )
    if (wrong > 0) process.exitCode = 1
  }
}
