import { createHash, createHmac } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { migrate } from '../../src/database/migrate.ts'
import { openDatabase } from '../../src/database/open.ts'
import { createRateLimits, type RateLimits } from '../../src/inbox/rate-limits.ts'
import type { RateLimit } from '../../src/inbox/token-bucket.ts'
import { Refusal } from '../../src/intake/refusal.ts'
import type { Source } from '../../src/intake/source.ts'
import { createSources } from '../../src/intake/sources.ts'

const digest = (token: string) => createHash('sha256').update(token).digest()
const start = Date.parse('2026-07-04T12:00:00Z')

function aSource(id: string, changes: Partial<Source> = {}): Source {
  return {
    id,
    tokens: [],
    signingSecrets: [],
    allowedAddresses: [],
    answer: null,
    rateLimit: null,
    dedupeBy: [],
    dedupeWindow: 600_000,
    ...changes,
  }
}

const key = Buffer.from('a signing key of 32 bytes, quite')
const oldKey = Buffer.from('the key before it, of 32 bytes, ')
const lk = aSource('lk', { tokens: [digest('lk-token')] })
const shop = aSource('shop', { tokens: [digest('shop-token'), digest('shop-token-before')] })
const signed = aSource('signed', { signingSecrets: [key, oldKey] })
const signedToo = aSource('signed-too', { signingSecrets: [key] })
const open = aSource('lk')

function at(
  sources: Source[],
  { rateLimit = null, ahead = { ms: 0 } }: { rateLimit?: RateLimit | null; ahead?: { ms: number } } = {},
) {
  const now = () => start + ahead.ms
  return createSources({ sources, rateLimit, limits: ownLimits(now), now })
}

const database = openDatabase('sqlite::memory:')
beforeAll(() => migrate(database))
afterAll(() => database.close())
let limitsMade = 0

/** Those of an installation that nobody else has sent to. */
function ownLimits(now: () => number): RateLimits {
  const limits = createRateLimits(database.db, now)
  const own = ++limitsMade
  return {
    take: (name, limit) => limits.take(`${own} ${name}`, limit),
    giveBack: (name, limit) => limits.giveBack(`${own} ${name}`, limit),
  }
}

/** The id of the source, or why there is none. */
function outcome(ask: () => unknown) {
  try {
    const source = ask()
    return source === undefined ? 'fine' : (source as Source).id
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return error.reason
  }
}

describe('the source of a request', () => {
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
  it.each<[string, Source[], IncomingHttpHeaders, string | null, string]>([
    ['the one whose token it carries', [lk, shop], bearer('shop-token'), null, 'shop'],
    ['the one whose older token it carries', [lk, shop], bearer('shop-token-before'), null, 'shop'],
    ['told by X-Webhook-Token', [lk, shop], { 'x-webhook-token': 'lk-token' }, null, 'lk'],
    ['told by ?token=', [lk, shop], {}, 'token=shop-token', 'shop'],
    [
      'told by the bearer before all else',
      [lk, shop],
      { ...bearer('lk-token'), 'x-webhook-token': 'shop-token' },
      'token=x',
      'lk',
    ],
    ['told by its token, whatever ?source= says', [lk, shop], bearer('shop-token'), 'source=lk', 'shop'],
    ['nobody’s with a wrong token', [lk, shop], bearer('shop-toke'), null, 'unauthorized'],
    ['nobody’s with a wrong token, though another asks for none', [lk, signed], bearer('x'), null, 'unauthorized'],
    ['nobody’s with several tokens', [lk, signed], {}, 'token=lk-token&token=lk-token', 'unauthorized'],
    ['nobody’s without a token', [lk, shop], {}, '', 'unauthorized'],
    ['nobody’s by another scheme', [lk, shop], { authorization: 'Basic lk-token' }, null, 'unauthorized'],
    ['nobody’s by the digest of a token', [lk], bearer(digest('lk-token').toString('base64url')), null, 'unauthorized'],
    ['nobody’s by a name alone', [lk, shop], {}, 'source=shop', 'unauthorized'],
    ['the only one that asks for no token', [lk, shop, signed], {}, null, 'signed'],
    ['with an empty ?token=, the only one that asks for none', [lk, signed], {}, 'token=', 'signed'],
    ['the one that it names', [lk, signed, signedToo], {}, 'source=signed-too', 'signed-too'],
    ['nobody’s where it names none and two might be meant', [lk, signed, signedToo], {}, null, 'unauthorized'],
    ['nobody’s where it names one that is not there', [lk, signed], {}, 'source=shop2', 'unauthorized'],
    ['the open one', [open], {}, null, 'lk'],
    ['the open one, whatever token it carries', [open], bearer('x'), 'token=y', 'lk'],
    ['nobody’s among none', [], bearer('x'), null, 'unauthorized'],
  ])('is %s', (_, sources, headers, query, expected) => {
    const { identify } = at(sources)
    const parameters = query === null ? null : new URLSearchParams(query)
    expect(outcome(() => identify(headers, parameters))).toBe(expected)
  })

  const ranges = ['203.0.113.7', '198.51.100.0/24', '2001:db8::/32', '::ffff:192.0.2.1']
  it.each([
    ['203.0.113.7', 'fine'],
    ['203.0.113.8', 'address_not_allowed'],
    ['198.51.100.255', 'fine'],
    ['198.51.101.0', 'address_not_allowed'],
    ['2001:DB8:1::5', 'fine'],
    ['2001:db9::1', 'address_not_allowed'],
    ['::ffff:198.51.100.9', 'fine'],
    ['::ffff:203.0.113.8', 'address_not_allowed'],
    ['192.0.2.1', 'fine'],
    ['2001:db8::1%eth0', 'fine'],
    ['', 'address_not_allowed'],
    ['unknown', 'address_not_allowed'],
    ['_hidden:5', 'address_not_allowed'],
  ])('may be at %s: %s', (address, expected) => {
    const located = { ...shop, allowedAddresses: ranges }
    const { locate } = at([lk, located])
    expect(outcome(() => locate(located, address))).toBe(expected)
    expect(outcome(() => locate(lk, address))).toBe('fine')
  })

  it('is refused with the address that is not allowed', () => {
    const located = { ...shop, allowedAddresses: ['203.0.113.7'] }
    expect(() => at([located]).locate(located, '203.0.113.8')).toThrow(
      expect.objectContaining({ status: 401, params: { address: '203.0.113.8' } }),
    )
  })

  it('is found or refused, whatever a request carries', () => {
    const located = { ...shop, allowedAddresses: ranges }
    const { identify, locate } = at([lk, located, signed])
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), fc.string(), (authorization, token, query, address) => {
        const headers = { authorization, 'x-webhook-token': token }
        expect(['unauthorized', 'signed']).toContain(outcome(() => identify(headers, new URLSearchParams(query))))
        expect(outcome(() => locate(located, address))).toBe('address_not_allowed')
      }),
    )
  })
})

