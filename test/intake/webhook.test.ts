import { request } from 'node:http'
import { gzipSync } from 'node:zlib'
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
      expect((await parom.post(gzipSync(`comment=${'x'.repeat(5_000_000)}`), gzip)).status).toBe(413)
      expect((await parom.post('comment=not+gzip', gzip)).status).toBe(400)
    })

    it('answers 405 to a GET and says what is allowed', async () => {
      const response = await fetch(`${parom.url}/api/order/create`)
      expect(response.status).toBe(405)
      expect(response.headers.get('allow')).toBe('POST')
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

  it('takes the sender’s own id for the order, whatever the body and however late', async () => {
    const first = await parom.post(newOrder(), { ...authorized, 'idempotency-key': 'order-77' })
    parom.advance(24 * 3600_000)
    const again = await parom.post(newOrder(), { ...authorized, 'idempotency-key': 'order-77' })
    expect(again.body).toEqual({ status: 200, id: first.body.id, duplicate: true })
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
