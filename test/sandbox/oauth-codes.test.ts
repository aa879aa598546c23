import { createHmac } from 'node:crypto'
import { expect } from 'vitest'
import { accountBy, addIntegration, administrator, claimsOf, exchange, listen, manager } from './access.ts'
import { type Client, tell } from './client.ts'

const minute = 60_000

/** An integration whose redirect URI is a server of its own. */
async function connected(amo: Client, url: string) {
  return addIntegration(amo, { redirect_uri: `${url}/auth` })
}

tell('a code that no person brings', [
  [
    'KM:auth-public',
    'comes to the redirect URI when a widget is installed, whatever is answered there',
    async (amo) => {
      await using shop = await listen(() => ({ status: 500 }))
      const integration = await connected(amo, shop.url)
      const { body } = await amo.admin('/install', { client_id: integration.client_id })
      expect(body).toMatchObject({ client_id: integration.client_id, hook: { status: 500 } })
      expect(shop.heard).toHaveLength(1)
      const { code, ...rest } = Object.fromEntries(new URL(body.hook.url).searchParams)
      expect(shop.heard[0]).toMatchObject({ method: 'GET', path: body.hook.url.replace(shop.url, '') })
      expect(rest).toEqual({
        referer: new URL(amo.sandbox.url).host,
        client_id: integration.client_id,
        platform: '1',
        from_widget: '1',
      })
      const tokens = (await exchange(amo, { ...integration, code })).body
      expect((await accountBy(amo, tokens.access_token)).status).toBe(200)
    },
  ],
  [
    'RU:exchange-api-key',
    'comes for a user’s API key, once in five minutes',
    async (amo) => {
      await using shop = await listen(() => ({ status: 200 }))
      await amo.admin('/reset', { users: [{ ...administrator, email: 'a@shop.example' }] })
      const { client_id: client_uuid, client_secret } = await connected(amo, shop.url)
      const { legacy_api_key: api_key } = (await amo.admin('/settings')).body
      const sent = { login: 'a@shop.example', api_key, client_uuid, client_secret, state: 's' }
      const ask = (changed: object = {}) => amo.call('POST', '/oauth2/exchange_api_key', { ...sent, ...changed })
      for (const wrong of [{ api_key: 'x' }, { login: 'x' }, { client_secret: 'x' }, { client_uuid: 'x' }])
        expect((await ask(wrong)).status).toBe(401)
      expect((await ask({ login: undefined })).status).toBe(400)
      expect(shop.heard).toEqual([])

      expect(await ask()).toMatchObject({ status: 202, text: '' })
      const { searchParams } = new URL(shop.heard[0]?.path ?? '', shop.url)
      expect(Object.fromEntries(searchParams)).toMatchObject({ state: 's', from_exchange: '1', client_id: client_uuid })
      const { requests } = (await amo.admin('/journal')).body
      const { request } = (await amo.admin(`/journal/${requests.at(-1).request_id}`)).body
      expect(request.body).toContain('***')
      expect(request.body).not.toContain(api_key)
      expect((await ask()).status).toBe(429)
      amo.advance(5 * minute)
      expect((await ask()).status).toBe(202)
      await amo.admin('/reset', { users: [{ ...administrator, email: 'a@shop.example' }] })
      expect((await ask()).status).toBe(202)
    },
  ],
])

tell('a disposable token', [
  [
    'RU:disposable-tokens',
    'says for half an hour who is there, signed with the secret of the integration',
    async (amo) => {
      await amo.admin('/reset', { users: [administrator, manager] })
      const { client_id, client_secret } = await addIntegration(amo)
      const order = { kind: 'disposable', client_id, user_id: manager.id }
      const { token, expires_at } = (await amo.admin('/tokens', order)).body
      const [head, claims, signature] = token.split('.')
      expect(JSON.parse(Buffer.from(head, 'base64url').toString())).toEqual({ typ: 'JWT', alg: 'HS256' })
      expect(createHmac('sha256', client_secret).update(`${head}.${claims}`).digest('base64url')).toBe(signature)
      expect(claimsOf(token)).toEqual({
        iss: `https://${new URL(amo.sandbox.url).host}`,
        aud: 'https://shop.example',
        jti: expect.any(String),
        iat: amo.seconds(),
        nbf: amo.seconds(),
        exp: amo.seconds() + 1800,
        account_id: 31000001,
        user_id: manager.id,
        subdomain: 'sandbox',
        client_uuid: client_id,
      })
      expect(expires_at).toBe(amo.seconds() + 1800)
      expect((await accountBy(amo, token)).status).toBe(401)
      expect((await amo.admin('/tokens', { ...order, user_id: 1 })).body.detail).toContain('user_id')
    },
  ],
])
