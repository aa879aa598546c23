import { createHmac, randomBytes } from 'node:crypto'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { SourcesConfig } from '../../src/config/schema.ts'
import { hashToken } from '../../src/config/sources.ts'
import type { Form } from '../../src/mapping/form.ts'
import { anOrder, asForm } from '../support/orders.ts'
import { type ParomOptions, startParom, startTestSandbox } from '../support/parom.ts'

let sandbox: Awaited<ReturnType<typeof startTestSandbox>>
beforeAll(async () => {
  sandbox = await startTestSandbox()
})
afterAll(() => sandbox.close())

let parom: Awaited<ReturnType<typeof startParom>>
afterEach(() => parom.close())

async function start(sources: SourcesConfig['sources'], options: Partial<ParomOptions> & { rateLimit?: object } = {}) {
  const { rateLimit, ...others } = options
  const settings = { sources, ...(rateLimit ? { rate_limit: rateLimit } : {}) } as SourcesConfig
  const env = { WEBHOOK_TOKEN: 'token-of-the-cabinet', ...options.env }
  parom = await startParom({ databaseUrl: 'sqlite::memory:', sandbox, ...others, env, sources: settings })
}

let orders = 0
const newOrder = () => asForm(anOrder({ comment: `Заказ ${++orders}` }))
const withToken = (token: string) => ({ 'x-webhook-token': token })

/** The answer as it is, of whatever type. */
async function send(body: string, headers: Record<string, string>, query = '') {
  const type = { 'content-type': 'application/x-www-form-urlencoded' }
  const url = `${parom.url}/api/order/create${query}`
  const response = await fetch(url, { method: 'POST', headers: { ...type, ...headers }, body })
  const [contentType, length] = ['content-type', 'content-length'].map((name) => response.headers.get(name))
  return { status: response.status, type: contentType, length, text: await response.text() }
}

