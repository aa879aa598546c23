import { afterAll, beforeAll, expect, it } from 'vitest'
import { hashToken } from '../../src/config/sources.ts'
import { openDatabase } from '../../src/database/open.ts'
import { createApiUsers } from '../../src/order-api/users.ts'
import { exampleOf, formats } from '../support/api-fields.ts'
import { addShop, callApi } from '../support/api-shops.ts'
import { onEachDatabase } from '../support/databases.ts'
import { startParom } from '../support/parom.ts'
import { createVisitor, formWith } from '../support/visitor.ts'

onEachDatabase('an order of the order API that is refused', (database) => {
  let parom: Awaited<ReturnType<typeof startParom>>
  let admin: ReturnType<typeof createVisitor>
  let databaseUrl: string
  let shop: { source: string; token: string }
  let hasty: { source: string; token: string }
  beforeAll(async () => {
    databaseUrl = await database.fresh()
    const sources = ['lk', 'tilda'].map((id) => ({ id, tokens: [hashToken(`token-of-${id}`)] }))
    parom = await startParom({ databaseUrl, sources: { sources } })
    shop = await addShop(databaseUrl)
    hasty = await addShop(databaseUrl, {
      email: 'hasty@shop.example',
      settings: { rate_requests: 1, rate_seconds: 60 },
    })
    admin = createVisitor(parom.url)
    await admin.signIn()
  })
  afterAll(() => parom.close())

  let orders = 0
  const anOrder = (format: (typeof formats)[number] = 'callback', more: object = {}) => ({
    ...exampleOf(format),
    comment: `Заказ ${++orders}`,
    ...more,
  })
  const post = (path: string, order: unknown, { token } = shop, headers: Record<string, string> = {}) =>
    callApi(parom.url, path, order, { token, headers })
  const page = (id: string) => `/app/transactions/${id}`

  async function newestRefused() {
    parom.clock.advance(1000)
    const [newest] = (await parom.inbox.list({ limit: 1, state: 'rejected' })).messages
    return (await parom.inbox.find(newest?.id ?? '')) ?? expect.fail('nothing was kept')
  }

  async function accept(id: string, fields: Record<string, string> = {}) {
    const { text } = await admin.visit(page(id))
    const { _csrf = '' } = formWith('_csrf', /./, text)
    return admin.submit(`${page(id)}/redeliveries`, { _csrf, ...fields })
  }

  it.each(formats)('for what is wrong in it is kept with what its sender was told: %s', async (format) => {
    const order = anOrder(format, { phone: 'нет', name: 5 })
    const { body } = await post(format, order, shop, { 'idempotency-key': 'k', cookie: 'secret' })
    const kept = await newestRefused()
    expect(kept).toMatchObject({ state: 'rejected', reason: 'invalid', source: 'api-ro', format, order_number: null })
    expect(kept.error).toBe(body.message.join('\n'))
    expect(JSON.parse(`${Buffer.from(kept.body)}`)).toEqual(order)
    expect(kept.headers).not.toMatch(/secret|Bearer/)
    const { text } = await admin.visit(page(kept.id))
    for (const told of ['заказ не по документу', 'Магазину ответили', ...body.message, 'Принять заказ'])
      expect(text).toContain(told)
    const listed = await admin.visit('/app/transactions?state=rejected&reason=invalid&limit=1', {
      headers: { accept: 'application/json' },
    })
    expect(JSON.parse(listed.text).transactions).toMatchObject([{ id: kept.id, reason: 'invalid', source: 'api-ro' }])
  })

  it('becomes an order of its shop when a person accepts it, whatever source he names, and has no code', async () => {
    await post('buy-click', anOrder('buy-click', { totalWeight: 'полкило' }))
    const { id, body } = await newestRefused()
    expect((await admin.visit(page(id))).text).not.toContain('<select name="source">')
    expect((await accept(id, { source: 'lk' })).status).toBe(303)
    const message = await parom.reaches(id, 'delivered')
    expect(message).toMatchObject({
      source: 'api-ro',
      format: 'buy-click',
      error: null,
      reason: null,
      order_number: null,
    })
    expect(message.body).toEqual(body)
    const lead = (await parom.sandbox.state()).leads.find((each: { id: number }) => each.id === message.lead_id)
    expect(JSON.stringify(lead)).toContain('Xiaomi')
  })

  it('for coming too often says when to come again, and leaves other shops alone', async () => {
    expect((await post('callback', anOrder(), hasty)).status).toBe(201)
    const order = anOrder()
    const { status, headers, body } = await post('callback', order, hasty)
    expect([status, body]).toEqual([
      400,
      { signedIn: false, message: expect.stringMatching(/^Слишком много запросов: повторите через \d+ с$/) },
    ])
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await post('callback', anOrder())).status).toBe(201)

    const { id, ...kept } = await newestRefused()
    expect(kept).toMatchObject({ reason: 'rate_limited', source: hasty.source, format: 'callback', error: null })
    expect((await accept(id)).status).toBe(303)
    await parom.reaches(id, 'delivered')
    parom.clock.advance(61_000)
    // The shop comes again, and is told a code from now on.
    const first = await post('callback', order, hasty)
    expect(first.body.OrderCode).toMatch(/^HA\d{4}-\d{5}$/)
    parom.clock.advance(61_000)
    expect((await post('callback', order, hasty)).body.OrderCode).toBe(first.body.OrderCode)
    expect(await parom.inbox.find(id)).toMatchObject({ duplicates: 2, order_number: first.body.OrderCode })
  })

  it('is none any more as soon as its shop may come oftener', async () => {
    const { source, token } = await addShop(databaseUrl, {
      email: 'more@shop.example',
      settings: { rate_requests: 1, rate_seconds: 3600 },
    })
    const { db, close } = openDatabase(databaseUrl)
    const change = (requests: number | null, seconds: number | null) =>
      createApiUsers(db, Date.now).change(source, {
        ...{ name: 'Ещё', partner_id: null, form: null, rate_requests: requests, rate_seconds: seconds },
      })
    const statuses = async (count: number) => {
      const all = []
      for (let each = 0; each < count; each++) all.push((await post('callback', anOrder(), { source, token })).status)
      return all
    }
    expect(await statuses(2)).toEqual([201, 400])
    await change(3, 3600)
    expect(await statuses(4)).toEqual([201, 201, 201, 400])
    await change(null, null)
    expect(await statuses(5)).toEqual([201, 201, 201, 201, 201])
    await close()
  })

  it('for its token is a stranger’s, and nobody can accept it', async () => {
    await post('create-order', anOrder('create-order'), { source: '', token: 'nonsense' })
    const kept = await newestRefused()
    expect(kept).toMatchObject({ source: 'unknown', reason: 'unauthorized', format: 'create-order' })
    const { text } = await admin.visit(page(kept.id))
    expect(text).toContain('Отклонённый запрос')
    expect(text).not.toContain('Принять заказ')
    const { _csrf = '' } = formWith('_csrf', /./, (await admin.visit('/app/transactions')).text)
    await admin.submit(`${page(kept.id)}/redeliveries`, { _csrf, source: shop.source })
    expect(await parom.inbox.find(kept.id)).toEqual(kept)
  })

  it.each<[string, string, string, Record<string, string>]>([
    ['empty', 'empty', ' ', {}],
    ['unreadable', 'unreadable', '{"half":', {}],
    ['too large', 'too_large', `{"phone":"${'1'.repeat(1_100_000)}"}`, {}],
    ['in an unknown compression', 'unsupported_type', '{}', { 'content-encoding': 'zstd-9' }],
  ])('for being %s is kept, but is no order to accept', async (_case, reason, body, headers) => {
    await post('callback', body, shop, headers)
    const kept = await newestRefused()
    expect(kept).toMatchObject({ reason, source: 'api-ro', format: 'callback' })
    expect((await admin.visit(page(kept.id))).text).not.toContain('Принять заказ')
  })

  it('is accepted together with all that are alike, but not those of strangers', async () => {
    await post('callback', anOrder('callback', { name: 1 }))
    const one = await newestRefused()
    await post('callback', anOrder('callback', { name: 2 }))
    const other = await newestRefused()
    await post('callback', anOrder(), { source: '', token: 'x' })
    const stranger = await newestRefused()
    const { _csrf = '' } = formWith('_csrf', /./, (await admin.visit('/app/transactions')).text)
    for (const reason of ['invalid', 'unauthorized'])
      await admin.submit('/app/transactions/redeliveries', { _csrf, state: 'rejected', reason, source: 'lk' })
    for (const { id } of [one, other]) expect(await parom.reaches(id, 'delivered')).toMatchObject({ source: 'api-ro' })
    expect(await parom.inbox.find(stranger.id)).toMatchObject({ state: 'rejected' })
  })

  it('is not kept twice where it is kept as a conflict, nor where only the method was wrong', async () => {
    const before = await newestRefused()
    await post('callback', anOrder(), shop, { 'idempotency-key': 'twice' })
    expect((await post('callback', anOrder(), shop, { 'idempotency-key': 'twice' })).status).toBe(400)
    await callApi(parom.url, 'callback', undefined, { token: shop.token, method: 'PUT' })
    expect((await newestRefused()).id).toBe(before.id)
  })
})
