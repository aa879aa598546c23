import { expect } from 'vitest'
import { tell } from './client.ts'
import { knock } from './knock.ts'

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
  [
    '§14.1.4',
    'never blocks where that is switched off, and blocks sooner where it is set',
    async (amo) => {
      await amo.settings({ rate_limit: 1, block_after: null })
      expect((await knock(amo, 30)).at(-1)).toBe(429)
      await amo.settings({ block_after: 2 })
      expect(await knock(amo, 4)).toEqual([200, 429, 429, 403])
    },
  ],
  [
    'RU:recommendations',
    'counts all integrations together for the account',
    async (amo) => {
      await amo.settings({ rate_limit: 100, account_rate_limit: 3 })
      expect(await knock(amo, 4)).toEqual([200, 200, 200, 429])
      amo.advance(1000)
      expect(await knock(amo, 1)).toEqual([200])
    },
  ],
  [
    'KM:limitations',
    'is of the IP address where that is set: whoever has no token uses it up as well',
    async (amo) => {
      const strangers = async () => (await fetch(`${amo.sandbox.url}/api/v4/account`)).status
      await amo.settings({ rate_limit: 1 })
      expect([await strangers(), ...(await knock(amo, 1))]).toEqual([401, 200])
      await amo.settings({ rate_limit_scope: 'ip' })
      expect([await strangers(), ...(await knock(amo, 1))]).toEqual([401, 429])
    },
  ],
  [
    'GH#526',
    'says when to come back where that is set',
    async (amo) => {
      await amo.settings({ rate_limit: 1, '429_retry_after': 3 })
      await knock(amo, 1)
      expect((await amo.get('/account')).headers.get('retry-after')).toBe('3')
    },
  ],
])
