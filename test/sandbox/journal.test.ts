import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { masked } from '../../src/sandbox/control/masking.ts'
import { type Client, tell } from './client.ts'

const requests = async (amo: Client) => (await amo.admin('/journal')).body.requests
const last = async (amo: Client) => (await requests(amo)).at(-1)
const details = async (amo: Client) => (await amo.admin(`/journal/${(await last(amo)).request_id}`)).body

tell('the journal', [
  [
    'contract',
    'names the integration, and the time of arrival to the millisecond',
    async (amo) => {
      amo.advance(123)
      await amo.get('/account')
      const { client_id } = amo.sandbox.credentials()
      expect(await last(amo)).toMatchObject({ client_id, time: expect.stringMatching(/\.123Z$/) })
      await fetch(`${amo.sandbox.url}/api/v4/account`)
      expect(await last(amo)).toMatchObject({ client_id: null, status: 401 })
    },
  ],
  [
    'contract',
    'tells refresh tokens apart by their digests, also where no answer was given',
    async (amo) => {
      const { code, ...keys } = amo.sandbox.credentials()
      const exchange = (body: object) => amo.call('POST', '/oauth2/access_token', { ...keys, ...body })
      const { refresh_token } = (await exchange({ code, grant_type: 'authorization_code' })).body
      expect(await last(amo)).toMatchObject({ grant_type: 'authorization_code', client_id: keys.client_id })
      expect(await last(amo)).not.toHaveProperty('token_digest')

      await amo.admin('/faults', [{ path: '/oauth2/*', effect: 'drop', times: 1 }])
      const refresh = { grant_type: 'refresh_token', refresh_token }
      await expect(exchange(refresh)).rejects.toThrow()
      await exchange(refresh)
      const token_digest = createHash('sha256').update(refresh_token).digest('hex').slice(0, 16)
      expect((await requests(amo)).slice(-2)).toMatchObject([
        { grant_type: 'refresh_token', token_digest, status: 0, fault: 'drop' },
        { grant_type: 'refresh_token', token_digest, status: 200 },
      ])
    },
  ],
  [
    'contract',
    'keeps what was said by both, without secrets',
    async (amo) => {
      await amo.post('/leads', [{ name: 'Заказ 1001' }])
      expect(await details(amo)).toMatchObject({
        method: 'POST',
        request: { headers: { 'content-type': 'application/json' }, body: '[{"name":"Заказ 1001"}]' },
        answer: { headers: { 'content-type': 'application/hal+json; charset=utf-8' } },
      })
      await amo.post('/leads', '[{"name": ')
      expect(await details(amo)).toMatchObject({ status: 400, request: { body: '[{"name": ' } })

      const { code, ...keys } = amo.sandbox.credentials()
      const { body } = await amo.call('POST', '/oauth2/access_token', {
        ...keys,
        code,
        grant_type: 'authorization_code',
      })
      const said = JSON.stringify(await details(amo))
      expect((await details(amo)).request.headers).not.toHaveProperty('authorization')
      for (const secret of [keys.client_secret, keys.access_token, code, body.access_token, body.refresh_token])
        expect(said).not.toContain(secret)
      expect(said).toContain(keys.client_id)
    },
  ],
  [
    'contract',
    'keeps a long body in part, and knows no request that was not made',
    async (amo) => {
      await amo.post('/leads', [{ name: 'x'.repeat(100_000) }])
      expect((await details(amo)).request.body).toHaveLength(64 * 1024 + '… (100013)'.length)
      expect(await amo.admin('/journal/nothing')).toMatchObject({
        status: 404,
        body: { detail: expect.stringContaining('request_id') },
      })
    },
  ],
  [
    'contract',
    'is told as it happens',
    async (amo) => {
      const stream = await fetch(`${amo.sandbox.url}/__sandbox/journal/stream`)
      expect(stream.headers.get('content-type')).toContain('text/event-stream')
      const reader = (stream.body as ReadableStream<Uint8Array>).getReader()
      let heard = ''
      const hear = async (wanted: RegExp) => {
        while (!wanted.test(heard)) heard += new TextDecoder().decode((await reader.read()).value)
      }
      await amo.get('/leads?limit=7')
      await hear(/event: ended\n.*\n\n/)
      expect(heard).toMatch(/event: arrived\ndata: .*"path":"\/api\/v4\/leads\?limit=7","status":0/)
      expect(heard).toMatch(/event: ended\ndata: .*"status":204/)
      await amo.admin('/faults', [{ path: '/api/v4/account', effect: 'drop' }])
      await expect(amo.get('/account')).rejects.toThrow()
      await hear(/event: ended\ndata: .*"status":0.*"fault":"drop"/)
      await amo.admin('/reset', {})
      await hear(/event: cleared/)
      await reader.cancel()
    },
  ],
])

describe('masking', () => {
  const secret = fc.stringMatching(/^[A-Za-z0-9]{24,40}$/)
  const name = fc.constantFrom('client_secret', 'refresh_token', 'access_token', 'code')

  it('lets no secret through, in JSON that is whole or cut and in forms', () => {
    fc.assert(
      fc.property(name, secret, fc.jsonValue(), fc.nat(), (key, value, other, cut) => {
        const json = JSON.stringify({ other, [key]: value, list: [{ [key]: value }] })
        const form = `grant_type=x&${key.replace('_', '%5F')}=${value}&other=1`
        for (const text of [json, json.slice(0, cut % json.length), form]) {
          expect(masked(text, '/oauth2/access_token')).not.toContain(value)
        }
      }),
    )
  })

  it('leaves every other body as it was sent', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value)
        expect(JSON.parse(masked(text, '/api/v4/leads'))).toEqual(JSON.parse(text))
      }),
    )
  })
})
