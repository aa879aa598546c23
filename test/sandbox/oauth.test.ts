import fc from 'fast-check'
import { expect } from 'vitest'
import { accountBy, addIntegration, exchange, freshPair, refresh } from './access.ts'
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
      const { body } = await exchange(amo, { code })
      expect(body.token_type).toBe('Bearer')
      const elsewhere = { grant_type: 'refresh_token', redirect_uri: 'http://127.0.0.1:3000/api/auth/' }
      expect((await exchange(amo, { ...elsewhere, refresh_token: body.refresh_token })).status).toBe(400)
      expect((await refresh(amo, body.refresh_token)).status).toBe(200)
    },
  ],
  [
    'RU:step-by-step',
    'belong to the integration that the code was given to',
    async (amo) => {
      const other = await addIntegration(amo)
      const { code } = amo.sandbox.credentials()
      expect((await exchange(amo, { ...other, code })).status).toBe(400)
      const { body } = await exchange(amo, { code })
      const foreign = { ...other, grant_type: 'refresh_token', refresh_token: body.refresh_token }
      expect((await exchange(amo, foreign)).status).toBe(401)
      expect((await refresh(amo, body.refresh_token)).status).toBe(200)
    },
  ],
  [
    'GH#269',
    'are given to one of several who refresh at once',
    async (amo) => {
      const { refresh_token } = await freshPair(amo)
      const answers = await Promise.all(Array.from({ length: 8 }, () => refresh(amo, refresh_token)))
      expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(401)])
    },
  ],
  [
    'RU:oauth',
    'may be several pairs of one integration at a time',
    async (amo) => {
      const [first, second] = [await freshPair(amo), await freshPair(amo)]
      expect((await refresh(amo, second.refresh_token)).status).toBe(200)
      expect(await accepts(amo, first.access_token)).toBe(200)
      expect((await refresh(amo, first.refresh_token)).status).toBe(200)
    },
  ],
  [
    'RU:step-by-step',
    'are refused with 400 on refreshing, where that is set',
    async (amo) => {
      await amo.settings({ refresh_error_status: 400 })
      const { body } = await exchange(amo, { code: amo.sandbox.credentials().code })
      await refresh(amo, body.refresh_token)
      expect(await refresh(amo, body.refresh_token)).toMatchObject({
        status: 400,
        body: { status: 400, hint: 'Token has been revoked' },
      })
    },
  ],
  [
    'SDK',
    'come without the time of the server, where that is set, and live as long as is set',
    async (amo) => {
      await amo.settings({ token_server_time: false, access_token_ttl_s: 60 })
      const { body } = await exchange(amo, { code: amo.sandbox.credentials().code })
      expect(Object.keys(body).sort()).toEqual(['access_token', 'expires_in', 'refresh_token', 'token_type'])
      amo.advance(59_000)
      expect(await accepts(amo, body.access_token)).toBe(200)
      amo.advance(1000)
      expect(await accepts(amo, body.access_token)).toBe(401)
    },
  ],
  [
    'RU:step-by-step',
    'are refused in one shape, whatever was sent instead',
    async (amo) => {
      const { client_id, client_secret, redirect_uri } = amo.sandbox.credentials()
      const anything = fc.oneof(fc.json(), fc.string(), fc.constant('[]'), fc.constant('{"grant_type":"password"}'))
      const nearly = fc
        .record({ grant_type: fc.constantFrom('refresh_token', 'authorization_code'), code: fc.jsonValue() })
        .map((part) => JSON.stringify({ client_id, client_secret, redirect_uri, refresh_token: part.code, ...part }))
      await fc.assert(
        fc.asyncProperty(fc.oneof(anything, nearly), async (body) => {
          const { status, body: refusal } = await amo.call('POST', '/oauth2/access_token', body)
          expect([400, 401]).toContain(status)
          expect(refusal).toMatchObject({ status, type: 'https://developers.amocrm.ru/v3/errors/OAuthProblemJson' })
        }),
        { numRuns: 150 },
      )
      expect((await amo.call('GET', '/oauth2/access_token')).status).toBe(405)
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

const accepts = async (amo: Client, token: string) => (await accountBy(amo, token)).status
