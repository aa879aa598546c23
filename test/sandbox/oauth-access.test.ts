import { createHmac } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import {
  accountBy,
  addIntegration,
  administrator,
  claimsOf,
  freshPair,
  listen,
  manager,
  unauthorized,
} from './access.ts'
import { connect, tell } from './client.ts'

const day = 24 * 60 * 60_000

tell('integrations', [
  [
    'RU:step-by-step',
    'are the default one and those that were added, each with its own address',
    async (amo) => {
      const added = await addIntegration(amo, { kind: 'public', disconnect_url: 'https://shop.example/bye' })
      expect(added).toMatchObject({ kind: 'public', scopes: ['crm', 'notifications'], logo: null, description: '' })
      const { integrations } = (await amo.admin('/integrations')).body
      expect(integrations[0]).toMatchObject({
        client_id: amo.sandbox.credentials().client_id,
        redirect_uri: 'http://127.0.0.1:3000/api/auth',
        kind: 'private',
      })
      expect(integrations).toContainEqual(added)
      await amo.settings({ redirect_uri: 'https://parom.example/cb' })
      expect((await amo.admin('/integrations')).body.integrations[0].redirect_uri).toBe('https://parom.example/cb')
    },
  ],
  [
    'contract',
    'are replaced under the same client_id, and a faulty one is refused with the name of the field',
    async (amo) => {
      const { client_id } = await addIntegration(amo)
      await addIntegration(amo, { client_id, name: 'Новое имя' })
      const { integrations } = (await amo.admin('/integrations')).body
      expect(integrations.filter((each: { client_id: string }) => each.client_id === client_id)).toMatchObject([
        { name: 'Новое имя' },
      ])
      for (const [field, value] of [
        ['redirect_uri', 'javascript:alert(1)'],
        ['kind', 'secret'],
        ['speed', 1],
        ['client_id', amo.sandbox.credentials().client_id],
      ] as const) {
        const body = { name: 'Магазин', redirect_uri: 'https://shop.example/', [field]: value }
        expect(await amo.admin('/integrations', body)).toMatchObject({
          status: 400,
          body: { detail: expect.stringContaining(field) },
        })
      }
    },
  ],
])

tell('long-lived tokens', [
  [
    'KM:long-lived',
    'live as many days as was chosen, from one to five years',
    async (amo) => {
      const { body } = await amo.admin('/tokens', { kind: 'long-lived', days: 2 })
      expect(body).toEqual({ access_token: expect.any(String), expires_at: amo.seconds() + (2 * day) / 1000 })
      expect(claimsOf(body.access_token)).toMatchObject({ exp: body.expires_at, sub: '504141' })
      amo.advance(2 * day - 1)
      expect(await accountBy(amo, body.access_token)).toMatchObject({ status: 200 })
      amo.advance(1)
      expect(await accountBy(amo, body.access_token)).toMatchObject(unauthorized)
      for (const days of [0, 1827, 1.5]) {
        expect(await amo.admin('/tokens', { kind: 'long-lived', days })).toMatchObject({
          status: 400,
          body: { detail: expect.stringContaining('days') },
        })
      }
    },
  ],
  [
    'RU:scopes',
    'belong to a user and to an integration that is not public',
    async (amo) => {
      await amo.admin('/reset', { users: [administrator, manager] })
      const { client_id } = await addIntegration(amo, { kind: 'external', scopes: ['crm'] })
      const order = { kind: 'long-lived', days: 1, user_id: manager.id, client_id }
      expect(claimsOf((await amo.admin('/tokens', order)).body.access_token)).toMatchObject({
        sub: '504143',
        aud: client_id,
        scopes: ['crm'],
      })
      const { client_id: market } = await addIntegration(amo, { kind: 'public' })
      for (const [field, wrong] of [
        ['client_id', { client_id: market }],
        ['client_id', { client_id: 'nobody' }],
        ['user_id', { user_id: 5 }],
      ] as const) {
        expect(await amo.admin('/tokens', { ...order, ...wrong })).toMatchObject({
          status: 400,
          body: { detail: expect.stringContaining(field) },
        })
      }
    },
  ],
  [
    'RU:step-by-step',
    'are listed without themselves and revoked alone, by kind or by integration',
    async (amo) => {
      const { client_id } = await addIntegration(amo)
      const issue = async () =>
        (await amo.admin('/tokens', { kind: 'long-lived', days: 1, client_id })).body.access_token
      const [first, second, third] = [await issue(), await issue(), await issue()]
      const listed = (await amo.admin('/tokens')).body.tokens.filter(
        (each: { client_id: string }) => each.client_id === client_id,
      )
      expect(listed).toMatchObject([{ kind: 'long-lived', user_id: 504141, expires_at: amo.seconds() + 86400 }, {}, {}])
      expect(JSON.stringify(listed)).not.toContain(second)

      const revoke = async (which: object) => (await amo.admin('/tokens/revoke', which)).body
      expect(await revoke({ token: first })).toEqual({ revoked: 1 })
      expect(await revoke({ id: listed[1].id })).toEqual({ revoked: 1 })
      expect(await revoke({ client_id, kind: 'access' })).toEqual({ revoked: 0 })
      expect(await accountBy(amo, first)).toMatchObject(unauthorized)
      expect(await accountBy(amo, second)).toMatchObject(unauthorized)
      expect(await accountBy(amo, third)).toMatchObject({ status: 200 })
      expect(await revoke({ client_id })).toEqual({ revoked: 1 })
      expect(await accountBy(amo, third)).toMatchObject(unauthorized)
      expect((await amo.get('/account')).status).toBe(200)
      expect((await amo.admin('/tokens/revoke', { client_id: 'nobody' })).status).toBe(400)
    },
  ],
])

