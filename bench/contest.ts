import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createMysqlDatabase, freePort } from '../test/support/mariadb.ts'
import { type NumberedOrders, numberedOrders, type OrderKind } from '../test/support/numbered-orders.ts'
import type { Answer } from '../test/support/order-stream.ts'
import { aloneOn, cpuSeconds, type ParomProcess, run, startProcess, untilAnswered } from '../test/support/process.ts'
import { compareWithStored } from '../test/support/stored-orders.ts'
import { startRoomyMariadb } from './databases.ts'
import { load } from './load.ts'
import { quantile } from './quantiles.ts'
import { type Measured, type Round, show } from './rounds.ts'

const crowds = [32, 256]
const rounds = Number(process.env['INTAKE_ROUNDS'] ?? 3)
const secondsOfARound = Number(process.env['INTAKE_SECONDS'] ?? 3)
const warmUpSeconds = 1.5

export interface Entrant {
  name: string
  database?: 'SQLite' | 'MariaDB'
  /** What others would write, by its name in baselines.ts; else it is Parom. */
  baseline?: string
  /** Variables of this Parom alone. */
  env?: Record<string, string>
}

interface Contest {
  kind: OrderKind
  entrants: Entrant[]
  /** With whose requests a second the others are compared. */
  measure: string
  /** Variables of every Parom. */
  env?: Record<string, string>
  /** Gives what the requests to this Parom show, or to one of the others (null), who look at none of it. */
  headersFor(databaseUrl: string | null): Promise<Record<string, string>> | Record<string, string>
  compareWithGoals(measured: Measured, connections: number): void
}

interface Contender {
  name: string
  port: number
  server: ParomProcess
  /** Pid of the database's own server. */
  daemon: number | null
  /** Of a Parom, whose answers are held against what is there in the end. */
  databaseUrl: string | null
  headers: Record<string, string>
  answers: Answer[]
}

/** How many orders a second each takes in, in turn, and what one costs; then all that was acknowledged is looked for. */
export async function compete(contest: Contest) {
  await using stack = new AsyncDisposableStack()
  const { kind, measure: against, compareWithGoals } = contest
  const contenders = await startContenders(stack, contest)
  // Who is not measured sleeps: a Parom would read meanwhile what it has taken in.
  for (const { server } of contenders) server.child.kill('SIGSTOP')
  let sent = 0
  const measureNext = async (contender: Contender, connections: number, seconds: number) => {
    contender.server.child.kill('SIGCONT')
    const round = await measure(contender, { kind, connections, seconds, first: sent })
    contender.server.child.kill('SIGSTOP')
    // No two orders are the same: a repetition is not stored.
    sent += 1_000_000
    return round
  }

  const bytes = Buffer.byteLength(numberedOrders[kind].body(0))
  console.log(`${bytes} bytes with a token; the median of ${rounds} rounds of ${secondsOfARound} s in turn`)
  console.log('The delivery is stopped (npx parom pause): a CRM on the same two cores would be measured along with it.')
  for (const contender of contenders) await measureNext(contender, crowds[0] ?? 1, warmUpSeconds)
  for (const connections of crowds) {
    const measured: Measured = new Map(contenders.map(({ name }) => [name, []]))
    for (let round = 0; round < rounds; round++)
      for (const contender of contenders)
        measured.get(contender.name)?.push(await measureNext(contender, connections, secondsOfARound))
    console.log(
      `${connections} connections; the machine's load is ${loadavg()[0]?.toFixed(1)} on ${cpus().length} cores`,
    )
    show(measured, against)
    compareWithGoals(measured, connections)
  }
  await checkStored(contenders, kind)
}

async function startContenders(stack: AsyncDisposableStack, { entrants, env = {}, headersFor }: Contest) {
  const folder = mkdtempSync(join(tmpdir(), 'parom-bench-'))
  stack.defer(() => rmSync(folder, { recursive: true }))
  const mariadb = await startRoomyMariadb()
  stack.defer(mariadb.stop)
  const fresh = {
    SQLite: (port: number) => `sqlite:${join(folder, `${port}.db`)}`,
    MariaDB: () => createMysqlDatabase(mariadb.url),
  }
  const contenders: Contender[] = []
  for (const { name, baseline, database, env: own } of entrants) {
    const port = await freePort()
    const databaseUrl = database ? await fresh[database](port) : ''
    const server = await (baseline
      ? startBaseline(baseline, port, databaseUrl)
      : startParom(port, databaseUrl, { ...env, ...own }))
    stack.defer(() => endOf(server))
    const ofParom = baseline ? null : databaseUrl
    const headers = await headersFor(ofParom)
    const daemon = database === 'MariaDB' ? mariadb.pid : null
    contenders.push({ name, port, server, daemon, databaseUrl: ofParom, headers, answers: [] })
  }
  return contenders
}

async function endOf({ child, kill }: ParomProcess) {
  child.kill('SIGCONT')
  await kill('SIGTERM')
}

async function startParom(port: number, databaseUrl: string, more: Record<string, string>) {
  const env = { ...(await aloneOn(databaseUrl)), ...more, PORT: String(port) }
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

interface Size {
  kind: OrderKind
  connections: number
  seconds: number
  first: number
}

async function measure(contender: Contender, size: Size): Promise<Round> {
  const { port, server, daemon, databaseUrl, headers, answers } = contender
  const cpu = () => cpuSeconds(server.child.pid ?? 0)
  const daemonCpu = () => (daemon === null ? 0 : cpuSeconds(daemon))
  const [cpuBefore, daemonBefore] = [cpu(), daemonCpu()]
  const sending = await load({ ...size, port, headers })
  await sleep(settleMs)
  const { status: wanted }: NumberedOrders = numberedOrders[size.kind]
  const good = sending.answers.filter(({ status }) => status === wanted)
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

async function checkStored(contenders: Contender[], kind: OrderKind) {
  for (const { name, databaseUrl, answers, server } of contenders) {
    if (databaseUrl === null) continue
    await endOf(server)
    const { acknowledged, missing, altered, twice } = await compareWithStored(databaseUrl, answers, kind)
    const wrong = missing.length + altered.length + twice.length
    console.log(
      `${name}: ${acknowledged} orders acknowledged, ${missing.length} missing, ${altered.length} altered, ${twice.length} twice`,
    )
    if (wrong > 0) process.exitCode = 1
  }
}
