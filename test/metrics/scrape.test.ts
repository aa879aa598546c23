import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { addShop, callApi } from '../support/api-shops.ts'
import { onEachDatabase } from '../support/databases.ts'
import { anOrder, asForm } from '../support/orders.ts'
import { startParom } from '../support/parom.ts'
import { promtool, scrape } from '../support/scrape.ts'
import { createVisitor, formWith } from '../support/visitor.ts'

const webhookToken = 'token-of-the-cabinet'
const token = 'token-of-prometheus'
const env = { WEBHOOK_TOKEN: webhookToken, METRICS_TOKEN: token }
const shop = { 'x-webhook-token': webhookToken }
const refusal = {
  'validation-errors': [{ request_id: '0', errors: [{ code: 'NotSupportedChoice', path: 'price', detail: 'x' }] }],
}
const lead = { method: 'POST', path: '/api/v4/leads', effect: 'status' }
const apiOrder = JSON.parse(readFileSync(join(import.meta.dirname, '../fixtures/api/create-order.json'), 'utf8'))

onEachDatabase('what a server counts', (database) => {
  let parom: Awaited<ReturnType<typeof startParom>>
  let databaseUrl: string
  let folder: string
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'parom-config-'))
    cpSync(join(import.meta.dirname, '../../config'), folder, { recursive: true })
    databaseUrl = await database.fresh()
    parom = await startParom({ databaseUrl, env: { ...env, CONFIG_DIR: folder } })
  })
  afterAll(async () => {
    await parom.close()
    rmSync(folder, { recursive: true })
  })

  const look = (url = parom.url) => scrape(url, token)
  const send = (fields: object, headers: Record<string, string> = {}) =>
    parom.post(asForm(anOrder({ nonce: Math.random(), ...fields })), { ...shop, ...headers })

  it('is exactly what happened to the orders', async () => {
    const { url } = parom
    const same = { 'idempotency-key': 'k-1' }
    const first = asForm(anOrder({ email: 'ira@example.ru' }))
    const { id } = (await parom.post(first, { ...shop, ...same })).body
    expect((await parom.post(first, { ...shop, ...same })).body).toEqual({ status: 200, id, duplicate: true })
    expect((await send({}, same)).body.duplicate).toBe(true)
    const second = (await send({})).body.id
    const ofShop = await addShop(databaseUrl)
    expect((await callApi(url, 'create-order', apiOrder, { token: ofShop.token })).status).toBe(201)
    expect((await parom.post(first, { 'x-webhook-token': 'x' })).status).toBe(401)
    expect((await parom.post('', shop)).status).toBe(400)
    expect((await callApi(url, 'create-order', {}, { token: 'x' })).status).toBe(400)
    expect((await callApi(url, 'create-order', {}, { token: ofShop.token })).status).toBe(400)
    await parom.reaches(id, 'delivered')
    await parom.reaches(second, 'delivered')
    await expect.poll(async () => (await look()).value('parom_deliveries_total', { outcome: 'delivered' })).toBe(3)

    await parom.sandbox.faults([{ ...lead, status: 400, body: refusal }])
    await parom.reaches((await send({})).body.id, 'dead')
    await parom.sandbox.faults([{ ...lead, status: 429, times: 1 }])
    await send({})
    await expect.poll(async () => (await look()).value('parom_deliveries_total', { outcome: 'retry' })).toBe(1)

    const { counts, value } = await look()
    expect(counts('parom_orders_accepted_total')).toEqual({ 'lk webhook': 4, 'api create-order': 1 })
    expect(counts('parom_order_duplicates_total')).toEqual({ lk: 1 })
    expect(counts('parom_order_conflicts_total')).toEqual({ lk: 1 })
    expect(counts('parom_requests_rejected_total')).toEqual({
      'unauthorized unknown': 2,
      'empty lk': 1,
      'invalid api': 1,
    })
    expect(counts('parom_orders_not_stored_total')).toEqual({})
    expect(counts('parom_deliveries_total')).toEqual({
      delivered: 3,
      'dead crm_rejected': 1,
      'retry crm_rate_limited': 1,
    })
    expect(value('parom_order_to_crm_seconds_count')).toBe(3)
    expect(value('parom_commit_orders_sum')).toBe(7)
    const asked = await parom.sandbox.requests()
    const answered = (status: number) => asked.filter((request) => request.status === status).length
    expect(value('parom_crm_requests_total', { status: '200' })).toBe(answered(200))
    expect(counts('parom_crm_requests_total')).toMatchObject({ 'POST 400': answered(400), 'POST 429': 1 })
    expect(value('parom_crm_request_seconds_count')).toBe(asked.length)
    expect(counts('parom_crm_pauses_total')).toEqual({ '': 1 })
    expect(value('parom_crm_pause_seconds_total')).toBeGreaterThanOrEqual(1)
    expect(value('parom_http_requests_total', { route: 'webhook' })).toBe(8)
    expect(value('parom_http_requests_total', { route: 'webhook', status: '401' })).toBe(1)
    expect(counts('parom_http_requests_total')).toMatchObject({ 'order_api 201': 1, 'order_api 400': 2 })
  })

  it('is what the database says of all processes, some seconds old at most', async () => {
    parom.clock.advance(6000)
    const { value, counts } = await look()
    expect(counts('parom_orders_waiting')).toMatchObject({ dead: 2 })
    expect(value('parom_orders_waiting', { state: 'held' })).toBe(0)
    expect(counts('parom_crm_connection_state')).toEqual({ connected: 1 })
    expect(counts('parom_crm_paused')).toEqual({ '': 1 })
    expect(value('parom_database_up')).toBe(1)
    expect(value('parom_processes')).toBe(1)
    await expect.poll(async () => (await look()).value('parom_delivers')).toBe(1)
    expect(value('parom_oldest_waiting_seconds')).toBeLessThan(60)
    expect(counts('parom_alert_raised')).toBeTypeOf('object')
    if (database.name === 'SQLite') expect(value('parom_sqlite_file_bytes')).toBeGreaterThan(100_000)
    else expect(value('parom_database_pool_size')).toBe(12)
  })

  it('is of all processes the same but what each has done itself, and one of them delivers', async () => {
    const { sandbox, clock } = parom
    const other = await startParom({ databaseUrl, env: { ...env, CONFIG_DIR: folder }, sandbox, clock })
    try {
      await expect
        .poll(async () => {
          clock.advance(6000)
          const both = [await look(), await look(other.url)]
          return both.map(({ value }) => [value('parom_processes'), value('parom_orders_waiting', { state: 'dead' })])
        })
        .toEqual([
          [2, 2],
          [2, 2],
        ])
      expect((await look(other.url)).counts('parom_orders_accepted_total')).toEqual({})
      await expect
        .poll(async () => [await look(), await look(other.url)].map(({ value }) => value('parom_delivers')).sort())
        .toEqual([0, 1])
    } finally {
      await other.close()
    }
  })

  it('is what Prometheus can read, and names nobody', async () => {
    const { text, response } = await look()
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(promtool(['check', 'metrics'], text)).toBe('')
    for (const secret of [token, webhookToken, 'ira@', '345-67', '345678', 'romashka', 'Ромашка', 'Иванова'])
      expect(text).not.toContain(secret)
  })

  it('goes on when the settings are read again', async () => {
    const before = (await look()).value('parom_orders_accepted_total')
    const admin = createVisitor(parom.url)
    await admin.signIn()
    const { text } = await admin.visit('/api/cache/config')
    const reload = () => admin.submit('/api/cache/config', formWith('_csrf', /./, text))
    const sources = join(folder, 'local/sources.config.ts')
    writeFileSync(
      sources,
      readFileSync(sources, 'utf8').replace(
        'sources: [',
        `sources: [{ id: 'shop2', tokens: ['sha256:${'x'.repeat(43)}'] },`,
      ),
    )
    await reload()
    await send({})
    const reread = await look()
    expect(reread.value('parom_orders_accepted_total', { source: 'shop2' })).toBe(0)
    expect(reread.value('parom_requests_rejected_total', { source: 'shop2', reason: 'empty' })).toBe(0)
    expect(reread.value('parom_orders_accepted_total')).toBe((before ?? 0) + 1)
    expect(reread.counts('parom_settings_reloads_total')).toEqual({ taken: 1 })
    expect(reread.value('parom_settings_faults')).toBe(0)

    writeFileSync(join(folder, 'local/app.config.ts'), 'export default { prot: 1 }')
    await reload()
    const { counts, value } = await look()
    expect(counts('parom_settings_reloads_total')).toEqual({ taken: 1, refused: 1 })
    expect(value('parom_settings_faults')).toBeGreaterThan(0)
    expect(counts('parom_http_requests_total')).toMatchObject({ 'sign_in 303': 1 })
  })
})
