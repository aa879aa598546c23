import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { type RequestListener, request } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createConnection } from 'mysql2/promise'
import { pino } from 'pino'
import { afterAll, describe, expect, inject, it, vi } from 'vitest'
import { openDatabase } from '../src/database/open.ts'
import { createDoor } from '../src/door.ts'
import { freshMariadb } from './support/databases.ts'
import { freePort } from './support/mariadb.ts'
import { anOrder, asForm } from './support/orders.ts'
import { startParom } from './support/parom.ts'
import { aloneOn, run, startProcess } from './support/process.ts'
import { scrape } from './support/scrape.ts'
import { startTcpProxy } from './support/tcp-proxy.ts'
import { createVisitor } from './support/visitor.ts'

const folder = mkdtempSync(join(tmpdir(), 'parom-start-and-stop-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const memory = 'sqlite::memory:'
const ask = async (url: string, init: RequestInit = {}) => {
  const answer = await fetch(url, init)
  return { status: answer.status, connection: answer.headers.get('connection'), text: await answer.text() }
}
const order = () => ({
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: asForm(anOrder({ order_id: crypto.randomUUID() })),
})

/** A database server that can be out of reach, or stand. */
async function reachableMariadb() {
  const proxy = await startTcpProxy({ host: '127.0.0.1', port: Number(new URL(inject('mariadbUrl')).port) })
  const url = new URL(await freshMariadb())
  url.port = String(proxy.port)
  return { ...proxy, url: url.href }
}

describe.concurrent('a start', () => {
  it('waits for its database: alive meanwhile, not ready, and who comes waits with it', async () => {
    const mariadb = await reachableMariadb()
    mariadb.cut()
    const port = await freePort()
    const url = `http://127.0.0.1:${port}`
    const env = { PORT: String(port) }
    const starting = startParom({ databaseUrl: mariadb.url, env, databasePatience: 60_000 })
    await vi.waitFor(() => ask(`${url}/health/live`), { interval: 20, timeout: 10_000 })
    expect(await ask(`${url}/health/ready`)).toMatchObject({
      status: 503,
      text: '{"status":"starting","database":false}',
    })
    const sent = ask(`${url}/api/order/create`, order())
    await ask(`${url}/health/live`)
    expect(await Promise.race([sent, ask(`${url}/health/live`)])).toMatchObject({ text: '{"status":"ok"}' })
    mariadb.mend()
    // Not for ever: on a machine that is very busy the start takes longer.
    expect([200, 503]).toContain((await sent).status)
    await starting
    expect(await ask(`${url}/api/order/create`, order())).toMatchObject({ status: 200 })
    expect(await ask(`${url}/health/ready`)).toMatchObject({ status: 200 })
    await (await starting).close()
    await mariadb.close()
  })

  it('that takes too long is told to who has waited for it, to the log and to who counts', async () => {
    const lines: Record<string, unknown>[] = []
    const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) })
    const mariadb = await reachableMariadb()
    mariadb.cut()
    const port = await freePort()
    const url = `http://127.0.0.1:${port}`
    const env = { PORT: String(port) }
    const starting = startParom({ databaseUrl: mariadb.url, env, databasePatience: 60_000, log })
    await vi.waitFor(() => ask(`${url}/health/live`), { interval: 20, timeout: 10_000 })
    const answer = await fetch(`${url}/api/order/create`, order())
    expect([answer.status, await answer.json()]).toEqual([503, expect.objectContaining({ error: 'store_unavailable' })])
    const request = answer.headers.get('x-request-id')
    expect(lines.find((line) => line['request'] === request)).toMatchObject({
      ...{ path: '/api/order/create', status: 503, reason: 'store_unavailable', network: '127.0.0.0/24' },
    })
    mariadb.mend()
    await starting
    expect((await scrape(url)).counts('parom_http_requests_total')).toMatchObject({ 'webhook 503': 1 })
    await (await starting).close()
    await mariadb.close()
  })

  it('does not wait when it is told to stop, nor for ever', async () => {
    const mariadb = await reachableMariadb()
    mariadb.cut()
    const stop = new AbortController()
    const starting = startParom({ databaseUrl: mariadb.url, databasePatience: 60_000, signal: stop.signal })
    setTimeout(() => stop.abort(), 200)
    await expect(starting).rejects.toMatchObject({ name: 'AbortError' })
    await expect(startParom({ databaseUrl: mariadb.url, databasePatience: 600 })).rejects.toMatchObject({
      name: 'MigrationError',
    })
    await mariadb.close()
  })
})