describe('a source', () => {
  const shop = { id: 'shop2', tokens: [hashToken('token-of-shop-2'), hashToken('new-token-of-shop-2')] }

  it.each([
    ['its token', 'token-of-shop-2', 'shop2'],
    ['its other token', 'new-token-of-shop-2', 'shop2'],
    ['WEBHOOK_TOKEN', 'token-of-the-cabinet', 'lk'],
  ])('is known by %s', async (_, token, source) => {
    await start([shop])
    for (const [headers, query] of [
      [withToken(token), ''],
      [{ authorization: `Bearer ${token}` }, ''],
      [{}, `?token=${token}`],
    ] as const) {
      const { status, text } = await send(newOrder(), headers, query)
      expect(status).toBe(200)
      expect(await parom.inbox.find(JSON.parse(text).id)).toMatchObject({ source })
    }
  })

  it('is let in no more by a token that is taken away, nor by a wrong one', async () => {
    await start([{ ...shop, tokens: [hashToken('new-token-of-shop-2')] }])
    for (const token of ['token-of-shop-2', 'x', hashToken('new-token-of-shop-2')]) {
      const answer = await parom.post(newOrder(), withToken(token))
      expect(answer.status).toBe(401)
      expect(answer.body).toEqual({ status: 401, error: 'unauthorized', message: expect.stringContaining('токен') })
    }
    expect((await parom.post(newOrder(), withToken('new-token-of-shop-2'))).status).toBe(200)
  })

  it('may send what another has sent: that is another order', async () => {
    await start([shop])
    const body = newOrder()
    const ofShop = await parom.post(body, withToken('token-of-shop-2'))
    const ofCabinet = await parom.post(body, withToken('token-of-the-cabinet'))
    expect(ofCabinet.body).toEqual({ status: 200, id: expect.not.stringMatching(ofShop.body.id) })
    const again = await parom.post(body, withToken('new-token-of-shop-2'))
    expect(again.body).toEqual({ status: 200, id: ofShop.body.id, duplicate: true })
  })

  it('may have a shorter memory for what it sends', async () => {
    await start([{ ...shop, dedupe: { window: 60 } }])
    const body = newOrder()
    const first = await parom.post(body, withToken('token-of-shop-2'))
    parom.advance(59_000)
    expect((await parom.post(body, withToken('token-of-shop-2'))).body.duplicate).toBe(true)
    parom.advance(2_000)
    const later = await parom.post(body, withToken('token-of-shop-2'))
    expect(later.body).toEqual({ status: 200, id: expect.not.stringMatching(first.body.id) })
  })

  it('has its orders made by its form, unless they name another', async () => {
    const form = (tag: string): Form => ({
      sources: [],
      pipeline_id: 1731979,
      status_id: 26034988,
      lead_name: '',
      entities_create: ['lead'],
      mapping: {},
      logic: {},
      tags: { lead: [tag], contact: [], company: [] },
      partner_not_found: 'warn',
      products: { match: ['name', 'sku'], not_found: 'warn' },
    })
    const forms = {
      shops: form('свой'),
      listed: { ...form('по списку'), sources: ['shop3'] },
      site: { ...form('сайт'), sources: ['metform'] },
    }
    const shop3 = { id: 'shop3', tokens: [hashToken('token-of-shop-3')] }
    await start([{ ...shop, form: 'shops' }, shop3], { forms })
    const entries = () => asForm({ entries: JSON.stringify({ 'mf-comment': `Форма ${++orders}` }) })
    const cases: [string, string, string][] = [
      [newOrder(), 'token-of-shop-2', 'свой'],
      [entries(), 'token-of-shop-2', 'свой'],
      [`${newOrder()}&form_id=site`, 'token-of-shop-2', 'сайт'],
      [newOrder(), 'token-of-shop-3', 'по списку'],
      [newOrder(), 'token-of-the-cabinet', 'dropshipping'],
      [entries(), 'token-of-the-cabinet', 'сайт'],
    ]
    for (const [body, token, tag] of cases) {
      const { id } = (await parom.post(body, withToken(token))).body
      const { lead_id } = await parom.reaches(id, 'delivered')
      const { leads } = await sandbox.state()
      const lead = leads.find((each: { id: number }) => each.id === lead_id)
      expect(JSON.stringify(lead), body).toContain(tag)
    }
  })

  it.each<[string, NonNullable<SourcesConfig['sources']>[number]['answer'], object]>([
    ['a text', { body: 'OK' }, { status: 200, type: 'text/plain; charset=utf-8', text: 'OK' }],
    [
      'an object',
      { status: 202, body: { принято: true } },
      { status: 202, type: 'application/json; charset=utf-8', text: '{"принято":true}' },
    ],
    [
      'a text of its type',
      { status: 201, body: '<ok/>', content_type: 'text/xml' },
      { status: 201, type: 'text/xml', text: '<ok/>' },
    ],
    ['nothing', { status: 204 }, { status: 204, length: null, text: '' }],
  ])(
    'is answered with %s as it wishes, for the same order again too, and not for a refusal',
    async (_, answer, sent) => {
      await start([{ ...shop, answer }])
      const body = newOrder()
      expect(await send(body, withToken('token-of-shop-2'))).toMatchObject(sent)
      expect(await send(body, withToken('token-of-shop-2'))).toMatchObject(sent)
      expect((await parom.post('', withToken('token-of-shop-2'))).body).toMatchObject({ status: 400, error: 'empty' })
      expect((await parom.post(body, withToken('token-of-the-cabinet'))).body).toMatchObject({ status: 200 })
    },
  )
})

