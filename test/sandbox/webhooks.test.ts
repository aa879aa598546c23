import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { connect, faultsOf, tell } from './client.ts'

const destination = 'https://app.example/hooks/amo/secret'
const hook = (more: object = {}) => ({ destination, settings: ['add_lead', 'status_lead'], ...more })

tell('a subscription to webhooks', [
  [
    'RU:webhooks-api',
    'is one object, answered 201 with all that is known of it, and listed',
    async (amo) => {
      const answer = await amo.post('/webhooks', hook())
      const shape = {
        id: expect.any(Number),
        destination,
        created_at: amo.seconds(),
        updated_at: amo.seconds(),
        account_id: 31000001,
        created_by: 504141,
        sort: 1,
        disabled: false,
        settings: ['add_lead', 'status_lead'],
      }
      expect(answer.status).toBe(201)
      expect(answer.body).toEqual(shape)
      expect((await amo.get('/webhooks')).body).toEqual({ _total_items: 1, _embedded: { webhooks: [shape] } })
    },
  ],
  [
    'KM:webhooks',
    'is answered 200 where that is set',
    async (amo) => {
      await amo.settings({ webhook_created_status: 200 })
      expect((await amo.post('/webhooks', hook())).status).toBe(200)
    },
  ],
  [
    'RU:webhooks-api',
    'to the same address replaces the events',
    async (amo) => {
      const first = await amo.post('/webhooks', hook({ sort: 10 }))
      amo.advance(60_000)
      const second = await amo.post('/webhooks', hook({ settings: ['update_contact', 'update_contact'] }))
      expect(second.body).toEqual({ ...first.body, settings: ['update_contact'], updated_at: amo.seconds() })
      expect((await amo.get('/webhooks')).body._total_items).toBe(1)
    },
  ],
  [
    'RU:webhooks-api',
    'is found by its exact address, and 204 is the answer where there is none',
    async (amo) => {
      expect(await amo.get('/webhooks')).toMatchObject({ status: 204, text: '' })
      await amo.post('/webhooks', hook())
      await amo.post('/webhooks', hook({ destination: `${destination}2` }))
      const find = (address: string) => amo.get(`/webhooks?filter[destination]=${encodeURIComponent(address)}`)
      expect((await find(destination)).body._embedded.webhooks).toMatchObject([{ destination }])
      expect((await find('https://app.example')).status).toBe(204)
    },
  ],
  [
    'RU:webhooks-api',
    'is ended by its address',
    async (amo) => {
      await amo.post('/webhooks', hook())
      const end = (body: object) => amo.call('DELETE', '/api/v4/webhooks', body)
      expect(faultsOf(await end({ id: 1056949 }))).toEqual(['0: destination FieldMissing', '0: id FieldNotExpected'])
      expect((await end({ destination: 'https://app.example' })).status).toBe(404)
      expect(await end({ destination })).toMatchObject({ status: 204, text: '' })
      expect((await end({ destination })).status).toBe(404)
      expect((await amo.get('/webhooks')).status).toBe(204)
    },
  ],
  [
    'RU:webhooks-api',
    'needs an address of http and known events',
    async (amo) => {
      const faults = async (body: object) => faultsOf(await amo.post('/webhooks', body))
      expect(await faults({ destination })).toEqual(['0: settings FieldMissing'])
      expect(await faults(hook({ settings: ['add_lead', 'add_planet'] }))).toEqual(['0: settings.1 NotSupportedChoice'])
      expect(await faults(hook({ settings: [] }))).toEqual(['0: settings InvalidType'])
      expect(await faults(hook({ settings: 'add_lead' }))).toEqual(['0: settings InvalidType'])
      expect(await faults(hook({ colour: 'red' }))).toEqual(['0: colour FieldNotExpected'])
      for (const wrong of ['app.example', 'ftp://app.example/a', 'file:///etc/passwd', 'https://пример.рф/a', '']) {
        expect(await faults(hook({ destination: wrong })), wrong).toEqual(['0: destination InvalidType'])
      }
      expect((await amo.post('/webhooks', {})).status).toBe(400)
      expect((await amo.get('/webhooks')).status).toBe(204)
    },
  ],
  [
    'RU:webhooks-api',
    'can be to a hundred addresses at most',
    async (amo) => {
      for (let index = 0; index < 100; index += 1)
        await amo.post('/webhooks', hook({ destination: `http://a/${index}` }))
      expect((await amo.post('/webhooks', hook())).status).toBe(422)
      expect((await amo.post('/webhooks', hook({ destination: 'http://a/99' }))).status).toBe(201)
      expect((await amo.get('/webhooks')).body._total_items).toBe(100)
    },
  ],
  [
    'RU:webhooks-api',
    'is for administrators only',
    async (amo) => {
      await amo.admin('/reset', { users: [{ id: 504141, name: 'Менеджер', is_admin: false }] })
      for (const method of ['GET', 'POST', 'DELETE']) {
        const body = method === 'GET' ? undefined : hook()
        expect((await amo.call(method, '/api/v4/webhooks', body)).status, method).toBe(403)
      }
    },
  ],
  [
    '§11.3',
    'that is disabled stays so until a person turns it on, unless that is set otherwise',
    async (amo) => {
      await amo.post('/webhooks', hook())
      const turnOff = () => amo.admin('/webhooks', { destination, disabled: true })
      expect((await turnOff()).body).toMatchObject({ destination, disabled: true })
      expect((await amo.post('/webhooks', hook())).body.disabled).toBe(true)
      expect((await amo.admin('/webhooks', { destination, disabled: false })).body.disabled).toBe(false)
      await turnOff()
      await amo.settings({ webhook_resubscribing_enables: true })
      expect((await amo.post('/webhooks', hook())).body.disabled).toBe(false)
    },
  ],
  [
    'contract',
    'cannot be switched where there is none',
    async (amo) => {
      expect(await amo.admin('/webhooks', { destination, disabled: true })).toMatchObject({
        status: 404,
        body: { detail: expect.stringContaining('destination') },
      })
      expect((await amo.admin('/webhooks', { disabled: true })).body.detail).toContain('destination')
    },
  ],
])

describe('what is sent to', () => {
  it.each([
    ['POST', '/webhooks', { destination: fc.oneof(fc.webUrl(), fc.jsonValue()), settings: fc.jsonValue() }],
    ['DELETE', '/webhooks', { destination: fc.jsonValue() }],
    ['POST', '/tasks', { text: fc.jsonValue(), complete_till: fc.jsonValue(), entity_type: fc.jsonValue() }],
  ])('%s %s never breaks it', async (method, path, shape) => {
    const amo = await connect()
    await amo.settings({ rate_limit: null })
    const body = fc.oneof(fc.jsonValue(), fc.record<object>(shape), fc.array(fc.record<object>(shape)))
    await fc.assert(
      fc.asyncProperty(body, async (sent) => {
        const { status } = await amo.call(method, `/api/v4${path}`, JSON.stringify(sent))
        expect([200, 201, 400, 404, 422]).toContain(status)
      }),
      { numRuns: 150 },
    )
    await amo.sandbox.close()
  })
})