describe.concurrent('a stop', () => {
  it('is seen by a balancer first, and what comes until then is served', async () => {
    const parom = await startParom({ databaseUrl: memory })
    const ready = () => ask(`${parom.url}/health/ready`)
    expect(await ready()).toMatchObject({ status: 200 })
    expect(await ready()).toMatchObject({ status: 200 })
    const stopped = parom.close()
    expect(await ask(`${parom.url}/api/order/create`, order())).toMatchObject({ status: 200, connection: 'close' })
    expect(await ask(`${parom.url}/health/live`)).toMatchObject({ status: 200, connection: 'close' })
    expect(await ready()).toMatchObject({ status: 503, text: '{"status":"stopping","database":false}' })
    await stopped
    await expect(ready()).rejects.toThrow()
  })

  it('is told to who asked before it began, and has no answer yet', async () => {
    const mariadb = await reachableMariadb()
    const parom = await startParom({ databaseUrl: mariadb.url })
    mariadb.slow(300)
    const asked = ask(`${parom.url}/health/ready`)
    // Answered after that has come.
    await ask(`${parom.url}/health/live`)
    const stopped = parom.close()
    expect(await asked).toMatchObject({ status: 503, text: '{"status":"stopping","database":false}' })
    mariadb.slow(0)
    await stopped
    await mariadb.close()
  })

  it('leaves known where the server was, to what is still said of it', async () => {
    const { db, close } = openDatabase(memory)
    const app = { socket: null, host: '127.0.0.1', port: await freePort(), basePath: '/integra' }
    const answers = { listener: () => {}, tooEarly: () => {}, counted: (listener: RequestListener) => listener }
    const door = createDoor({ app, database: { db }, ...answers })
    await door.open()
    door.isReady()
    await door.close()
    expect(door.address()).toBe(`http://127.0.0.1:${app.port}/integra`)
    await close()
  })

  it('waits for nobody who has only connected', async () => {
    const parom = await startParom({ databaseUrl: memory })
    const silent = connect(Number(new URL(parom.url).port), '127.0.0.1').on('error', () => {})
    await once(silent, 'connect')
    const begun = performance.now()
    await parom.close()
    expect(performance.now() - begun).toBeLessThan(5000)
  })

  it('is over within ten seconds though the database stands', async () => {
    const mariadb = await reachableMariadb()
    const env = await aloneOn(mariadb.url)
    const server = await startProcess(env)
    mariadb.freeze()
    const sent = ask(`http://127.0.0.1:${env.PORT}/api/order/create`, order()).then(
      ({ status }) => status,
      () => 503,
    )
    const begun = performance.now()
    await server.kill('SIGTERM')
    console.log('STOP', performance.now() - begun)
    expect(performance.now() - begun).toBeLessThan(10_000)
    expect(await sent).toBe(503)
    await mariadb.close()
  })

  it('is over at once when it is asked for twice', async () => {
    const env = await aloneOn(memory)
    const server = await startProcess(env)
    const { method, headers } = order()
    const live = () => ask(`http://127.0.0.1:${env.PORT}/health/live`)
    const half = request({ ...{ method, headers, port: env.PORT, host: '127.0.0.1', path: '/api/order/create' } })
    half.on('error', () => {})
    await new Promise((resolve) => half.write('lastname=', resolve))
    await live()
    server.child.kill('SIGTERM')
    const untilGone = async () => {
      if (await live().catch(() => null)) throw new Error('it still answers')
    }
    await vi.waitFor(untilGone, { interval: 10, timeout: 15_000 })
    const begun = performance.now()
    expect(await server.kill('SIGTERM')).toBe(1)
    expect(performance.now() - begun).toBeLessThan(2000)
  })
})

