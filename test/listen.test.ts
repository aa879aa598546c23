import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { listen } from '../src/listen.ts'
import { anOrder, asForm } from './support/orders.ts'
import { type ParomOptions, startParom } from './support/parom.ts'
import { askSocket, run } from './support/process.ts'

const folder = mkdtempSync(join(tmpdir(), 'parom-sockets-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const env = (socket: string) => ({ HOST: `unix:${socket}`, PUBLIC_URL: 'http://crm.example.ru' })
const startOn = (socket: string, options: Partial<ParomOptions> = {}) =>
  startParom({ databaseUrl: 'sqlite::memory:', env: env(socket), ...options })

it('listens on a socket for its user and group alone, and takes it away when it stops', async () => {
  const socket = join(folder, 'own.sock')
  const parom = await startOn(socket)
  expect(statSync(socket).mode & 0o777).toBe(0o660)
  expect(await askSocket(socket, '/health/ready')).toBe(200)
  await parom.close()
  expect(existsSync(socket)).toBe(false)
})

it('takes the place of a process that died, not of one that lives, and of no file', async () => {
  const socket = join(folder, 'left.sock')
  leaveBehind(socket)
  expect(await askSocket(socket, '/health/ready')).toBe(null)
  const parom = await startOn(socket)
  await expect(startOn(socket)).rejects.toMatchObject({ name: 'ListenError', isTaken: true })
  expect(await askSocket(socket, '/health/ready')).toBe(200)
  await parom.close()
  writeFileSync(socket, 'somebody needs it')
  await expect(startOn(socket)).rejects.toMatchObject({ name: 'ListenError' })
  expect(existsSync(socket)).toBe(true)
})

it('takes the place of a process that died once, however many start at the same time', async () => {
  const socket = join(folder, 'wanted.sock')
  leaveBehind(socket)
  const servers = Array.from({ length: 4 }, () => createServer((_req, res) => res.end()))
  const results = await Promise.allSettled(servers.map((server) => listen(server, { socket, host: '', port: 0 })))
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  for (const result of results)
    if (result.status === 'rejected') expect(result.reason).toMatchObject({ name: 'ListenError', isTaken: true })
  expect(await askSocket(socket, '/')).toBe(200)
  for (const server of servers) server.close()
})

it('listens where somebody has just left', async () => {
  const socket = join(folder, 'just-left.sock')
  leaveBehind(socket)
  const server = createServer((_req, res) => res.end())
  server.once('error', () => unlinkSync(socket))
  await listen(server, { socket, host: '', port: 0 })
  expect(await askSocket(socket, '/')).toBe(200)
  server.close()
})

it.each([
  { trustedProxies: ['socket'], told: '203.0.113.9', address: '203.0.113.9' },
  { trustedProxies: ['loopback'], told: '203.0.113.9', address: null },
  { trustedProxies: ['socket', 'loopback'], told: '203.0.113.9, 127.0.0.1', address: '203.0.113.9' },
])(
  'believes $told over a socket where $trustedProxies are trusted: $address',
  async ({ trustedProxies, told, address }) => {
    const socket = join(folder, 'told.sock')
    const parom = await startOn(socket, { trustedProxies })
    const id = await new Promise<string>((resolve, reject) => {
      const headers = { 'content-type': 'application/x-www-form-urlencoded', 'x-forwarded-for': told }
      request({ socketPath: socket, path: '/api/order/create', method: 'POST', headers }, async (res) => {
        resolve(JSON.parse(Buffer.concat(await res.toArray()).toString()).id)
      })
        .on('error', reject)
        .end(asForm(anOrder()))
    })
    expect(await parom.inbox.find(id)).toMatchObject({ address })
    await parom.close()
  },
)

it('says which place cannot be had, and a command waits until the server is ready', async () => {
  const socket = join(folder, 'ready.sock')
  const settings = { ENV_TYPE: 'local', AMO_BASE_URL: 'http://127.0.0.1:9', LOG_LEVEL: 'silent', ...env(socket) }
  const ready = (seconds: string) => run('src/cli/parom.ts', ['ready', seconds], settings)
  const waiting = ready('60')
  const once = ready('0')
  expect(await once.exited).toBe(1)
  expect(once.output()).toContain('Сервер пока не готов')
  const nowhere = run('src/main.ts', [], {
    ...settings,
    HOST: `unix:${folder}/none/1.sock`,
    DATABASE_URL: 'sqlite::memory:',
  })
  const parom = await startOn(socket)
  expect(await waiting.exited).toBe(0)
  expect(await nowhere.exited).toBe(1)
  expect(nowhere.output()).toContain('Не удаётся принимать запросы (HOST, PORT): listen ')
  await parom.close()
})

/** As kill -9 does. */
function leaveBehind(socket: string) {
  const listenAndDie = `require('net').createServer().listen(${JSON.stringify(socket)}, () => process.kill(process.pid, 'SIGKILL'))`
  try {
    execFileSync(process.execPath, ['-e', listenAndDie])
  } catch {}
}
