import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startSandbox } from '../../src/sandbox/server.ts'
import { connect, tell } from './client.ts'

tell('/__sandbox', [
  [
    'contract',
    'credentials gives a fresh code and token for the address one came by',
    async (amo) => {
      const [first, second] = [(await amo.admin('/credentials')).body, (await amo.admin('/credentials')).body]
      expect(Object.keys(first).sort()).toEqual([
        'access_token',
        'base_url',
        'client_id',
        'client_secret',
        'code',
        'redirect_uri',
      ])
      expect(first.base_url).toBe(amo.sandbox.url)
      expect(second.client_id).toBe(first.client_id)
      expect(second.code).not.toBe(first.code)
      expect(second.access_token).not.toBe(first.access_token)
    },
  ],
  [
    'contract',
    'state shows every entity with what is linked to it',
    async (amo) => {
      const id = await amo.lead({ _embedded: { contacts: [{ id: 7143599 }], tags: [{ name: 'a' }] } })
      await amo.post(`/leads/${id}/link`, [
        { to_entity_id: 525439, to_entity_type: 'catalog_elements', metadata: { catalog_id: 4521, quantity: 3 } },
      ])
      await amo.post(`/leads/${id}/notes`, [{ note_type: 'common', params: { text: 'привет' } }])
      const { body } = await amo.admin('/state')
      expect(body).toMatchObject({
        account: { subdomain: 'sandbox' },
        users: [{ id: 504141 }],
        pipelines: [{ id: 1731979 }, { id: 1158625 }],
        leads: [
          {
            id,
            _embedded: {
              contacts: [{ id: 7143599, is_main: true }],
              tags: [{ name: 'a' }],
              catalog_elements: [{ id: 525439, metadata: { quantity: 3, catalog_id: 4521 } }],
            },
          },
        ],
        links: [{ to_entity_type: 'contacts' }, { to_entity_type: 'catalog_elements' }],
        notes: [{ entity_type: 'leads', entity_id: id, params: { text: 'привет' } }],
        tags: [{ name: 'a' }],
      })
      expect(body.contacts).toHaveLength(69)
      expect(body.elements).toHaveLength(66)
      expect(Object.keys(body.custom_fields)).toEqual(['leads', 'contacts', 'companies', 'catalogs'])
    },
  ],
  [
    'contract',
    'reset leaves whoever is connected his tokens and his addresses',
    async (amo) => {
      const addresses = { redirect_uri: 'http://127.0.0.1:4000/api/auth', disconnect_url: 'http://127.0.0.1:4000/off' }
      await amo.settings({ ...addresses, refresh_grace: 'until_new_used' })
      await amo.admin('/reset', {})
      expect((await amo.admin('/settings')).body).toMatchObject({ ...addresses, refresh_grace: 'strict' })
      expect((await amo.get('/account')).status).toBe(200)
      await amo.settings({ redirect_uri: amo.sandbox.credentials().redirect_uri, disconnect_url: null })
    },
  ],
  [
    'contract',
    'reset takes a seed, and the state of another sandbox is one',
    async (amo) => {
      const id = await amo.lead({ _embedded: { contacts: [{ id: 7143599 }] } })
      const { body: state } = await amo.admin('/state')
      await amo.admin('/reset', {
        contacts: [{ id: 5, name: 'Один', custom_fields_values: [{ field_id: 641351, values: [{ value: '77' }] }] }],
      })
      expect((await amo.admin('/state')).body).toMatchObject({ contacts: [{ id: 5, name: 'Один' }], leads: [] })
      await amo.admin('/reset', state)
      const { tokens: _, ...entities } = (await amo.admin('/state')).body
      expect(entities).toMatchObject({
        leads: [{ id, _embedded: { contacts: [{ id: 7143599 }] } }],
        contacts: state.contacts,
      })
    },
  ],
  [
    'contract',
    'reset refuses a seed that does not hold together and changes nothing',
    async (amo) => {
      const id = await amo.lead()
      const refused = await amo.admin('/reset', {
        contacts: [{ custom_fields_values: [{ field_id: 9, values: [{ value: 'x' }] }] }],
      })
      expect(refused).toMatchObject({
        status: 400,
        body: { detail: 'Seed: contacts.0.custom_fields_values.0.field_id: NotSupportedChoice' },
      })
      expect((await amo.get(`/leads/${id}`)).status).toBe(200)
      expect((await amo.admin('/reset', { users: 'none' })).status).toBe(400)
    },
  ],
  [
    'contract',
    'journal has every request in the order of arrival',
    async (amo) => {
      await amo.get('/leads?limit=5')
      const created = await amo.post('/leads', [{}])
      await amo.call('POST', '/oauth2/access_token', {})
      const { requests } = (await amo.admin('/journal')).body
      expect(requests).toMatchObject([
        { method: 'GET', path: '/api/v4/leads?limit=5', status: 204, bytes: 0 },
        {
          method: 'POST',
          path: '/api/v4/leads',
          status: 200,
          bytes: created.text.length,
          request_id: created.headers.get('x-request-id'),
        },
        { path: '/oauth2/access_token', status: 400, time: new Date(amo.seconds() * 1000).toISOString() },
      ])
    },
  ],
  [
    'contract',
    'settings are merged, answered back, and an unknown one is named',
    async (amo) => {
      expect((await amo.settings({ query_index_delay_ms: 0 })).body).toMatchObject({
        query_index_delay_ms: 0,
        rate_limit: null,
        blocked: false,
      })
      expect(await amo.settings({ speed: 5 })).toMatchObject({
        status: 400,
        body: { detail: expect.stringContaining('speed') },
      })
    },
  ],
  [
    'contract',
    'clock moves the time of everything',
    async (amo) => {
      expect((await amo.admin('/clock', { advance_ms: 1e300 })).status).toBe(400)
      await amo.admin('/clock', { advance_ms: 3_600_000 })
      const id = await amo.lead()
      expect((await amo.get(`/leads/${id}`)).body.created_at).toBe(amo.seconds() + 3600)
    },
  ],
])

