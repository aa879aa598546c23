import { afterAll, beforeAll, expect, it } from 'vitest'
import { hashToken } from '../../src/config/sources.ts'
import { onEachDatabase } from '../support/databases.ts'
import { anOrder, asForm, asMultipart } from '../support/orders.ts'
import { postOrder, startParom } from '../support/parom.ts'
import { prepareServers } from '../support/servers.ts'

onEachDatabase('the same order', (database) => {
  it('twenty times at the same moment, to two processes, is one message and one lead', async () => {
    const { start, delivered, expectEachOnce, messages, close } = await prepareServers(database)
    const servers = await Promise.all([start(), start()])
    const body = asForm(anOrder({ comment: 'Один заказ' }))
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => servers.map(({ url }) => postOrder(url, body))).flat(),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200))
    expect(answers.filter((answer) => answer.body.duplicate)).toHaveLength(19)
    const id = answers[0]?.body.id ?? ''
    expect(new Set(answers.map((answer) => answer.body.id))).toEqual(new Set([id]))
    expect(await messages()).toMatchObject([{ id, duplicates: 19 }])
    await delivered([id], 20_000)
    await expectEachOnce([id])
    await Promise.all(servers.map(({ kill }) => kill('SIGKILL')))
    await close()
  })
})

onEachDatabase('what makes two requests the same order', (database) => {
  let parom: Awaited<ReturnType<typeof startParom>>
  const token = { 'x-webhook-token': 'token-of-shop-2' }
  const form = 'application/x-www-form-urlencoded'
  beforeAll(async () => {
    const dedupe = { by: [{ header: 'X-Order' }, { field: 'number' }], window: 60 }
    const sources = [{ id: 'shop2', tokens: [hashToken('token-of-shop-2')], dedupe }]
    parom = await startParom({ databaseUrl: await database.fresh(), sources: { sources } })
  })
  afterAll(() => parom.close())

  it.each<[string, string, (fields: Record<string, string>) => string, (id: string) => object, (id: string) => object]>(
    [
      ['a header', form, asForm, (id) => ({ 'x-order': id }), () => ({})],
      ['a field of a form', form, asForm, () => ({}), (number) => ({ number })],
      ['a field of JSON', 'application/json', JSON.stringify, () => ({}), (number) => ({ number })],
      ['a field of multipart', 'multipart/form-data; boundary=b', asMultipart, () => ({}), (number) => ({ number })],
    ],
  )('is, where its source says so, %s, for ever', async (_, type, write, headersOf, fieldsOf) => {
    const post = async (id: string, comment: string) =>
      (await parom.post(write({ comment, ...fieldsOf(id) }), { 'content-type': type, ...token, ...headersOf(id) })).body
    const id = crypto.randomUUID()
    const first = await post(id, 'Первый')
    parom.clock.advance(24 * 60 * 60_000)
    expect(await post(id, 'Первый')).toEqual({ status: 200, id: first.id, duplicate: true })
    // Another body with the same id is kept for a person.
    expect(await post(id, 'Второй')).toEqual({ status: 200, id: first.id, duplicate: true })
    expect((await parom.inbox.list({ limit: 1, reason: 'conflict' })).messages).toHaveLength(1)
    expect(await post(crypto.randomUUID(), 'Первый')).toEqual({ status: 200, id: expect.not.stringMatching(first.id) })
  })

  it('is then no more what it is without that', async () => {
    const post = async (id: string) =>
      (await parom.post(asForm(anOrder({ order_id: '7', comment: id })), { ...token, 'idempotency-key': '7' })).body
    const first = await post('Первый')
    expect(await post('Второй')).toEqual({ status: 200, id: expect.not.stringMatching(first.id) })
    expect(await post('Первый')).toEqual({ status: 200, id: first.id, duplicate: true })
    parom.clock.advance(61_000)
    expect(await post('Первый')).toEqual({ status: 200, id: expect.not.stringMatching(first.id) })
  })
})
