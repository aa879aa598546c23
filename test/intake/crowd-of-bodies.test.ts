import { mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest'
import { anOrder, asForm } from '../support/orders.ts'
import { startParom, startTestSandbox } from '../support/parom.ts'
import { aloneOn, residentBytes, startProcess } from '../support/process.ts'
import { scrape } from '../support/scrape.ts'

const token = 'token-of-the-cabinet'
let sandbox: Awaited<ReturnType<typeof startTestSandbox>>
let parom: Awaited<ReturnType<typeof startParom>>
beforeAll(async () => {
  sandbox = await startTestSandbox()
  parom = await startParom({ databaseUrl: 'sqlite::memory:', sandbox, env: { WEBHOOK_TOKEN: token } })
})
afterAll(() => parom.close().then(sandbox.close))

/** Sends the head of an order and so much of its body, and then no more. Gives what is answered. */
function stall(bytes: number, length: number, head = '', port = Number(new URL(parom.url).port), from = nextAddress()) {
  const socket: Socket = connect({ port, host: '127.0.0.1', localAddress: from })
  const stalled = { answer: '', leave: () => void socket.destroy() }
  const type = 'Content-Type: application/x-www-form-urlencoded'
  socket.write(`POST /api/order/create HTTP/1.1\r\nHost: shop\r\n${type}\r\n${head}Content-Length: ${length}\r\n\r\n`)
  socket.write('a='.padEnd(bytes, 'x'))
  socket.on('data', (data) => {
    stalled.answer += data
  })
  socket.on('error', () => {})
  onTestFinished(stalled.leave)
  return stalled
}

const mib = 1024 ** 2
/** As if each came from elsewhere. */
const nextAddress = () => `127.0.1.${Math.floor(Math.random() * 250)}`
const post = (order = anOrder({ comment: `${Math.random()}` })) =>
  parom.post(asForm(order), { authorization: `Bearer ${token}` })

it('answers strangers who do not finish at once when they are too many, and holds no shop up for them', async () => {
  const strangers = Array.from({ length: 200 }, () => stall(100_000, 120_000))
  await vi.waitFor(() => expect(strangers.some(({ answer }) => answer.includes('401'))).toBe(true), 5000)
  expect((await post()).status).toBe(200)
  const answered = strangers.filter(({ answer }) => answer !== '')
  expect(answered.length).toBeLessThan(strangers.length)
  for (const { leave } of strangers) leave()
})

it('answers 503 with Retry-After when shops have begun more than it can hold, and takes orders when they are gone', async () => {
  const head = `X-Webhook-Token: ${token}\r\n`
  const shops = Array.from({ length: 100 }, () => stall(mib - 10_000, mib - 1000, head))
  const refused = () => shops.filter(({ answer }) => answer !== '')
  await vi.waitFor(() => expect(refused().length).toBeGreaterThan(0), 10_000)
  expect(refused()[0]?.answer).toMatch(/^HTTP\/1.1 503 [\s\S]*Retry-After: \d+[\s\S]*"store_unavailable"/)
  await vi.waitFor(async () => {
    const { counts } = await scrape(parom.url)
    expect(counts('parom_orders_not_stored_total')).toEqual({ busy: refused().length })
  })
  for (const { leave } of shops) leave()
  await vi.waitFor(async () => expect((await post()).status).toBe(200), 5000)
})

it('gives one address alone no more than its part of what it can hold, and holds nobody up who sends at once', async () => {
  const head = `X-Webhook-Token: ${token}\r\n`
  const slow = (bytes: number) => stall(bytes, mib - 1000, head, undefined, '127.0.0.2')
  const refused = (senders: ReturnType<typeof stall>[]) => senders.filter(({ answer }) => answer.includes('503')).length
  const large = Array.from({ length: 40 }, () => slow(mib - 10_000))
  await vi.waitFor(() => expect(refused(large)).toBeGreaterThan(20), 10_000)
  const small = Array.from({ length: 200 }, () => slow(10_000))
  await vi.waitFor(() => expect(refused(small)).toBeGreaterThan(50), 10_000)
  expect((await post(anOrder({ comment: 'x'.repeat(200_000) }))).status).toBe(200)
  const whole = stall(15_000, 15_000, head, undefined, '127.0.0.2')
  await vi.waitFor(() => expect(whole.answer).toContain('HTTP/1.1 200'))
  for (const { leave } of [...large, ...small]) leave()
})

it('takes a body that comes byte by byte for one that comes at once', async () => {
  const order = asForm(anOrder({ comment: 'по буквам' }))
  const chunks = [...order].map((letter) => `1\r\n${letter}\r\n`).join('')
  const socket = connect(Number(new URL(parom.url).port), '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  socket.write(
    `POST /api/order/create HTTP/1.1\r\nHost: shop\r\nX-Webhook-Token: ${token}\r\nTransfer-Encoding: chunked\r\n` +
      `Content-Type: application/x-www-form-urlencoded\r\n\r\n${chunks}0\r\n\r\n`,
  )
  const answer = await new Promise<string>((resolve) => socket.once('data', (data) => resolve(String(data))))
  expect(answer).toMatch(/^HTTP\/1.1 200/)
  const headers = { 'x-webhook-token': token }
  expect((await parom.post(order, headers)).body.duplicate).toBe(true)
  const zipped = await parom.post(gzipSync(order), { ...headers, 'content-encoding': 'GZIP' })
  expect(zipped.body.duplicate).toBe(true)
})

it.each([
  ['too long', 413, 'login=x'.padEnd(20_000, 'x')],
  ['of a length that it does not say', 411, new Blob(['login=x']).stream()],
])('lets strangers send no form that is %s', async (_, status, body) => {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const sent = { method: 'POST', headers, body, duplex: 'half' as const }
  expect((await fetch(`${parom.url}/login`, sent)).status).toBe(status)
})

it('keeps no body of a stranger in memory as long as he stays', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'parom-strangers-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const env = { ...(await aloneOn(`sqlite:${join(folder, 'parom.db')}`)), WEBHOOK_TOKEN: token }
  const server = await startProcess(env)
  onTestFinished(async () => void (await server.kill('SIGKILL')))
  const memory = () => residentBytes(server.child.pid ?? 0)
  const memoryAlone = memory()
  const strangers: ReturnType<typeof stall>[] = []
  const isAnswered = ({ answer }: { answer: string }) => answer.includes('401')
  while (strangers.length < 2500) {
    for (let some = 0; some < 50; some++) strangers.push(stall(120_000, 130_000, '', Number(env.PORT)))
    // Those who fit under the bound wait, all others are answered.
    const wanted = strangers.length - 200
    await vi.waitFor(() => expect(strangers.filter(isAnswered).length).toBeGreaterThan(wanted), 5000)
  }
  expect(memory() - memoryAlone).toBeLessThan(200 * mib)
}, 60_000)
