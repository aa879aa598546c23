import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import autocannon from 'autocannon'

const root = join(import.meta.dirname, '..')
const sample = readFileSync(join(root, 'test/fixtures/orders/opencart-sample/_webhook.txt'), 'utf8')
const seconds = 5
const connections = 32

/** How many orders a second are taken in, and what share that is of what a bare server answers in the same run. */
export async function benchIntake() {
  const folder = mkdtempSync(join(tmpdir(), 'parom-bench-'))
  const parom = {
    ENV_TYPE: 'local',
    DATABASE_URL: `sqlite:${join(folder, 'bench.db')}`,
    AMO_BASE_URL: 'http://127.0.0.1:9',
    LOG_LEVEL: 'silent',
  }
  const contenders: [string, string[], Record<string, string>][] = [
    ['node:http, nothing read', ['bench/baselines.ts', 'node:http'], {}],
    ['Express, nothing read', ['bench/baselines.ts', 'express'], {}],
    ['Express, form parsed, nothing kept', ['bench/baselines.ts', 'express-urlencoded'], {}],
    ['Parom, on disk in SQLite', ['src/main.ts'], parom],
  ]
  const rows = []
  for (const [name, program, env] of contenders) rows.push({ name, ...(await measure(program, env)) })
  rmSync(folder, { recursive: true })

  const bare = rows[0]?.perSecond ?? Number.NaN
  console.log(`${sample.length} bytes, ${connections} connections, ${seconds} s each`)
  console.table(
    rows.map(({ name, perSecond, p50, p99, failed }) => ({
      name,
      'requests/s': Math.round(perSecond),
      ratio: (perSecond / bare).toFixed(2),
      'p50 ms': p50,
      'p99 ms': p99,
      failed,
    })),
  )
}

async function measure(program: string[], env: Record<string, string>) {
  const port = await freePort()
  const server = spawn(process.execPath, [...program, String(port)], {
    cwd: root,
    env: { PATH: process.env['PATH'] ?? '', PORT: String(port), ...env },
    stdio: 'ignore',
  })
  try {
    await untilListening(server, port)
    const result = await autocannon({
      url: `http://127.0.0.1:${port}/api/order/create`,
      method: 'POST',
      connections,
      duration: seconds,
      setupClient: sendNewOrders,
    })
    return {
      perSecond: result.requests.average,
      p50: result.latency.p50,
      p99: result.latency.p99,
      failed: result.non2xx + result.errors,
    }
  } finally {
    server.kill('SIGTERM')
    await once(server, 'exit')
  }
}

let orders = 0

/** No two orders are the same: a repetition is not stored. */
function sendNewOrders(client: autocannon.Client) {
  const next = () =>
    client.setHeadersAndBody({ 'content-type': 'application/x-www-form-urlencoded' }, `${sample}&order_id=${++orders}`)
  next()
  client.on('response', next)
}

async function untilListening(server: ChildProcess, port: number) {
  for (let tries = 0; tries < 100; tries++) {
    if (server.exitCode !== null) throw new Error(`the server ended with code ${server.exitCode}`)
    const open = await fetch(`http://127.0.0.1:${port}/`).then(
      () => true,
      () => false,
    )
    if (open) return
    await sleep(100)
  }
  throw new Error('the server did not start')
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  return typeof address === 'object' && address ? address.port : 0
}
