import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { migrate } from '../../src/database/migrate.ts'
import { type Database, openDatabase } from '../../src/database/open.ts'
import { createApiTokens } from '../../src/order-api/tokens.ts'
import { createApiUsers } from '../../src/order-api/users.ts'
import { isGood, register } from '../support/api-accounts.ts'
import { callApi } from '../support/api-shops.ts'
import { onEachDatabase } from '../support/databases.ts'
import { startParom } from '../support/parom.ts'

onEachDatabase('tokens of the order API', (database) => {
  let opened: Database
  let now: number
  let shop: string
  let other: string
  beforeEach(async () => {
    opened = openDatabase(await database.fresh())
    await migrate(opened)
    now = 1_800_000_000_000
    shop = (await users().add({ name: 'Ромашка', email: 'r@shop.example', password: null, by: 'admin' })) ?? ''
    other = (await users().add({ name: 'Лютик', email: 'l@shop.example', password: null, by: 'admin' })) ?? ''
  })
  afterEach(() => opened.close())

  const users = () => createApiUsers(opened.db, () => now)
  const create = () => createApiTokens(opened.db, () => now)
  const isOf = async (token: string) => (await create().identify(token))?.source ?? null

  it('tell whose they are, and no more than the user', async () => {
    const token = await create().issue(shop, 'admin')
    expect(token).toMatch(/^\d+\|[\w-]{40}$/)
    expect(await create().identify(token)).toEqual(await users().find(shop))
  })

  it('are kept as digests alone', async () => {
    const [, secret = ''] = (await create().issue(shop)).split('|')
    const kept = JSON.stringify(await opened.db.selectFrom('api_tokens').selectAll().execute())
    expect(kept).not.toContain(secret)
    expect(JSON.stringify(await create().list(shop))).not.toContain('digest')
  })

  it('that are nobody’s are told from those that are somebody’s, in a crowd', async () => {
    const tokens = create()
    const [mine, hers] = [await tokens.issue(shop), await tokens.issue(other)]
    const [[id = '', secret = ''], [herId = '']] = [mine.split('|'), hers.split('|')]
    const flipped = secret.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))
    const shown: [string, string | null][] = [
      [mine, shop],
      [hers, other],
      [`${herId}|${secret}`, null],
      [`${id}|${flipped}`, null],
      [`${id}|${secret}x`, null],
      [`${id}|`, null],
      [secret, null],
      [`${id}9|${secret}`, null],
      [`${id}|${randomBytes(30).toString('base64url')}`, null],
      [`-${id}|${secret}`, null],
      [`${id}.0|${secret}`, null],
      [`${'9'.repeat(400)}|${secret}`, null],
      ['', null],
    ]
    const crowd = Array.from({ length: 500 }, (_, at) => shown[at % shown.length] as [string, string | null])
    const told = await Promise.all(crowd.map(([token]) => tokens.identify(token)))
    expect(told.map((user) => user?.source ?? null)).toEqual(crowd.map(([, source]) => source))
  })

  it('are over at once when they are revoked, one or all, or their user is blocked', async () => {
    const [first, second, third, hers] = [
      await create().issue(shop),
      await create().issue(shop, 'admin'),
      await create().issue(shop),
      await create().issue(other),
    ]
    await create().revoke(other, Number.parseInt(first, 10))
    expect(await isOf(first)).toBe(shop)
    await create().revoke(shop, Number.parseInt(first, 10))
    expect([await isOf(first), await isOf(second)]).toEqual([null, shop])
    await users().block(shop, 'admin')
    expect([await isOf(second), await isOf(hers)]).toEqual([null, other])
    await users().unblock(shop)
    expect(await isOf(second)).toBe(shop)
    await create().revokeAll(shop)
    expect([await isOf(second), await isOf(third), await isOf(hers)]).toEqual([null, null, other])
    expect(await create().list(shop)).toEqual([])
  })

  it('are a hundred at most of those that a shop has signed in for; the oldest ends', async () => {
    const given = await create().issue(shop, 'admin')
    const tokens: string[] = []
    for (let number = 0; number < 102; number++) tokens.push(await create().issue(shop))
    const hers = await create().issue(other)
    const good = await Promise.all([given, ...tokens, hers].map(isOf))
    expect(good).toEqual([shop, null, null, ...Array(100).fill(shop), other])
    expect(await create().list(shop)).toHaveLength(101)
  })

  it('say when they were used, written down once a minute', async () => {
    const token = await create().issue(shop)
    await create().issue(shop)
    const usedAt = async () => (await create().list(shop)).map(({ used_at }) => used_at)
    expect(await usedAt()).toEqual([null, null])
    const start = now
    const tokens = create()
    await Promise.all(Array.from({ length: 200 }, () => tokens.identify(token)))
    await expect.poll(usedAt).toEqual([null, start])
    const usedAtAfterUse = async () => {
      await tokens.identify(token)
      return usedAt()
    }
    now = start + 59_000
    for (let number = 0; number < 10; number++) expect(await usedAtAfterUse()).toEqual([null, start])
    now = start + 60_000
    await expect.poll(usedAtAfterUse).toEqual([null, now])
    // A wrong secret is no use of it.
    now += 120_000
    await tokens.identify(`${Number.parseInt(token, 10)}|${'x'.repeat(40)}`)
    await tokens.identify(await tokens.issue(other))
    await expect.poll(async () => (await create().list(other))[0]?.used_at).toBe(now)
    expect(await usedAt()).toEqual([null, start + 60_000])
  })
})

onEachDatabase('two processes', (database) => {
  it('know at once what the other one has ended', async () => {
    const databaseUrl = await database.fresh()
    const parom = await startParom({ databaseUrl, registration: 'open' })
    const twin = await startParom({ databaseUrl, registration: 'open', sandbox: parom.sandbox })
    const token = await register(parom.url)
    for (const { url } of [parom, twin]) expect(await isGood(url, token)).toBe(true)
    await callApi(twin.url, 'logout', undefined, { token })
    for (const { url } of [parom, twin]) expect(await isGood(url, token)).toBe(false)
    await twin.close()
    await parom.close()
  })
})
