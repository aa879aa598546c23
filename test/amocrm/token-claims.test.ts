import { expect, it } from 'vitest'
import { readClaims } from '../../src/amocrm/token-claims.ts'

const tokenWith = (claims: unknown) => `x.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.x`

it.each([
  [{ exp: 1_751_708_127 }, 1_751_708_127_000],
  [{ exp: 1_751_708_127.1234567 }, 1_751_708_127_123],
  [{ exp: 1e300 }, null],
  [{ exp: -1 }, null],
  [{ exp: 'soon' }, null],
  [{}, null],
  ['text', null],
])('reads of %j that the token ends at %j', (claims, expiresAt) => {
  expect(readClaims(tokenWith(claims)).expiresAt).toBe(expiresAt)
})

it.each(['', 'opaque', 'a.b.c', '..'])('makes nothing of %j', (token) => {
  expect(readClaims(token)).toEqual({ expiresAt: null, accountId: null, userId: null, apiDomain: null })
})
