import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDatabase } from '../../src/database/open.ts'
import { createApiTokens } from '../../src/order-api/tokens.ts'
import { createApiUsers } from '../../src/order-api/users.ts'
import { exampleOf, formats } from '../support/api-fields.ts'
import { addShop, callApi } from '../support/api-shops.ts'
import { onEachDatabase } from '../support/databases.ts'
import { startParom } from '../support/parom.ts'

const unauthenticated = { message: 'Unauthenticated' }

onEachDatabase('the addresses of the order API without a right token', (database) => {
  let parom: Awaited<ReturnType<typeof startParom>>
  let databaseUrl: string
  let token: string
  beforeAll(async () => {
    databaseUrl = await database.fresh()
    parom = await startParom({ databaseUrl })
    token = (await addShop(databaseUrl)).token
  })
  afterAll(() => parom.close())

  const secret = 'x'.repeat(40)
  it.each<[string, () => Record<string, string>, string]>([
    ['no token', () => ({}), ''],
    ['nonsense', () => ({ authorization: 'Bearer nonsense' }), ''],
    ['a token that nobody has', () => ({ authorization: `Bearer 4711|${secret}` }), ''],
    ['the id of a token and another secret', () => ({ authorization: `Bearer ${token.split('|')[0]}|${secret}` }), ''],
    ['another scheme', () => ({ authorization: `Basic ${token}` }), ''],
    ['the header of the webhook', () => ({ 'x-webhook-token': token }), ''],
    ['a token in the address', () => ({}), 'token'],
  ])('answer %s as the document says', async (_case, headersOf, parameter) => {
    for (const format of formats) {
      const path = `${parom.url}/api/${format}${parameter ? `?${parameter}=${encodeURIComponent(token)}` : ''}`
      const body = JSON.stringify(exampleOf(format))
      const response = await fetch(path, { method: 'POST', body, headers: headersOf() })
      expect([response.status, await response.json()]).toEqual([400, unauthenticated])
    }
  })

  it('let a shop in no more from the moment that it is blocked or its token revoked', async () => {
    const { db, close } = openDatabase(databaseUrl)
    const users = createApiUsers(db, Date.now)
    const tokens = createApiTokens(db, Date.now)
    const shop = await addShop(databaseUrl, { email: 'later@shop.example' })
    const call = async () => (await callApi(parom.url, 'callback', exampleOf('callback'), { token: shop.token })).status
    expect(await call()).toBe(201)
    await users.block(shop.source, 'admin')
    expect(await call()).toBe(400)
    await users.unblock(shop.source)
    expect(await call()).toBe(201)
    await tokens.revokeAll(shop.source)
    expect(await call()).toBe(400)
    await close()
  })
})

describe('an installation whose script folder is set', () => {
  it('has the order API under it, and nowhere else', async () => {
    const databaseUrl = 'sqlite::memory:'
    const parom = await startParom({ databaseUrl, env: { BASE_PATH: '/integra/' } })
    expect((await callApi(parom.url, 'callback', {})).body).toEqual(unauthenticated)
    expect((await fetch(`${new URL(parom.url).origin}/api/callback`, { method: 'POST' })).status).toBe(404)
    await parom.close()
  })
})