describe('the rate', () => {
  const twoASecond = { requests: 2, seconds: 1 }

  async function countAdmitted({ admit }: ReturnType<typeof at>, source: Source, tries: number) {
    const outcomes = await Promise.allSettled(Array.from({ length: tries }, () => admit(source)))
    return outcomes.filter(({ status }) => status === 'fulfilled').length
  }

  it('lets so many through at once, and then as many as come back with time', async () => {
    const ahead = { ms: 0 }
    const limited = { ...shop, rateLimit: twoASecond }
    const sources = at([lk, limited], { ahead })
    expect(await countAdmitted(sources, limited, 5)).toBe(2)
    ahead.ms = 499
    expect(await countAdmitted(sources, limited, 5)).toBe(0)
    ahead.ms = 500
    expect(await countAdmitted(sources, limited, 5)).toBe(1)
    ahead.ms = 24 * 3600_000
    expect(await countAdmitted(sources, limited, 5)).toBe(2)
    expect(await countAdmitted(sources, lk, 1000)).toBe(1000)
  })

  it.each([
    [{ requests: 1, seconds: 60 }, 0, 60],
    [{ requests: 1, seconds: 60 }, 58_500, 2],
    [{ requests: 3, seconds: 1 }, 0, 1],
  ])('of %j tells after %s ms to come again in %s s, and then lets in', async (rateLimit, later, seconds) => {
    const ahead = { ms: 0 }
    const limited = { ...shop, rateLimit }
    const sources = at([limited], { ahead })
    expect(await countAdmitted(sources, limited, rateLimit.requests)).toBe(rateLimit.requests)
    ahead.ms = later
    await expect(sources.admit(limited)).rejects.toEqual(
      expect.objectContaining({ status: 429, reason: 'rate_limited', params: { seconds }, retryAfter: seconds }),
    )
    ahead.ms += seconds * 1000
    expect(await countAdmitted(sources, limited, 1)).toBe(1)
  })

  it('of all together is used up by any of them', async () => {
    const sources = at([lk, shop], { rateLimit: { requests: 3, seconds: 1 } })
    expect([await countAdmitted(sources, lk, 2), await countAdmitted(sources, shop, 2)]).toEqual([2, 1])
  })

  it('is not used up by what is refused', async () => {
    const ahead = { ms: 0 }
    const limited = { ...shop, rateLimit: { requests: 1, seconds: 1 } }
    const sources = at([lk, limited], { rateLimit: { requests: 4, seconds: 100 }, ahead })
    expect(await countAdmitted(sources, limited, 100)).toBe(1)
    expect(await countAdmitted(sources, lk, 100)).toBe(3)
    ahead.ms = 1000
    expect(await countAdmitted(sources, limited, 100)).toBe(0)
    ahead.ms = 25_000
    expect(await countAdmitted(sources, limited, 100)).toBe(1)
  })

  it('is kept over any stretch of time', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 100 }),
        fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 100 }),
        async (requests, seconds, pauses) => {
          const ahead = { ms: 0 }
          const limited = { ...shop, rateLimit: { requests, seconds } }
          const sources = at([limited], { ahead })
          let admitted = 0
          for (const pause of pauses) {
            ahead.ms += pause
            admitted += await countAdmitted(sources, limited, 3)
          }
          expect(admitted).toBeLessThanOrEqual(requests + (requests / seconds) * (ahead.ms / 1000) + 1e-3)
        },
      ),
    )
  })
})

