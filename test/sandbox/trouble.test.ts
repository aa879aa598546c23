import { expect } from 'vitest'
import { type Client, tell } from './client.ts'

async function knock(amo: Client, times: number): Promise<number[]> {
  const statuses: number[] = []
  for (let time = 0; time < times; time += 1) statuses.push((await amo.get('/account')).status)
  return statuses
}

tell('the rate limit', [
  [
    'RU:recommendations',
    'lets seven requests through in any second',
    async (amo) => {
      await amo.settings({ rate_limit: 7 })
      expect(await knock(amo, 8)).toEqual([200, 200, 200, 200, 200, 200, 200, 429])
      amo.advance(999)
      expect(await knock(amo, 1)).toEqual([429])
      amo.advance(1)
      expect(await knock(amo, 7)).toEqual(Array(7).fill(200))
    },
  ],
  [
    'KM:http-codes',
    'answers JSON with retry_after',
    async (amo) => {
      await amo.settings({ rate_limit: 1 })
      await knock(amo, 1)
      expect((await amo.get('/account')).body).toMatchObject({
        title: 'Too Many Requests',
        status: 429,
        retry_after: 300,
      })
    },
  ],
  [
    'GH#526',
    'answers HTML where that is set, and never a Retry-After',
    async (amo) => {
      await amo.settings({ rate_limit: 1, '429_body': 'html' })
      await knock(amo, 1)
      const answer = await amo.get('/account')
      expect(answer).toMatchObject({
        status: 429,
        text: expect.stringContaining('<title>429 Too Many Requests</title>'),
      })
      expect(answer.headers.get('retry-after')).toBeNull()
    },
  ],
  [
    'GH#434',
    'blocks the account after twenty refusals in a minute, until it is unblocked',
    async (amo) => {
      await amo.settings({ rate_limit: 1 })
      expect((await knock(amo, 22)).slice(19)).toEqual([429, 429, 403])
      amo.advance(3_600_000)
      expect(await amo.get('/account')).toMatchObject({ status: 403, type: expect.stringContaining('text/html') })
      await amo.settings({ blocked: false })
      expect(await knock(amo, 1)).toEqual([200])
    },
  ],
])

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