describe('a source that signs', () => {
  const keys = [randomBytes(32), randomBytes(32)]
  const secrets = keys.map((key) => `whsec_${key.toString('base64')}`)

  function sign(body: string, { key = keys[0] as Buffer, id = `msg_${++orders}`, late = 0 } = {}) {
    const seconds = Math.floor(parom.clock.now() / 1000) - late
    const mac = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')
    return { 'webhook-id': id, 'webhook-timestamp': String(seconds), 'webhook-signature': `v1,${mac}` }
  }
  const refused = { status: 401, body: { error: 'bad_signature', message: expect.stringContaining('Подпись') } }

  it('is let in by its signature, by either secret, and needs no token', async () => {
    await start([{ id: 'signed', signing_secrets: secrets }])
    for (const key of keys) {
      const body = newOrder()
      const answer = await parom.post(body, sign(body, { key }))
      expect(answer.status).toBe(200)
      expect(await parom.inbox.find(answer.body.id)).toMatchObject({ source: 'signed' })
    }
  })

  it('is refused what somebody else has signed, changed, or sent once more too late', async () => {
    await start([{ id: 'signed', signing_secrets: secrets }])
    const body = newOrder()
    const signed = sign(body)
    expect(await parom.post(`${body}&total=1`, signed)).toMatchObject(refused)
    expect(await parom.post(body, { ...signed, 'webhook-id': 'msg_other' })).toMatchObject(refused)
    expect(await parom.post(body, sign(body, { key: randomBytes(32) }))).toMatchObject(refused)
    expect(await parom.post(body, sign(body, { late: 301 }))).toMatchObject(refused)
    expect(await parom.post(body, sign(body, { late: -301 }))).toMatchObject(refused)
    expect(await parom.post(body)).toMatchObject(refused)
    expect((await parom.post(body, signed)).status).toBe(200)
    parom.clock.advance(301_000)
    expect(await parom.post(body, signed)).toMatchObject(refused)
  })

  it('has its body inflated only where it shows a token too', async () => {
    await start([
      { id: 'signed', signing_secrets: secrets },
      { id: 'both', tokens: [hashToken('token-of-both')], signing_secrets: secrets },
    ])
    const body = newOrder()
    const post = (headers: Record<string, string>) =>
      parom.post(gzipSync(body), { ...sign(body), 'content-encoding': 'gzip', ...headers })
    expect((await post({})).body).toMatchObject({ status: 415, error: 'unsupported_type' })
    expect((await post(withToken('token-of-both'))).status).toBe(200)
  })

  it('needs both where it has tokens too', async () => {
    await start([{ id: 'both', tokens: [hashToken('token-of-both')], signing_secrets: secrets }])
    const body = newOrder()
    expect((await parom.post(body, sign(body))).body).toMatchObject({ error: 'unauthorized' })
    expect(await parom.post(body, withToken('token-of-both'))).toMatchObject(refused)
    expect((await parom.post(body, { ...sign(body), ...withToken('token-of-both') })).status).toBe(200)
  })

  it('says in its address who it is where several sign', async () => {
    await start([
      { id: 'one', signing_secrets: secrets.slice(0, 1) },
      { id: 'two', signing_secrets: secrets.slice(1) },
    ])
    const body = newOrder()
    const byTwo = sign(body, { key: keys[1] as Buffer })
    expect((await send(body, byTwo)).status).toBe(401)
    expect((await send(body, byTwo, '?source=one')).status).toBe(401)
    const { status, text } = await send(body, byTwo, '?source=two')
    expect(status).toBe(200)
    expect(await parom.inbox.find(JSON.parse(text).id)).toMatchObject({ source: 'two' })
  })
})

describe('a source with an address', () => {
  const shop = {
    id: 'shop2',
    tokens: [hashToken('token-of-shop-2')],
    allowed_addresses: ['203.0.113.7', '2001:db8::/32'],
  }
  const from = (address: string) => ({ ...withToken('token-of-shop-2'), 'x-forwarded-for': address })

  it('is let in from there alone, as the trusted proxy tells', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'parom-config-'))
    cpSync(join(import.meta.dirname, '../../config'), folder, { recursive: true })
    const file = join(folder, 'local/app.config.ts')
    writeFileSync(file, readFileSync(file, 'utf8').replace('trusted_proxies: []', "trusted_proxies: ['loopback']"))
    await start([shop], { env: { CONFIG_DIR: folder } })
    for (const address of ['203.0.113.7', '2001:db8::9', '203.0.113.8, 203.0.113.7'])
      expect((await parom.post(newOrder(), from(address))).status).toBe(200)
    for (const address of ['203.0.113.8', '203.0.113.7, 203.0.113.8']) {
      const { status, body } = await parom.post(newOrder(), from(address))
      expect(status).toBe(401)
      expect(body).toMatchObject({ error: 'address_not_allowed', message: expect.stringContaining('203.0.113.8') })
    }
    expect((await parom.post(newOrder(), withToken('token-of-the-cabinet'))).status).toBe(200)
    rmSync(folder, { recursive: true })
  })

  it('is not let in by what it says of itself', async () => {
    await start([shop])
    expect((await parom.post(newOrder(), from('203.0.113.7'))).body).toMatchObject({ error: 'address_not_allowed' })
    const { messages } = await parom.inbox.list({ limit: 1, state: 'rejected' })
    expect(messages).toMatchObject([{ source: 'shop2', reason: 'address_not_allowed' }])
    await parom.close()
    await start([{ ...shop, allowed_addresses: ['127.0.0.0/8', '::1'] }])
    expect((await parom.post(newOrder(), from('203.0.113.7'))).status).toBe(200)
  })
})

