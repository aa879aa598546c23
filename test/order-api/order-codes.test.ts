import { afterEach, beforeEach, expect, it } from 'vitest'
import { migrate } from '../../src/database/migrate.ts'
import { type Database, openDatabase } from '../../src/database/open.ts'
import { createOrderCodes } from '../../src/order-api/order-codes.ts'
import { exampleOf } from '../support/api-fields.ts'
import { addShop, callApi } from '../support/api-shops.ts'
import { onEachDatabase } from '../support/databases.ts'
import { freePort } from '../support/mariadb.ts'
import { aloneOn, startProcess } from '../support/process.ts'

onEachDatabase('the codes of orders', (database) => {
  let opened: Database
  let url: string
  let now: number
  beforeEach(async () => {
    url = await database.fresh()
    opened = openDatabase(url)
    await migrate(opened)
    now = 1_800_000_000_000
  })
  afterEach(() => opened.close())

  const start = () => createOrderCodes(opened.db, () => now)
  const rename = (from: 'api_users' | 'gone', to: string) => opened.db.schema.alterTable(from).renameTo(to).execute()
  const reservedOf = async (source: string) =>
    (await opened.db.selectFrom('api_users').select('next_code').where('source', '=', source).executeTakeFirstOrThrow())
      .next_code - 1

  it('begin with the two letters of the shop, and count its orders', async () => {
    const { source } = await addShop(url)
    const { source: other } = await addShop(url, { email: 'zz@shop.example' })
    const codes = start()
    const given = []
    for (const each of [source, source, other, source]) given.push(await codes.next(each))
    expect(given).toEqual(['RO0000-00001', 'RO0000-00002', 'ZZ0000-00001', 'RO0000-00003'])
  })

  it('go on beyond the fifth digit', async () => {
    const { source } = await addShop(url)
    await opened.db.updateTable('api_users').set({ next_code: 99_999 }).execute()
    const codes = start()
    expect([await codes.next(source), await codes.next(source)]).toEqual(['RO0000-99999', 'RO0001-00000'])
  })

  it('are never given twice: by several processes at the same time, to a crowd, or after a restart', async () => {
    const { source } = await addShop(url)
    const given: string[] = []
    for (let restart = 0; restart < 3; restart++) {
      const processes = [start(), start(), start()]
      const crowd = Array.from({ length: 300 }, () => processes.map(({ next }) => next(source))).flat()
      given.push(...(await Promise.all(crowd)))
    }
    expect(new Set(given).size).toBe(2700)
    for (const code of given) expect(code).toMatch(/^RO\d{4}-\d{5}$/)
  })

  it('are reserved a few at a time, and more where they are used up fast', async () => {
    const { source } = await addShop(url)
    const codes = start()
    await codes.next(source)
    expect(await reservedOf(source)).toBeLessThanOrEqual(20)
    let reservations = 0
    for (let count = 0, before = 0; count < 1000; count++) {
      await codes.next(source)
      const reserved = await reservedOf(source)
      if (reserved !== before) reservations += 1
      before = reserved
    }
    expect(reservations).toBeLessThan(15)
    const busy = await reservedOf(source)
    // Quiet again.
    for (let count = 0; count < busy; count++) {
      now += 60_000
      await codes.next(source)
    }
    expect((await reservedOf(source)) - busy).toBeLessThan(1100)
  })

  it('are fetched before the last one is given, so that orders go on without the store for a while', async () => {
    const { source } = await addShop(url)
    const codes = start()
    for (let count = 1; count <= 6; count++) await codes.next(source)
    await expect.poll(() => reservedOf(source)).toBeGreaterThan(10)
    await rename('api_users', 'gone')
    for (let count = 7; count <= 30; count++) await codes.next(source)
    await expect(codes.next(source)).rejects.toThrow()
    await rename('gone', 'api_users')
    expect(await codes.next(source)).toBe('RO0000-00031')
  })

  it('fail while the store does, and are there again after it', async () => {
    const { source } = await addShop(url)
    const codes = start()
    await expect(codes.next('api-xx')).rejects.toThrow()
    await rename('api_users', 'gone')
    await expect(codes.next(source)).rejects.toThrow()
    await rename('gone', 'api_users')
    expect(await codes.next(source)).toBe('RO0000-00001')
  })
})

onEachDatabase('the orders of a crowd', (database) => {
  it('to two servers, of which one is killed meanwhile, have a code of their own each and are stored by it', async () => {
    const databaseUrl = await database.fresh()
    const start = async () => {
      const port = await freePort()
      const server = await startProcess({ ...(await aloneOn(databaseUrl)), PORT: String(port) })
      return { ...server, url: `http://127.0.0.1:${port}` }
    }
    const [one, other] = [await start(), await start()]
    const shops = [await addShop(databaseUrl), await addShop(databaseUrl, { email: 'zz@shop.example' })]
    const told: string[] = []
    let calls = 0
    const call = async ({ url }: { url: string }, { token }: { token: string }) => {
      const order = { ...exampleOf('callback'), comment: `Звонок ${++calls}` }
      const { status, body } = await callApi(url, 'callback', order, { token })
      expect(status).toBe(201)
      told.push(body.OrderCode)
    }
    const crowd = (servers: { url: string }[]) =>
      Promise.allSettled(
        Array.from({ length: 100 }, () => servers.flatMap((to) => shops.map((by) => call(to, by)))).flat(),
      )
    await crowd([one, other])
    expect(told).toHaveLength(400)
    const during = crowd([one, other])
    await expect.poll(() => told.length).toBeGreaterThan(420)
    await one.kill('SIGKILL')
    await during
    const again = await start()
    await crowd([again, other])

    expect(new Set(told).size).toBe(told.length)
    for (const code of told) expect(code).toMatch(/^(RO|ZZ)\d{4}-\d{5}$/)
    const { db, close } = openDatabase(databaseUrl)
    const stored = (await db.selectFrom('messages').select('order_number').execute()).map((row) => row.order_number)
    await close()
    expect(new Set(stored).size).toBe(stored.length)
    expect(told.filter((code) => !stored.includes(code))).toEqual([])
    await Promise.all([again, other].map(({ kill }) => kill('SIGTERM')))
  })
})