tell('disconnecting', [
  [
    'RU:step-by-step',
    'takes every token of the integration back and tells it so with a signature',
    async (amo) => {
      await using hook = await listen(() => ({ status: 418, body: 'да' }))
      const { client_id, client_secret } = await addIntegration(amo, { disconnect_url: `${hook.url}/bye?shop=1` })
      const { access_token } = (await amo.admin('/tokens', { kind: 'long-lived', days: 1, client_id })).body
      const { body } = await amo.admin('/disconnect', { client_id })
      const signature = createHmac('sha256', client_secret).update(`${client_id}|31000001`).digest('hex')
      const path = `/bye?shop=1&account_id=31000001&client_uuid=${client_id}&signature=${signature}`
      expect(body).toEqual({ client_id, revoked: 1, hook: { url: hook.url + path, status: 418, body: 'да' } })
      expect(hook.heard).toMatchObject([{ method: 'GET', path, agent: 'amoService-oAuth-Code-Sender/1.0' }])
      expect(await accountBy(amo, access_token)).toMatchObject(unauthorized)
      expect((await amo.get('/account')).status).toBe(200)
    },
  ],
  [
    'RU:step-by-step',
    'the default integration ends a client in mid-run, codes and refresh tokens too',
    async (amo) => {
      const { refresh_token } = await freshPair(amo)
      const { code, ...keys } = amo.sandbox.credentials()
      await amo.settings({ disconnect_url: 'http://127.0.0.1:1/nobody' })
      expect((await amo.get('/account')).status).toBe(200)
      expect((await amo.admin('/disconnect', {})).body.hook).toMatchObject({ error: expect.stringMatching(/bad port/) })
      expect(await amo.get('/account')).toMatchObject(unauthorized)
      const grants = [
        { grant_type: 'refresh_token', refresh_token },
        { grant_type: 'authorization_code', code },
      ]
      for (const grant of grants) {
        const { status } = await amo.call('POST', '/oauth2/access_token', { ...keys, ...grant })
        expect(status).toBe('code' in grant ? 400 : 401)
      }
      await amo.settings({ disconnect_url: null })
      expect((await amo.admin('/disconnect', {})).body).toMatchObject({ revoked: 0, hook: null })
      expect((await amo.admin('/disconnect', { client_id: 'nobody' })).status).toBe(400)
      amo.withToken(amo.sandbox.credentials().access_token)
    },
  ],
])

it('a state file keeps integrations and what was revoked', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sandbox-'))
  const file = join(folder, 'state.jsonl')
  const first = await connect({ file })
  const added = await addIntegration(first)
  const { body } = await first.admin('/tokens', { kind: 'long-lived', days: 1 })
  await first.admin('/tokens/revoke', { token: body.access_token })
  await first.sandbox.close()

  const second = await connect({ file })
  expect((await second.admin('/integrations')).body.integrations).toContainEqual(added)
  expect(await accountBy(second, body.access_token)).toMatchObject(unauthorized)
  await second.sandbox.close()
  rmSync(folder, { recursive: true })
})