describe('a source that comes too often', () => {
  const shop = {
    id: 'shop2',
    tokens: [hashToken('token-of-shop-2')],
    rate_limit: { requests: 2, seconds: 60 },
  }
  const post = () => parom.post(newOrder(), withToken('token-of-shop-2'))

  it('is told when to come again, and is let in then; the others are not held up', async () => {
    await start([shop])
    expect([(await post()).status, (await post()).status]).toEqual([200, 200])
    const refused = await post()
    expect(refused.status).toBe(429)
    expect(refused.body).toEqual({ status: 429, error: 'rate_limited', message: expect.stringMatching(/через \d+ с/) })
    const seconds = Number(refused.headers.get('retry-after'))
    expect(seconds).toBeGreaterThan(20)
    expect(seconds).toBeLessThanOrEqual(30)
    expect((await parom.post(newOrder(), withToken('token-of-the-cabinet'))).status).toBe(200)
    parom.clock.advance(seconds * 1000)
    expect((await post()).status).toBe(200)
    expect((await post()).status).toBe(429)
  })

  it('is refused for what all together have used up', async () => {
    await start([{ id: 'shop2', tokens: [hashToken('token-of-shop-2')] }], { rateLimit: { requests: 1, seconds: 60 } })
    expect((await parom.post(newOrder(), withToken('token-of-the-cabinet'))).status).toBe(200)
    expect((await post()).body).toMatchObject({ error: 'rate_limited' })
    parom.clock.advance(60_000)
    expect((await post()).status).toBe(200)
  })

  it('uses up nothing with tokens that are wrong', async () => {
    await start([shop])
    for (let tries = 0; tries < 5; tries++) await parom.post(newOrder(), withToken('x'))
    expect((await post()).status).toBe(200)
  })

  it('uses up nothing with what somebody else says to be its own, without its signature', async () => {
    const key = randomBytes(32)
    await start([{ id: 'signed', signing_secrets: [`whsec_${key.toString('base64')}`], rate_limit: shop.rate_limit }])
    const sign = (body: string) => {
      const seconds = Math.floor(parom.clock.now() / 1000)
      const mac = createHmac('sha256', key).update(`${++orders}.${seconds}.${body}`).digest('base64')
      return { 'webhook-id': `${orders}`, 'webhook-timestamp': `${seconds}`, 'webhook-signature': `v1,${mac}` }
    }
    for (let tries = 0; tries < 5; tries++) expect((await parom.post(newOrder())).status).toBe(401)
    const statuses = []
    for (let tries = 0; tries < 3; tries++) {
      const body = newOrder()
      statuses.push((await parom.post(body, sign(body))).status)
    }
    expect(statuses).toEqual([200, 200, 429])
  })
})

it('writes no token into the log or the database, whatever comes of the request', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'parom-sources-'))
  const logged: string[] = []
  const log = pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) })
  const source = { id: 'shop2', tokens: [hashToken('token-of-shop-2')], rate_limit: { requests: 3, seconds: 60 } }
  await start([source], { databaseUrl: `sqlite:${join(folder, 'parom.db')}`, log })
  for (const [body, token, type] of [
    [newOrder(), 'token-of-shop-2', 'application/x-www-form-urlencoded'],
    ['{', 'token-of-shop-2', 'application/json'],
    ['x', 'token-of-shop-2', 'text/plain'],
    [newOrder(), 'token-of-shop-2', 'application/x-www-form-urlencoded'],
    [newOrder(), 'token-of-nobody', 'application/x-www-form-urlencoded'],
  ] as const) {
    const referer = `https://shop.example/?token=${token}`
    await send(body, { 'content-type': type, referer, ...withToken(token) }, `?token=${token}`)
    await send(body, { 'content-type': type, authorization: `Bearer ${token}` })
    await send(body, { 'content-type': type }, `?source=shop2&token=${token}`)
  }
  const stored = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'latin1'))
  rmSync(folder, { recursive: true })
  expect(logged.join('')).toContain('/api/order/create')
  expect(stored.join('')).toContain('shop2')
  expect([...logged, ...stored].join('')).not.toMatch(/token-of-(shop|nobody)|[?&]token=/)
})