describe('a state file', () => {
  it('keeps everything over a restart, even with a torn last line', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sandbox-'))
    const file = join(folder, 'state.jsonl')
    const first = await connect({ file })
    const { access_token, code } = first.sandbox.credentials()
    const id = await first.lead({ _embedded: { contacts: [{ id: 7143599 }] } })
    await first.sandbox.close()
    appendFileSync(file, '[["leads",10185999,{"id":10185999,"na')

    const second = await connect({ file })
    second.withToken(access_token)
    expect((await second.get(`/leads/${id}?with=contacts`)).body._embedded.contacts).toMatchObject([{ id: 7143599 }])
    expect(second.sandbox.state().leads).toHaveLength(1)
    expect(await second.lead()).toBeGreaterThan(id)
    const keys = { ...second.sandbox.credentials(), code, grant_type: 'authorization_code' }
    expect((await second.call('POST', '/oauth2/access_token', keys)).status).toBe(200)
    await second.admin('/reset', {})
    expect(readFileSync(file, 'utf8')).not.toContain('[["leads"')
    await second.sandbox.close()
    rmSync(folder, { recursive: true })
  })
})

describe('starting', () => {
  it('on a port that is taken is refused with EADDRINUSE', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => other.once('listening', resolve))
    const { port } = other.address() as AddressInfo
    await expect(startSandbox({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
    other.close()
  })

  it('gives a sandbox that closes at once, kept-alive connections too', async () => {
    const sandbox = await startSandbox()
    await (await fetch(`${sandbox.url}/`)).text()
    const began = performance.now()
    await sandbox.close()
    expect(performance.now() - began).toBeLessThan(500)
    await expect(fetch(sandbox.url)).rejects.toThrow()
  })

  it('with a wrong seed is refused, and the port is free again', async () => {
    await expect(startSandbox({ seed: { users: [] } })).rejects.toThrow('users')
  })
})
