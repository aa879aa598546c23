import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { openDatabase } from '../../src/database/open.ts'
import { createLog } from '../../src/log/log.ts'
import { createRequestLog } from '../../src/request-log.ts'
import { trustOf } from '../../src/trusted-proxies.ts'
import { onEachDatabase } from '../support/databases.ts'
import { anOrder, asForm } from '../support/orders.ts'
import { startParom } from '../support/parom.ts'
import { signedIn } from '../support/people.ts'
import { formWith } from '../support/visitor.ts'

describe('of a request the log tells', () => {
  const lines: Record<string, unknown>[] = []
  let parom: Awaited<ReturnType<typeof startParom>>
  beforeAll(async () => {
    const log = createLog({ level: 'debug', output: { write: (line) => void lines.push(JSON.parse(line)) } })
    const env = { BASE_PATH: 'integra', WEBHOOK_TOKEN: 'hook-secret' }
    parom = await startParom({ databaseUrl: 'sqlite::memory:', log, env })
  })
  afterAll(() => parom.close())
  beforeEach(() => void lines.splice(0))

  const told = (path: string) =>
    vi.waitFor(() => {
      const line = lines.find((each) => each['channel'] === 'request' && each['path'] === path)
      return line ?? expect.fail(`nothing of ${path}`)
    })
  const token = { 'x-webhook-token': 'hook-secret' }

  it('which order it brought, from whom and how large it was', async () => {
    const body = asForm(anOrder())
    const { id } = (await parom.post(body, token)).body
    const line = await told('/integra/api/order/create')
    const request = expect.stringMatching(/^[0-9a-f]{10}-[0-9a-z]+$/)
    expect(line).toEqual({
      ...{ level: 'info', time: expect.any(String), channel: 'request', method: 'POST', msg: 'request', request },
      ...{ path: '/integra/api/order/create', status: 200, ms: expect.any(Number), message: id, source: 'lk' },
      bytes: Buffer.byteLength(body),
    })
    lines.splice(0)
    await parom.post(body, token)
    expect(await told('/integra/api/order/create')).toMatchObject({ message: id, duplicate: true })
  })

  it('why it was refused, and by which id its sender may ask', async () => {
    const { headers } = await parom.post('{', { ...token, 'content-type': 'application/json' })
    const request = headers.get('x-request-id')
    expect(await told('/integra/api/order/create')).toMatchObject({
      ...{ level: 'info', status: 400, reason: 'unreadable', source: 'lk', bytes: 1, network: '127.0.0.0/24', request },
    })
    lines.splice(0)
    await fetch(`${parom.url}/api/create-order`, { method: 'POST' })
    expect(await told('/integra/api/create-order')).toMatchObject({ status: 400, reason: 'unauthorized' })
    await fetch(`${parom.url}/api/cache/update/contacts?token=wrong`, { method: 'POST' })
    expect(await told('/integra/api/cache/update/contacts')).toMatchObject({ status: 401, reason: 'unauthorized' })
  })

  it('who asked for a page', async () => {
    const admin = await signedIn(parom.url)
    await admin.visit('/app/transactions?q=secret')
    expect(await told('/integra/app/transactions')).toMatchObject({ level: 'info', status: 200, login: 'admin' })
    await admin.visit('/app/nothing')
    expect(await told('/integra/app/nothing')).toMatchObject({ level: 'info', status: 404 })
  })

  it('all the same of a stranger who says that a page looks again', async () => {
    const look = { headers: { 'x-look': '1' } }
    await fetch(`${parom.url}/app/transactions`, { ...look, redirect: 'manual' })
    expect(await told('/integra/app/transactions')).toMatchObject({ level: 'info', status: 302 })
    await fetch(`${parom.url}/login`, { ...look, method: 'POST', redirect: 'manual' })
    expect(await told('/integra/login')).toMatchObject({ level: 'info', status: 403, network: '127.0.0.0/24' })
    await fetch(`${parom.url}/public/nothing`)
    expect(await told('/integra/public/nothing')).toMatchObject({ level: 'info', status: 404 })
  })

  it('at debug alone that a page looked again', async () => {
    const admin = await signedIn(parom.url)
    lines.splice(0)
    await admin.visit('/app/problems', { headers: { 'x-look': 'again' } })
    expect(await told('/integra/app/problems')).toMatchObject({ level: 'debug', status: 200, login: 'admin' })
    await admin.visit('/app/nothing', { headers: { 'x-look': 'again' } })
    expect(await told('/integra/app/nothing')).toMatchObject({ level: 'info', status: 404 })
    const body = new URLSearchParams(formWith('_csrf', /./, (await admin.visit('/app/problems')).text))
    await admin.visit('/logout', { method: 'POST', headers: { 'x-look': 'again' }, body })
    expect(await told('/integra/logout')).toMatchObject({ level: 'info', status: 303 })
  })

  it.each(['/metrics', '/public/parom.css'])('at debug alone that it was for %s', async (path) => {
    await fetch(`${parom.url}${path}`)
    expect(await told(`/integra${path}`)).toMatchObject({ level: 'debug', status: 200 })
  })
})

const failing = {
  SQLite: sql`BEGIN SELECT RAISE(ABORT, 'high tide at buyer@shop.example'); END`,
  MariaDB: sql`FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'high tide at buyer@shop.example'`,
}

onEachDatabase('what fails once an answer has begun', (database) => {
  it('stands in the log, and nowhere else', async () => {
    const lines: Record<string, unknown>[] = []
    const log = createLog({ level: 'error', output: { write: (line) => void lines.push(JSON.parse(line)) } })
    const stderr = vi.spyOn(console, 'error')
    const databaseUrl = await database.fresh()
    const parom = await startParom({ databaseUrl, log })
    const admin = await signedIn(parom.url)
    const { db, close } = openDatabase(databaseUrl)
    await sql`CREATE TRIGGER no_visit BEFORE UPDATE ON sessions ${failing[database.name]}`.execute(db)
    const { status, text } = await admin.visit('/app/problems')
    expect([status, text]).toEqual([200, expect.stringContaining('</html>')])
    await vi.waitFor(() => expect(lines).toHaveLength(1))
    const err = { message: expect.stringMatching(/^high tide at …/) }
    expect(lines[0]).toMatchObject({ level: 'error', channel: 'exceptions', err })
    expect(stderr).not.toHaveBeenCalled()
    stderr.mockRestore()
    await close()
    await parom.close()
  })
})

it.each([
  [['loopback'], 'from-the-proxy-1', true],
  [['loopback'], 'x y', false],
  [['loopback'], 'short', false],
  [['10.0.0.1'], 'from-a-stranger-1', false],
])('the id of a request that comes by way of %j as %s is kept: %s', (trusted, told, isKept) => {
  const log = createLog({ level: 'silent', output: { write() {} } })
  const { idOf } = createRequestLog({ log, trusted: trustOf(trusted, false), basePath: '' })
  const id = idOf({ headers: { 'x-request-id': told }, socket: { remoteAddress: '127.0.0.1' } } as never)
  expect(id === told).toBe(isKept)
})
