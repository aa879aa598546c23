import { expect } from 'vitest'
import { type Client, tell } from './client.ts'

const minute = 60_000
const day = 24 * 60 * minute

tell('tokens', [
  [
    'RU:step-by-step',
    'are given for a code, once',
    async (amo) => {
      const keys = amo.sandbox.credentials()
      const first = await exchange(amo, { code: keys.code })
      expect(first).toMatchObject({
        status: 200,
        body: { token_type: 'Bearer', expires_in: 86400, server_time: amo.seconds() },
      })
      expect(await accepts(amo, first.body.access_token)).toBe(200)
      expect(await exchange(amo, { code: keys.code })).toMatchObject({
        status: 400,
        body: { hint: 'Authorization code has been revoked' },
      })
    },
  ],
  [
    'RU:step-by-step',
    'are not given for a code of 20 minutes ago',
    async (amo) => {
      const { code } = amo.sandbox.credentials()
      amo.advance(20 * minute)
      expect((await exchange(amo, { code })).status).toBe(400)
    },
  ],
  [
    'RU:step-by-step',
    'are refreshed by a refresh token that works once',
    async (amo) => {
      const { body } = await exchange(amo, { code: amo.sandbox.credentials().code })
      const second = await refresh(amo, body.refresh_token)
      expect(second.status).toBe(200)
      expect(second.body.refresh_token).not.toBe(body.refresh_token)
      const reused = await refresh(amo, body.refresh_token)
      expect(reused.type).toContain('application/json')
      expect(reused).toMatchObject({
        status: 401,
        body: {
          hint: 'Token has been revoked',
          title: 'Некорректный запрос',
          status: 401,
          type: 'https://developers.amocrm.ru/v3/errors/OAuthProblemJson',
        },
      })
      expect((await refresh(amo, second.body.refresh_token)).status).toBe(200)
    },
  ],
  [
    'KM:oauth-20',
    'may be refreshed by the old one until the new one is used, where that is set',
    async (amo) => {
      await amo.settings({ refresh_grace: 'until_new_used' })
      const { body } = await exchange(amo, { code: amo.sandbox.credentials().code })
      await refresh(amo, body.refresh_token)
      const again = await refresh(amo, body.refresh_token)
      expect(again.status).toBe(200)
      await refresh(amo, again.body.refresh_token)
      expect((await refresh(amo, body.refresh_token)).status).toBe(401)
    },
  ],
  [
    'RU:oauth',
    'last a day for access and three months for refreshing',
    async (amo) => {
      const { body } = await exchange(amo, { code: amo.sandbox.credentials().code })
      amo.advance(day)
      expect(await accepts(amo, body.access_token)).toBe(401)
      amo.advance(88 * day)
      expect((await refresh(amo, body.refresh_token)).status).toBe(200)
      const late = (await exchange(amo, { code: amo.sandbox.credentials().code })).body.refresh_token
      amo.advance(90 * day)
      expect((await refresh(amo, late)).status).toBe(401)
    },
  ],
  [
    'RU:step-by-step',
    'are refused to another client, address or grant',
    async (amo) => {
      const { code } = amo.sandbox.credentials()
      expect((await exchange(amo, { code, client_secret: 'wrong' })).status).toBe(401)
      expect((await exchange(amo, { code, redirect_uri: 'http://127.0.0.1:3000/other' })).status).toBe(400)
      expect((await exchange(amo, { code, grant_type: 'password' })).status).toBe(400)
      expect((await exchange(amo, { code: undefined })).status).toBe(400)
      expect((await exchange(amo, { code })).status).toBe(200)
    },
  ],
  [
    'RU:account-subdomain-info',
    'are JWTs that name the account and the API host',
    async (amo) => {
      const { access_token, client_id } = amo.sandbox.credentials()
      const [head = '', claims = ''] = access_token.split('.').map((part) => Buffer.from(part, 'base64url').toString())
      expect(JSON.parse(head)).toEqual({ typ: 'JWT', alg: 'RS256' })
      expect(JSON.parse(claims)).toMatchObject({
        aud: client_id,
        sub: '504141',
        account_id: 31000001,
        api_domain: new URL(amo.sandbox.url).host,
        scopes: ['crm', 'notifications'],
      })
    },
  ],
  [
    'KM:long-lived',
    'that are long-lived go on for years and a refresh token is no access token',
    async (amo) => {
      const { access_token, code } = amo.sandbox.credentials()
      const { refresh_token } = (await exchange(amo, { code })).body
      expect(await accepts(amo, refresh_token)).toBe(401)
      amo.advance(4 * 365 * day)
      expect(await accepts(amo, access_token)).toBe(200)
      amo.advance(365 * day)
      expect(await accepts(amo, access_token)).toBe(401)
      amo.withToken(amo.sandbox.credentials().access_token)
    },
  ],
])

function exchange(amo: Client, changed: object) {
  const { client_id, client_secret, redirect_uri } = amo.sandbox.credentials()
  const body = { client_id, client_secret, redirect_uri, grant_type: 'authorization_code', ...changed }
  return amo.call('POST', '/oauth2/access_token', body)
}

const refresh = (amo: Client, refresh_token: string) => exchange(amo, { grant_type: 'refresh_token', refresh_token })

async function accepts(amo: Client, token: string): Promise<number> {
  const { status } = await fetch(`${amo.sandbox.url}/api/v4/account`, { headers: { authorization: `Bearer ${token}` } })
  return status
}
