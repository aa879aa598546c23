import { createServer } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AmocrmError } from '../../src/amocrm/errors.ts'
import { createLeads } from '../../src/amocrm/leads.ts'
import { clientWithToken, inHaste } from '../support/amocrm.ts'
import { freePort } from '../support/mariadb.ts'
import { startTestSandbox } from '../support/parom.ts'

const get = { method: 'GET', path: '/api/v4/account' } as const

describe('the client of amoCRM', () => {
  let sandbox: Awaited<ReturnType<typeof startTestSandbox>>
  let token: string
  beforeEach(async () => {
    sandbox = await startTestSandbox()
    token = (await sandbox.credentials()).access_token
  })
  afterEach(() => sandbox.close())

  const clientOf = (options: Partial<Parameters<typeof clientWithToken>[0]> = {}) =>
    clientWithToken({ baseUrl: sandbox.url, token, timeoutMs: 500, ...options })

  const failureOf = (call: Promise<unknown>) =>
    call.then(
      () => expect.fail('it was answered'),
      (error: unknown) => (error instanceof AmocrmError ? error : expect.fail(String(error))),
    )

  it('never asks more than seven times in any second, however many calls are waiting', async () => {
    await sandbox.settings({ rate_limit: 7 })
    const client = clientOf()
    await Promise.all(Array.from({ length: 20 }, () => client.request(get)))
    const times = (await sandbox.requests()).map(({ time }) => Date.parse(time))
    expect(times).toHaveLength(20)
    for (const time of times)
      expect(times.filter((other) => other >= time && other < time + 1000).length).toBeLessThanOrEqual(7)
  })

  it('leaves the CRM alone for a while after a 429, with all its calls', async () => {
    await sandbox.faults([
      { path: '/api/v4/*', effect: 'status', status: 429, html: true, headers: { 'Retry-After': '1' }, times: 1 },
    ])
    const client = clientOf({ requestsPerSecond: inHaste })
    expect(await failureOf(client.request(get))).toMatchObject({
      kind: 'rate_limited',
      retryAfter: 1000,
      mayHaveHappened: false,
    })
    const before = performance.now()
    await Promise.all([client.request(get), client.request(get)])
    expect(performance.now() - before).toBeGreaterThan(950)
  })

  it.each([
    ['a lost answer', { effect: 'lost_answer' }, { kind: 'unavailable', status: null, mayHaveHappened: true }],
    ['a 500', { effect: 'status', status: 500 }, { kind: 'unavailable', status: 500, mayHaveHappened: true }],
    [
      'a 504 in HTML',
      { effect: 'status', status: 504, html: true },
      { kind: 'unavailable', status: 504, mayHaveHappened: true },
    ],
    ['half an answer', { effect: 'truncate' }, { kind: 'unavailable', status: 200, mayHaveHappened: true }],
    [
      'an answer that comes too late',
      { effect: 'delay', delay_ms: 800 },
      {
        kind: 'unavailable',
        status: null,
        mayHaveHappened: true,
        message: 'GET /api/v4/account: no answer within 500 ms',
      },
    ],
    ['a 401', { effect: 'status', status: 401 }, { kind: 'unauthorized', mayHaveHappened: false }],
    ['a 402', { effect: 'status', status: 402 }, { kind: 'payment_required', mayHaveHappened: false }],
    ['a 403 of the CRM', { effect: 'status', status: 403 }, { kind: 'forbidden', mayHaveHappened: false }],
    [
      'a 403 of the machines before it',
      { effect: 'status', status: 403, html: true },
      { kind: 'blocked', mayHaveHappened: false },
    ],
    ['a 404 to a read', { effect: 'status', status: 404 }, { kind: 'unavailable', mayHaveHappened: false }],
    ['a 408', { effect: 'status', status: 408 }, { kind: 'unavailable', mayHaveHappened: true }],
    [
      'a refusal of an odd shape',
      { effect: 'status', status: 401, body: { 'validation-errors': null, detail: 7 } },
      { kind: 'unauthorized', mayHaveHappened: false },
    ],
    ['a 400', { effect: 'status', status: 400 }, { kind: 'rejected', mayHaveHappened: false }],
    [
      'a redirect',
      { effect: 'status', status: 302, headers: { Location: 'http://127.0.0.1:1/' } },
      { kind: 'unavailable', mayHaveHappened: false },
    ],
  ])('tells %s for what it is', async (_case, fault, expected) => {
    await sandbox.faults([{ path: '/api/v4/*', ...fault }])
    expect(await failureOf(clientOf().request(get))).toMatchObject(expected)
  })

  it('knows that a refused connection has carried nothing', async () => {
    const client = clientOf({ baseUrl: `http://127.0.0.1:${await freePort()}` })
    expect(await failureOf(client.request(get))).toMatchObject({ kind: 'unavailable', mayHaveHappened: false })
  })

  it('turns away whoever waits once it is stopped, and lets go of what is under way', async () => {
    const stopping = new AbortController()
    await sandbox.faults([{ path: '/api/v4/*', effect: 'delay', delay_ms: 400 }])
    const client = clientOf({ requestsPerSecond: { delivery: 1, people: 1 }, stop: stopping.signal })
    const underWay = failureOf(client.request(get))
    const waiting = failureOf(client.request(get))
    await expect.poll(async () => (await sandbox.requests()).length).toBe(1)
    stopping.abort()
    expect(await underWay).toMatchObject({ kind: 'unavailable', mayHaveHappened: true })
    expect(await waiting).toMatchObject({ kind: 'unavailable', mayHaveHappened: false })
    expect(await sandbox.requests()).toHaveLength(1)
  })

  it('shows an observer what was asked and answered, and no token', async () => {
    const seen: unknown[] = []
    await clientOf()
      .observed({ onExchange: (exchange) => seen.push(exchange) })
      .request(get)
    expect(seen).toMatchObject([{ call: get, status: 200, answer: expect.stringContaining('"subdomain"') }])
    expect(JSON.stringify(seen)).not.toContain(token)
  })

  it('carries the CRM’s own words, with the place they are about', async () => {
    const error = await failureOf(
      clientOf().request({ method: 'POST', path: '/api/v4/leads', body: [{ name: 'x', status_id: 1 }] }),
    )
    expect(error.message).toMatch(/^POST \/api\/v4\/leads: HTTP 400 .*status_id: NotSupportedChoice/)
  })

  it('calls the place of a fault by our name of it', async () => {
    const fields = [
      { fieldId: 1, field: 'lead.cf.shipping', values: [{ value: 'x' }] },
      { fieldId: 2, field: 'lead.cf.payment', values: [{ value: 'y' }] },
    ]
    const lead = {
      requestId: 'order-1',
      name: 'x',
      price: null,
      pipelineId: 1,
      statusId: 2,
      tags: [],
      contactIds: [],
      companyId: null,
      responsibleUserId: null,
      fields,
    }
    const error = await failureOf(createLeads(clientOf(), [{ ...lead, requestId: 'order-0', fields: [] }, lead]))
    expect(error).toMatchObject({ kind: 'rejected', temporary: false })
    expect(error.faults).toContainEqual(
      expect.objectContaining({ item: 'order-1', field: 'lead.cf.payment', code: 'NotSupportedChoice' }),
    )
    expect(error.message).toContain('order-1 «lead.cf.payment» (custom_fields_values.1.field_id): NotSupportedChoice')
  })

  it('gives up on an answer that drips in for ever', async () => {
    const server = createServer((_req, res) => {
      res.writeHead(200, { 'content-type': 'application/json' })
      const drip = setInterval(() => res.write(' '), 100)
      res.on('close', () => clearInterval(drip))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const baseUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
    expect(await failureOf(clientOf({ baseUrl }).request(get))).toMatchObject({
      kind: 'unavailable',
      mayHaveHappened: true,
    })
    server.closeAllConnections()
    server.close()
  })

  it('sends nothing when the last look before the sending says no', async () => {
    const beforeSend = () => Promise.reject(new Error('somebody else has it'))
    await expect(clientOf().observed({ beforeSend }).request(get)).rejects.toThrow('somebody else has it')
    expect(await sandbox.requests()).toEqual([])
  })

  it('is not moved to an address in a proxy variable', async () => {
    process.env['HTTP_PROXY'] = 'http://127.0.0.1:1'
    try {
      expect(await clientOf().request(get)).toMatchObject({ subdomain: 'sandbox' })
    } finally {
      delete process.env['HTTP_PROXY']
    }
  })
})