describe('the signature', () => {
  const body = Buffer.from('{"order_id":"77","comment":"Заказ"}')
  const { verify } = at([signed])

  function sign(changes: { id?: string; seconds?: number; body?: Buffer; key?: Buffer } = {}) {
    const { id = 'msg_1', seconds = start / 1000 } = changes
    const content = Buffer.concat([Buffer.from(`${id}.${seconds}.`, 'latin1'), changes.body ?? body])
    const mac = createHmac('sha256', changes.key ?? key)
      .update(content)
      .digest('base64')
    return { 'webhook-id': id, 'webhook-timestamp': String(seconds), 'webhook-signature': `v1,${mac}` }
  }
  const good = sign()
  const mac = good['webhook-signature']

  it('of the scheme’s own example fits', () => {
    // https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
    const example = aSource('example', { signingSecrets: [Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64')] })
    const sources = createSources({
      sources: [example],
      rateLimit: null,
      limits: ownLimits(Date.now),
      now: () => 1614265330_000,
    })
    const headers = {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    }
    expect(outcome(() => sources.verify(example, headers, Buffer.from('{"test": 2432232314}')))).toBe('fine')
  })

  it.each<[string, IncomingHttpHeaders, string]>([
    ['of the body fits', good, 'fine'],
    ['by the key before fits', sign({ key: oldKey }), 'fine'],
    ['among others fits', { ...good, 'webhook-signature': `v1a,x v1,AAAA ${mac} v2,y` }, 'fine'],
    ['of 5 minutes ago fits', sign({ seconds: start / 1000 - 300 }), 'fine'],
    ['of 5 minutes ahead fits', sign({ seconds: start / 1000 + 300 }), 'fine'],
    ['that is too old does not', sign({ seconds: start / 1000 - 301 }), 'bad_signature'],
    ['that is too early does not', sign({ seconds: start / 1000 + 301 }), 'bad_signature'],
    ['of a time that is none does not', sign({ seconds: Number.NaN }), 'bad_signature'],
    ['of another body does not', sign({ body: Buffer.from('{}') }), 'bad_signature'],
    ['by another key does not', sign({ key: Buffer.from('someone else’s') }), 'bad_signature'],
    ['for another id does not', { ...good, 'webhook-id': 'msg_2' }, 'bad_signature'],
    ['for another time does not', { ...good, 'webhook-timestamp': String(start / 1000 + 1) }, 'bad_signature'],
    ['of another version does not', { ...good, 'webhook-signature': mac.replace('v1,', 'v1a,') }, 'bad_signature'],
    ['without its version does not', { ...good, 'webhook-signature': mac.slice(3) }, 'bad_signature'],
    ['cut off does not', { ...good, 'webhook-signature': mac.slice(0, 20) }, 'bad_signature'],
    ['that is empty does not', { ...good, 'webhook-signature': 'v1,' }, 'bad_signature'],
    ['that is missing does not', {}, 'bad_signature'],
    ['without an id does not', { ...good, 'webhook-id': undefined }, 'bad_signature'],
  ])('%s', (_, headers, expected) => {
    expect(outcome(() => verify(signed, headers, body))).toBe(expected)
  })

  it('for an id of any letters fits: headers come as bytes', () => {
    const id = Buffer.from('заказ-77').toString('latin1')
    expect(outcome(() => verify(signed, sign({ id }), body))).toBe('fine')
  })

  it('is asked of a source that has tokens too, and not of one that has no keys', () => {
    expect(outcome(() => verify({ ...shop, signingSecrets: [key] }, {}, body))).toBe('bad_signature')
    expect(outcome(() => verify(shop, {}, body))).toBe('fine')
  })

  it('is refused and nothing else, whatever it is', () => {
    const near = fc.integer({ min: start / 1000 - 400, max: start / 1000 + 400 }).map(String)
    const signature = fc.oneof(
      fc.string(),
      fc.base64String().map((text) => `v1,${text}`),
      fc.constant(mac),
    )
    const headers = fc.record(
      {
        'webhook-id': fc.string(),
        'webhook-timestamp': fc.oneof(near, fc.string()),
        'webhook-signature': fc.array(signature).map((all) => all.join(' ')),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(headers, fc.uint8Array(), (presented, bytes) => {
        expect(outcome(() => verify(signed, presented, Buffer.from(bytes)))).toBe('bad_signature')
      }),
      { numRuns: 1000 },
    )
  })
})
