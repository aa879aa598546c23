import { afterAll, beforeAll, expect, it } from 'vitest'
import { exampleOf, formats } from '../support/api-fields.ts'
import { addShop, callApi } from '../support/api-shops.ts'
import { onEachDatabase } from '../support/databases.ts'
import { startParom } from '../support/parom.ts'

onEachDatabase('the same order of the order API', (database) => {
  let parom: Awaited<ReturnType<typeof startParom>>
  let shops: { source: string; token: string }[]
  beforeAll(async () => {
    const databaseUrl = await database.fresh()
    parom = await startParom({ databaseUrl })
    shops = [await addShop(databaseUrl), await addShop(databaseUrl, { email: 'zz@shop.example' })]
  })
  afterAll(() => parom.close())

  let orders = 0
  const anOrder = (format: (typeof formats)[number] = 'callback') => ({
    ...exampleOf(format),
    comment: `Заказ ${++orders}`,
  })

  async function post(path: string, order: unknown, key?: string, { token } = shops[0] ?? { token: '' }) {
    const headers: Record<string, string> = key === undefined ? {} : { 'idempotency-key': key }
    const { status, body } = await callApi(parom.url, path, order, { token, headers })
    return status === 201 ? (body.OrderCode as string) : (body.message as string)
  }

  it.each(formats)('has one code within the window, and another one after it: %s', async (format) => {
    const order = anOrder(format)
    const first = await post(format, order)
    expect(await post(format, order)).toBe(first)
    parom.clock.advance(9 * 60_000)
    expect(await post(format, order)).toBe(first)
    parom.clock.advance(2 * 60_000)
    const second = await post(format, order)
    expect(second).not.toBe(first)
    expect(await post(format, order)).toBe(second)
  })

  it.each(formats)('has one code by its Idempotency-Key for ever: %s', async (format) => {
    const order = anOrder(format)
    const key = `"${crypto.randomUUID()}" — ключ, любой`.replace(/[^\x20-\x7e]/g, '~')
    const first = await post(format, order, key)
    parom.clock.advance(365 * 24 * 3_600_000)
    expect(await post(format, order, key)).toBe(first)
  })

  it('is another order to another address, of another shop, or by another key', async () => {
    const order = anOrder('buy-click')
    for (const key of [undefined, crypto.randomUUID()]) {
      const codes = [
        await post('buy-click', order, key),
        await post('callback', order, key),
        await post('buy-click', order, key, shops[1]),
        await post('buy-click', order, crypto.randomUUID()),
      ]
      expect(new Set(codes).size).toBe(4)
    }
  })

  it('is no order of its own by an empty key', async () => {
    const order = anOrder()
    expect(await post('callback', order, ' ')).toBe(await post('callback', order))
  })

  it('with another body by the same key is refused in words, and kept for a person with a code of its own', async () => {
    const key = crypto.randomUUID()
    const order = anOrder()
    const first = await post('callback', order, key)
    const other = anOrder()
    expect(await post('callback', other, key)).toMatch(/^С этим Idempotency-Key уже приходил другой заказ/)
    expect(await post('callback', other, key)).toMatch(/Idempotency-Key/)
    expect(await post('callback', order, key)).toBe(first)
    const { messages } = await parom.inbox.list({ limit: 10, reason: 'conflict' })
    expect(messages).toHaveLength(1)
    const conflict = await parom.inbox.find(messages[0]?.id ?? '')
    expect(conflict).toMatchObject({ state: 'dead', format: 'callback', source: 'api-ro' })
    expect(conflict?.order_number).toMatch(/^RO/)
    expect(conflict?.order_number).not.toBe(first)
    expect(`${Buffer.from(conflict?.body ?? [])}`).toContain(other.comment)
  })

  it('twenty times at the same moment has one code, and is one message', async () => {
    for (const key of [undefined, crypto.randomUUID()]) {
      const order = anOrder()
      const codes = await Promise.all(Array.from({ length: 20 }, () => post('callback', order, key)))
      expect(new Set(codes).size).toBe(1)
      const [newest] = (await parom.inbox.list({ limit: 1 })).messages
      expect(await parom.inbox.find(newest?.id ?? '')).toMatchObject({ duplicates: 19, order_number: codes[0] })
    }
  })

  it('is found by its key, as people may have it from the shop', async () => {
    const key = crypto.randomUUID()
    const code = await post('callback', anOrder(), key)
    const { messages } = await parom.inbox.list({ limit: 5, text: key })
    expect(messages.map(({ order_number }) => order_number)).toEqual([code])
  })
})