describe.concurrent('a crash', () => {
  it('leaves its reason behind, of an error that nobody catches as of a promise that fails unseen', async () => {
    const state = join(folder, 'kept')
    const preload = join(folder, 'preload.mjs')
    writeFileSync(
      preload,
      `process.on('SIGUSR2', () => { throw new Error('the hull leaks at "Konspirat"') })
       process.on('SIGHUP', () => { Promise.reject(new Error('the mast fell')) })`,
    )
    const NODE_OPTIONS = `--import=${preload}`
    const env = { ...(await aloneOn(memory)), STATE_DIRECTORY: state, LOG_LEVEL: 'warn', NODE_OPTIONS }
    const server = await startProcess(env)
    expect(await server.kill('SIGUSR2')).toBe(1)
    expect(server.output()).toContain('the hull leaks')
    const next = await startProcess(env)
    await vi.waitFor(() => expect(next.output()).toMatch(/"error":"the hull leaks at '…'".*ended by a fault/), 15_000)
    expect(server.output() + next.output()).not.toContain('Konspirat')
    expect(await next.kill('SIGHUP')).toBe(1)
    const stack = expect.arrayContaining([expect.stringContaining('preload.mjs')])
    expect(JSON.parse(readFileSync(join(state, 'crashes.json'), 'utf8'))).toMatchObject([
      { pid: next.child.pid, reason: 'the mast fell', stack },
      { pid: server.child.pid, reason: "the hull leaks at '…'", stack },
    ])
    expect(statSync(join(state, 'crashes.json')).mode & 0o777).toBe(0o600)
  })

  it('at the start is told by the log, and no statement with it', async () => {
    const databaseUrl = await freshMariadb()
    const connection = await createConnection(databaseUrl)
    await connection.query('DROP TABLE connections')
    await connection.end()
    const server = run('src/main.ts', [], { ...(await aloneOn(databaseUrl)), LOG_LEVEL: 'warn' })
    expect(await server.exited).toBe(1)
    expect(server.output()).toMatch(/"level":"fatal".*nobody has caught this error/)
    expect(server.output()).not.toMatch(/\bsql:|sqlMessage/)
  })

  it('is told on the pages, its reason to administrators alone', async () => {
    const state = join(folder, 'told')
    const at = Date.now()
    const hour = 60 * 60_000
    const crash = { pid: 1, stack: ['at main (file.ts:1:1)'] }
    const crashes = [
      { ...crash, at: at - 60_000, reason: 'the <hull> leaks' },
      { ...crash, at: at - 2 * hour, reason: 'the mast fell' },
      { ...crash, at: at - 30 * hour, reason: 'long ago' },
    ]
    mkdirSync(state)
    writeFileSync(join(state, 'crashes.json'), JSON.stringify(crashes))
    const users = [{ login: 'viewer', roles: ['viewer'] }]
    const parom = await startParom({ databaseUrl: memory, env: { STATE_DIRECTORY: state }, users })
    const [admin, viewer] = [createVisitor(parom.url), createVisitor(parom.url)]
    await admin.signIn()
    await viewer.signIn('viewer', 'viewer-password')
    const overview = (await admin.visit('/app')).text
    expect(overview).toMatch(/Сбои за последний час<\/dt><dd><span class="problem">1<[\s\S]*the &lt;hull&gt; leaks/)
    expect(overview).not.toContain('the mast fell')
    const maintenance = (await admin.visit('/app/maintenance')).text
    expect(maintenance).toMatch(/the &lt;hull&gt; leaks[\s\S]*at main[\s\S]*the mast fell/)
    expect(maintenance).not.toContain('long ago')
    const seen = (await viewer.visit('/app')).text
    expect(seen).toContain('Сбои за последний час')
    expect(seen).not.toContain('leaks')
    await parom.close()
  })
})
