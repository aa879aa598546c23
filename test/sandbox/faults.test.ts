import { expect } from 'vitest'
import { type Client, faultsOf, tell } from './client.ts'
import { knock } from './knock.ts'

const faults = async (amo: Client, ...list: object[]) => (await amo.admin('/faults', list)).body
const leads = { method: 'POST', path: '/api/v4/leads' }
const countLeads = async (amo: Client) => (await amo.admin('/state')).body.leads.length

tell('a fault on demand', [
  [
    '§14.2',
    'lost_answer does the work and closes the connection',
    async (amo) => {
      await faults(amo, { ...leads, effect: 'lost_answer', times: 1 })
      await expect(amo.post('/leads', [{ name: 'A' }])).rejects.toThrow()
      expect(await countLeads(amo)).toBe(1)
      expect((await amo.admin('/faults')).body).toMatchObject([{ effect: 'lost_answer', fired: 1 }])
      expect((await amo.admin('/journal')).body.requests).toMatchObject([
        { method: 'POST', status: 0, fault: 'lost_answer' },
      ])
      expect((await amo.post('/leads', [{ name: 'B' }])).status).toBe(200)
    },
  ],
  [
    '§14.2',
    'drop closes the connection before any work',
    async (amo) => {
      await faults(amo, { ...leads, effect: 'drop', times: 1 })
      await expect(amo.post('/leads', [{ name: 'A' }])).rejects.toThrow()
      expect(await countLeads(amo)).toBe(0)
    },
  ],
  [
    '§14.2',
    'status answers with and without the work done',
    async (amo) => {
      await faults(amo, { ...leads, effect: 'status', status: 504, html: true, times: 1 })
      expect(await amo.post('/leads', [{}])).toMatchObject({
        status: 504,
        text: expect.stringContaining('504 Gateway Timeout'),
      })
      expect(await countLeads(amo)).toBe(0)
      await faults(amo, {
        ...leads,
        effect: 'status',
        status: 429,
        commit: true,
        headers: { 'Retry-After': '3' },
        body: { a: 1 },
      })
      const answer = await amo.post('/leads', [{}])
      expect(answer).toMatchObject({ status: 429, body: { a: 1 } })
      expect(answer.headers.get('retry-after')).toBe('3')
      expect(await countLeads(amo)).toBe(1)
    },
  ],
  [
    '§14.2',
    'truncate cuts the answer in the middle',
    async (amo) => {
      const whole = (await amo.get('/catalogs')).text
      await faults(amo, { path: '/api/v4/catalogs*', effect: 'truncate' })
      const cut = await fetch(`${amo.sandbox.url}/api/v4/catalogs`, {
        headers: { authorization: `Bearer ${amo.sandbox.credentials().access_token}` },
      })
      const text = await cut.text()
      expect(cut.status).toBe(200)
      expect(whole.startsWith(text) && text.length < whole.length).toBe(true)
    },
  ],
  [
    '§14.2',
    'delay answers later',
    async (amo) => {
      await faults(amo, { path: '/api/v4/*', effect: 'delay', delay_ms: 30 })
      const began = performance.now()
      expect((await amo.get('/account')).status).toBe(200)
      expect(performance.now() - began).toBeGreaterThanOrEqual(29)
    },
  ],
  [
    '§14.2',
    'by probability strikes the same requests for the same seed',
    async (amo) => {
      const run = async (seed: number) => {
        await faults(amo, { path: '/api/v4/account', effect: 'status', probability: 0.5, seed })
        return knock(amo, 20)
      }
      const [first, same, other] = [await run(7), await run(7), await run(8)]
      expect(new Set(first)).toEqual(new Set([200, 500]))
      expect(same).toEqual(first)
      expect(other).not.toEqual(first)
    },
  ],
  [
    '§14.2',
    'slow_body sends the headers at once and the body bit by bit',
    async (amo) => {
      await faults(amo, { path: '/api/v4/catalogs', effect: 'slow_body', body_ms: 200 })
      const began = performance.now()
      const answer = await fetch(`${amo.sandbox.url}/api/v4/catalogs`, {
        headers: { authorization: `Bearer ${amo.sandbox.credentials().access_token}` },
      })
      const afterHeaders = performance.now() - began
      expect(await answer.json()).toMatchObject({ _embedded: { catalogs: [{}, {}] } })
      const afterBody = performance.now() - began
      expect(afterBody).toBeGreaterThanOrEqual(190)
      expect(afterHeaders).toBeLessThan(afterBody - 100)
      const [entry] = (await amo.admin('/journal')).body.requests
      expect(entry).toMatchObject({ status: 200, bytes: Number(answer.headers.get('content-length')) })
    },
  ],
  [
    'RU:recommendations',
    'items_over strikes big batches only',
    async (amo) => {
      await faults(amo, { ...leads, effect: 'status', status: 504, html: true, items_over: 2 })
      expect((await amo.post('/leads', [{}, {}])).status).toBe(200)
      expect((await amo.post('/leads', [{}, {}, {}])).status).toBe(504)
      expect(await countLeads(amo)).toBe(2)
    },
  ],
  [
    '§14.2',
    'mentions strikes those only that have a text',
    async (amo) => {
      await faults(amo, { ...leads, effect: 'status', status: 400, mentions: 'Заказ 7' })
      expect((await amo.post('/leads', [{ name: 'Заказ 8' }])).status).toBe(200)
      expect((await amo.post('/leads', [{ name: 'Заказ 8' }, { name: 'Заказ 7' }])).status).toBe(400)
      expect((await amo.get('/leads')).status).toBe(200)
      expect(await countLeads(amo)).toBe(1)
    },
  ],
  [
    'KM:http-codes',
    'a status has the body that the API gives it',
    async (amo) => {
      await faults(amo, { path: '/api/v4/account', effect: 'status', status: 401, times: 1 })
      expect((await amo.get('/account')).body).toMatchObject({ detail: 'Invalid user name or password' })
      await faults(amo, { path: '/api/v4/account', effect: 'status', status: 429, headers: { 'Retry-After': '2' } })
      const answer = await amo.get('/account')
      expect(answer.body).toMatchObject({ status: 429, retry_after: 300 })
      expect(answer.headers.get('retry-after')).toBe('2')
    },
  ],
  [
    '§14.2',
    'lasts from one moment to another by the clock of the sandbox',
    async (amo) => {
      const unpaid = { path: '/api/v4/account', effect: 'status', status: 402 }
      await faults(amo, { ...unpaid, from: '2026-03-02T09:00:00Z', for_ms: 60_000 })
      amo.advance(Date.parse('2026-03-02T08:59:59.999Z') - amo.seconds() * 1000)
      expect(await knock(amo, 1)).toEqual([200])
      amo.advance(1)
      expect(await knock(amo, 1)).toEqual([402])
      amo.advance(60_000)
      expect(await knock(amo, 1)).toEqual([200])

      expect(await faults(amo, { ...unpaid, for_ms: 1000 })).toMatchObject([
        { from: '2026-03-02T09:01:00.000Z', until: '2026-03-02T09:01:01.000Z' },
      ])
      expect(await knock(amo, 1)).toEqual([402])
      await amo.admin('/clock', { advance_ms: 1000 })
      expect(await knock(amo, 1)).toEqual([200])
    },
  ],
  [
    'GH zero-archive/amocrm-php#100',
    'partial_link answers as ever and loses some of the links',
    async (amo) => {
      const id = await amo.lead({})
      const link = (to_entity_id: number, quantity: number) => ({
        entity_id: id,
        to_entity_id,
        to_entity_type: 'catalog_elements',
        metadata: { catalog_id: 4521, quantity },
      })
      await amo.post('/leads/link', [link(525439, 1)])
      await faults(amo, { method: 'POST', path: '/api/v4/*/link', effect: 'partial_link', seed: 3, times: 2 })
      const many = Array.from({ length: 20 }, (_, index) => link(525441 + index * 2, 1))
      expect((await amo.post('/leads/link', many)).body._embedded.links).toHaveLength(20)
      const stored = async () => (await amo.admin('/state')).body.links
      const left = (await stored()).length - 1
      expect(left).toBeGreaterThan(0)
      expect(left).toBeLessThan(20)
      // A link that was there before stays as it was.
      await amo.post('/leads/link', [link(525439, 7)])
      expect((await stored())[0]).toMatchObject({ to_entity_id: 525439, metadata: { quantity: 1 } })
    },
  ],
  [
    'RU:error-codes',
    'field_deleted takes a field away under the hands of who fills it',
    async (amo) => {
      const filled = [{ custom_fields_values: [{ field_id: 685731, values: [{ value: 'A' }] }] }]
      await faults(amo, { ...leads, effect: 'field_deleted', field_id: 685731, times: 1 })
      expect(faultsOf(await amo.post('/leads', filled))).toEqual([
        '0: custom_fields_values.0.field_id NotSupportedChoice',
      ])
      expect((await amo.get('/leads/custom_fields')).text).not.toContain('685731')
    },
  ],
  [
    '§14.2',
    'takes a star for any part of a path',
    async (amo) => {
      await faults(amo, { path: '/api/v4/*/custom_fields', effect: 'status', status: 503 })
      expect((await amo.get('/leads/custom_fields?limit=1')).status).toBe(503)
      expect((await amo.get('/contacts/custom_fields')).status).toBe(503)
      expect((await amo.get('/leads/custom_fields/685731')).status).not.toBe(503)
      expect((await amo.get('/leads/pipelines')).status).toBe(200)
    },
  ],
  [
    'contract',
    'a preset is a mixture whose parts are equally likely, and together as likely as was asked',
    async (amo) => {
      await faults(amo, { preset: 'server errors', probability: 0.6, seed: 7, path: '/api/v4/account' })
      const statuses = await knock(amo, 300)
      const share = (wanted: number) => statuses.filter((status) => status === wanted).length / statuses.length
      expect(share(200)).toBeGreaterThan(0.33)
      expect(share(200)).toBeLessThan(0.47)
      expect(share(500)).toBeGreaterThan(share(503))
      expect(share(503)).toBeGreaterThan(0.12)
      const { body } = await amo.admin('/faults')
      const struck = body.map(({ fired }: { fired: number }) => fired)
      expect(struck).toHaveLength(3)
      expect(Math.min(...struck)).toBeGreaterThan(30)
      expect(struck.reduce((a: number, b: number) => a + b)).toBe(statuses.filter((status) => status !== 200).length)
    },
  ],
  [
    'contract',
    'every preset is taken as it is listed',
    async (amo) => {
      const names = Object.keys((await amo.admin('/faults/presets')).body)
      expect(names).toContain('bad day')
      for (const preset of names) expect(await faults(amo, { preset, probability: 0.1 })).not.toEqual([])
      expect(await amo.admin('/faults', [{ preset: 'good day' }])).toMatchObject({ status: 400 })
    },
  ],
  [
    'contract',
    'that is not whole or not known is refused by the name of what is wrong',
    async (amo) => {
      const refusal = async (fault: object) => (await amo.admin('/faults', [fault])).body.detail
      expect(await refusal({ effect: 'drop', speed: 1 })).toContain('speed')
      expect(await refusal({ preset: 'bad day', status: 500 })).toContain('status')
      expect(await refusal({ effect: 'delay' })).toContain('delay_ms')
      expect(await refusal({ effect: 'field_deleted' })).toContain('field_id')
      expect(await refusal({ effect: 'drop', from: 'tomorrow' })).toContain('from')
      expect(await refusal({ effect: 'drop', for_ms: 1e300 })).toContain('for_ms')
      expect(await refusal({ effect: 'delay', delay_ms: 1e12 })).toContain('delay_ms')
      expect(await refusal({ effect: 'status', headers: { 'a b': 'c' } })).toContain('headers')
      expect(await refusal({ effect: 'status', headers: { a: 'b\r\nc: d' } })).toContain('headers')
      expect((await amo.admin('/faults', { effect: 'drop' })).status).toBe(400)
      expect((await amo.admin('/faults')).body).toEqual([])
    },
  ],
  [
    '§14.2',
    'is gone after an empty list, and a wrong one is refused',
    async (amo) => {
      await faults(amo, { path: '/api/v4/*', effect: 'drop' })
      expect(await faults(amo)).toEqual([])
      expect((await amo.get('/account')).status).toBe(200)
      const refused = await amo.admin('/faults', [{ effect: 'explode' }])
      expect(refused).toMatchObject({ status: 400, body: { detail: expect.stringContaining('effect') } })
    },
  ],
])
