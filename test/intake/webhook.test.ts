import { request } from 'node:http'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { onEachDatabase } from '../support/databases.ts'
import { anOrder, asForm } from '../support/orders.ts'
import { postOrder, startParom, startTestSandbox } from '../support/parom.ts'

const token = 'correct horse battery'.replaceAll(' ', '-')

onEachDatabase('the order webhook', (database) => {
  let parom: Awaited<ReturnType<typeof startParom>>
  beforeAll(async () => {
    parom = await startParom({ databaseUrl: await database.fresh(), env: { WEBHOOK_TOKEN: token } })
  })
  afterAll(() => parom.close())
  const authorized = { 'x-webhook-token': token }
  let orders = 0
  const newOrder = () => asForm(anOrder({ comment: `Заказ ${++orders}` }))

  describe('without the right token', () => {
    it.each([
      ['no token', {}, ''],
      ['a wrong bearer token', { authorization: 'Bearer nonsense' }, ''],
      ['a wrong X-Webhook-Token', { 'x-webhook-token': `${token}x` }, ''],
      ['a wrong ?token=', {}, '?token=nonsense'],
      ['a list of tokens', {}, `?token=${token}&token=${token}`],
      ['another scheme', { authorization: `Basic ${token}` }, ''],
    ])('answers 401 to %s', async (_case, headers, query) => {
      const response = await fetch(`${parom.url}/api/order/create${query}`, {
        method: 'POST',
        body: newOrder(),
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      })
      expect(response.status).toBe(401)
      expect(await response.json()).toEqual({
        status: 401,
        error: 'unauthorized',
        message: expect.stringContaining('Нужен токен'),
      })
    })

    it.each([
      ['Authorization: Bearer', { authorization: `Bearer ${token}` }, ''],
      ['X-Webhook-Token', authorized, ''],
      ['?token=', {}, `?token=${token}`],
    ])('takes the right one by %s', async (_case, headers, query) => {
      const response = await fetch(`${parom.url}/api/order/create${query}`, {
        method: 'POST',
        body: newOrder(),
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      })
      expect(response.status).toBe(200)
    })

    it('keeps no token with the order', async () => {
      const { body } = await parom.post(newOrder(), {
        authorization: `Bearer ${token}`,
        cookie: 'parom=secret',
        referer: `https://shop.example/?token=${token}`,
        'x-original-url': `/api/order/create?token=${token}`,
      })
      const stored = await parom.inbox.find(body.id)
      expect(stored?.headers).not.toContain(token)
      expect(stored?.headers).not.toContain('secret')
    })
  })

  describe('with a body that is no order', () => {
    it.each([
      ['nothing', '', 'application/x-www-form-urlencoded', 400, 'empty'],
      ['blanks', '  \r\n ', 'application/x-www-form-urlencoded', 400, 'empty'],
      ['an empty JSON object', '{}', 'application/json', 400, 'empty'],
      ['a form without a pair', 'hello', 'application/x-www-form-urlencoded', 400, 'unreadable'],
      ['broken JSON', '{"customer_id":', 'application/json', 400, 'unreadable'],
      ['a JSON list', '[1,2]', 'application/json', 400, 'unreadable'],
      ['a JSON text', '"order"', 'application/json', 400, 'unreadable'],
      ['multipart without a boundary', 'a=b', 'multipart/form-data', 400, 'unreadable'],
      ['multipart with another boundary', '--x\r\n', 'multipart/form-data; boundary=y', 400, 'unreadable'],
      [
        'multipart without its end',
        '--y\r\nContent-Disposition: form-data; name="a"\r\n\r\n1',
        'multipart/form-data; boundary=y',
        400,
        'unreadable',
      ],
      ['a type that is a name of JavaScript', 'a=b', 'constructor', 415, 'unsupported_type'],
      ['XML', '<order/>', 'application/xml', 415, 'unsupported_type'],
      ['no type', 'a=b', '', 415, 'unsupported_type'],
    ])('refuses %s', async (_case, body, type, status, error) => {
      const answer = await parom.post(body, { ...authorized, 'content-type': type })
      expect(answer.body).toEqual({ status, error, message: expect.stringMatching(/[а-я]/) })
      expect(answer.status).toBe(status)
    })

    it('refuses what is over a mebibyte, and takes what is just under it', async () => {
      const over = await parom.post(`comment=${'я'.repeat(600_000)}`, authorized)
      expect(over.body).toEqual({ status: 413, error: 'too_large', message: expect.stringContaining('1048576') })
      const under = await parom.post(`comment=${'x'.repeat(1024 * 1024 - 8)}`, authorized)
      expect(under.status).toBe(200)
    })

    it('refuses a compression that it does not know, and inflates gzip only up to the limit', async () => {
      expect((await parom.post(newOrder(), { ...authorized, 'content-encoding': 'zstd-9' })).body).toMatchObject({
        status: 415,
        error: 'unsupported_type',
      })
      const gzip = { ...authorized, 'content-encoding': 'gzip' }
      expect((await parom.post(gzipSync(newOrder()), gzip)).status).toBe(200)
      const other = { deflate: deflateSync(newOrder()), br: brotliCompressSync(newOrder()) }
      for (const [encoding, body] of Object.entries(other))
        expect((await parom.post(body, { ...authorized, 'content-encoding': encoding })).status).toBe(200)
      expect((await parom.post(gzipSync(`comment=${'x'.repeat(5_000_000)}`), gzip)).status).toBe(413)
      expect((await parom.post('comment=not+gzip', gzip)).status).toBe(400)
    })

    it('answers 405 to a GET and says what is allowed', async () => {
      const response = await fetch(`${parom.url}/api/order/create`)
      expect(response.status).toBe(405)
      expect(response.headers.get('allow')).toBe('POST')
    })

    it.each([
      ['/api/order/create', 200],
      ['/api/order/create/?source=lk', 200],
      ['/API/Order/Create', 200],
      ['http://shop.example/api/order/create?a=b', 200],
      ['//api/order/create', 404],
      ['/api/order/creat%65', 404],
      ['/api/order/create.php', 404],
      ['/x?/api/order/create', 404],
    ])('is at %s: %s', async (path, status) => {
      const { port } = new URL(parom.url)
      const answered = await new Promise((resolve, reject) => {
        const headers = { ...authorized, 'content-type': 'application/x-www-form-urlencoded' }
        const sending = request({ port, path, method: 'POST', headers }, (res) => resolve(res.resume().statusCode))
        sending.on('error', reject).end(newOrder())
      })
      expect(answered).toBe(status)
    })

    it('survives a sender that hangs up in the middle', async () => {
      await new Promise<void>((resolve) => {
        const sending = request(`${parom.url}/api/order/create`, {
          method: 'POST',
          headers: { ...authorized, 'content-type': 'application/json', 'content-length': 1000 },
        })
        sending.on('error', () => resolve())
        sending.write('{"half":', () => sending.destroy())
      })
      expect((await parom.post(newOrder(), authorized)).status).toBe(200)
    })
  })

  it.each([
    ['an Idempotency-Key', (id: string) => ({ 'idempotency-key': id }), () => ({})],
    ['a webhook-id', (id: string) => ({ 'webhook-id': id }), () => ({})],
    ['an order_id in the form', () => ({}), (id: string) => ({ order_id: id })],
  ])(
    'takes %s for the sender’s own id of the order, however late, and keeps another body for a person',
    async (_case, headersOf, fieldsOf) => {
      const id = `order-${++orders}`
      const order = { comment: 'Первый', ...fieldsOf(id) }
      const post = (fields: Record<string, string>) =>
        parom.post(asForm(anOrder(fields)), { ...authorized, ...headersOf(id) })
      const first = await post(order)
      parom.advance(24 * 3600_000)
      const same = { status: 200, id: first.body.id, duplicate: true }
      expect((await post(order)).body).toEqual(same)
      expect((await post({ ...order, comment: 'Второй' })).body).toEqual(same)
      const { messages } = await parom.inbox.list({ limit: 1 })
      const conflict = await parom.inbox.find(messages[0]?.id ?? '')
      expect(conflict).toMatchObject({ state: 'dead', reason: 'conflict', original_id: first.body.id })
      expect(decodeURIComponent(`${Buffer.from(conflict?.body ?? [])}`)).toContain('Второй')
    },
  )

  it('takes an order_id of any kind of body', async () => {
    const id = `${++orders}`
    const multipart = `--b\r\nContent-Disposition: form-data; name="order_id"\r\n\r\n${id}\r\n--b--\r\n`
    const bodies: [string, string][] = [
      [`a=1&order_id=${id}&b=2`, 'application/x-www-form-urlencoded'],
      [JSON.stringify({ a: 1, order_id: Number(id) }), 'application/json; charset=utf-8'],
      [multipart, 'multipart/form-data; boundary=b'],
    ]
    const answers = []
    for (const [body, type] of bodies)
      answers.push((await parom.post(body, { ...authorized, 'content-type': type })).body)
    expect(answers.map(({ duplicate }) => duplicate)).toEqual([undefined, true, true])
  })

  it('makes one message of twenty at the same moment, and answers all of them with it', async () => {
    const body = newOrder()
    const answers = await Promise.all(Array.from({ length: 20 }, () => parom.post(body, authorized)))
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200))
    expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1)
    expect(answers.filter((answer) => answer.body.duplicate)).toHaveLength(19)
    expect(await parom.inbox.find(answers[0]?.body.id ?? '')).toMatchObject({ duplicates: 19 })
  })

  it('keeps who sent it, and of a trusted proxy whom that names', async () => {
    const { body } = await parom.post(newOrder(), { ...authorized, 'x-forwarded-for': '203.0.113.9' })
    expect(await parom.inbox.find(body.id)).toMatchObject({ address: '127.0.0.1' })
  })

  it('knows the same multipart order again although its boundary is another', async () => {
    const comment = `Заказ ${++orders}`
    const post = async () => {
      const form = new FormData()
      form.append('comment', comment)
      return (await (
        await fetch(`${parom.url}/api/order/create`, { method: 'POST', body: form, headers: authorized })
      ).json()) as { id: string; duplicate?: boolean }
    }
    const first = await post()
    expect(await post()).toEqual({ status: 200, id: first.id, duplicate: true })
  })

  it('takes a form that calls itself multipart in passing for a form', async () => {
    const type = { ...authorized, 'content-type': 'application/x-www-form-urlencoded; boundary=1' }
    const one = await parom.post('comment=без+границы&quantity=1', type)
    const eleven = await parom.post('comment=без+границы&quantity=11', type)
    expect(eleven.body).toEqual({ status: 200, id: expect.not.stringMatching(one.body.id) })
  })

  it('never answers 5xx to bytes that make no sense', async () => {
    const types = [
      'application/json',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=b',
      'text/plain',
      '',
    ]
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), fc.constantFrom(...types), async (bytes, type) => {
        const { status } = await postOrder(parom.url, Buffer.from(bytes), { ...authorized, 'content-type': type })
        expect([200, 400, 415]).toContain(status)
      }),
      { numRuns: 300 },
    )
  })
})

describe('an installation whose script folder is set', () => {
  it('serves everything under it, and nothing beside it', async () => {
    const sandbox = await startTestSandbox()
    const parom = await startParom({ databaseUrl: 'sqlite::memory:', env: { BASE_PATH: '/integra/' }, sandbox })
    expect(parom.url).toMatch(/\/integra$/)
    expect((await parom.post(asForm(anOrder()))).status).toBe(200)
    expect((await fetch(`${parom.url}/health/ready`)).status).toBe(200)
    expect((await fetch(`${new URL(parom.url).origin}/health/ready`)).status).toBe(404)
    expect((await fetch(`${parom.url}/app`, { redirect: 'manual' })).headers.get('location')).toBe(
      '/integra/login?return_page=%2Fintegra%2Fapp',
    )
    await parom.close()
    await sandbox.close()
  })
})
