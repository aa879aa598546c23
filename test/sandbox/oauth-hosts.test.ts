import { expect } from 'vitest'
import { bearer, claimsOf, freshPair, unauthorized } from './access.ts'
import { type Client, tell } from './client.ts'

tell('a renamed account', [
  [
    'RU:account-subdomain-info',
    'is not found under its old host, and tells its new one for a refresh token',
    async (amo) => {
      const renamed = amo.sandbox.url.replace('127.0.0.1', 'localhost')
      const { host } = new URL(renamed)
      const { refresh_token, access_token } = await freshPair(amo)
      await amo.settings({ account_host: host })
      expect(await amo.get('/account')).toMatchObject({
        status: 404,
        type: expect.stringContaining('application/problem+json'),
        body: { detail: `Cannot GET ${amo.sandbox.url}/api/v4/account` },
      })
      expect((await amo.call('POST', '/oauth2/access_token', {})).status).toBe(404)
      await amo.settings({ old_host_status: 401 })
      expect(await amo.get('/account')).toMatchObject(unauthorized)

      const place = { id: 31000001, subdomain: 'sandbox', domain: host, top_level_domain: 'ru' }
      expect(await ask(amo, '/oauth2/account/current/subdomain', { 'x-refresh-token': refresh_token })).toEqual(place)
      expect(await ask(amo, '/oauth2/account/subdomain', { authorization: `Bearer ${access_token}` })).toEqual(place)
      expect((await fetch(`${renamed}/api/v4/account`, bearer(access_token))).status).toBe(200)
      const refreshed = await fetch(`${renamed}/oauth2/access_token`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...amo.sandbox.credentials(), grant_type: 'refresh_token', refresh_token }),
      })
      expect(refreshed.status).toBe(200)
    },
  ],
  [
    'RU:account-subdomain-info',
    'is told in parts and only to whom it lets in',
    async (amo) => {
      const { refresh_token, access_token } = await freshPair(amo)
      await amo.settings({ account_host: 'novoe-imya.amocrm.com' })
      const path = '/oauth2/account/current/subdomain'
      expect(await ask(amo, path, { 'x-refresh-token': refresh_token })).toMatchObject({
        subdomain: 'novoe-imya',
        domain: 'novoe-imya.amocrm.com',
        top_level_domain: 'com',
      })
      for (const headers of [{}, { 'x-refresh-token': access_token }, { 'x-refresh-token': 'no' }]) {
        expect((await fetch(amo.sandbox.url + path, { headers })).status).toBe(401)
      }
      expect((await fetch(`${amo.sandbox.url}/oauth2/account/subdomain`, bearer(refresh_token))).status).toBe(401)
      expect(await amo.settings({ account_host: 'http://x/' })).toMatchObject({ status: 400 })
    },
  ],
  [
    'SDK:OAuth/AmoCRMOAuth.php',
    'is looked for at the host that its tokens name',
    async (amo) => {
      await amo.settings({ api_domain: 'api-a.amocrm.ru' })
      expect(claimsOf((await freshPair(amo)).access_token).api_domain).toBe('api-a.amocrm.ru')
      expect(claimsOf(amo.sandbox.credentials().access_token).api_domain).toBe('api-a.amocrm.ru')
    },
  ],
])

async function ask({ sandbox }: Client, path: string, headers: Record<string, string>) {
  return (await fetch(sandbox.url + path, { headers })).json()
}
