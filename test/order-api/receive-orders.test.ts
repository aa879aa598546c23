import { request } from 'node:http'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exampleOf, formats } from '../support/api-fields.ts'
import { addShop, callApi } from '../support/api-shops.ts'
import { onEachDatabase } from '../support/databases.ts'
import { startParom } from '../support/parom.ts'

const json = 'application/json'
const form = 'application/x-www-form-urlencoded'

onEachDatabase('the addresses of the order API', (database) => {
  let parom: Awaited<ReturnType<typeof startParom>>
  let token: string
  beforeAll(async () => {
    const databaseUrl = await database.fresh()
    parom = await startParom({ databaseUrl })
    token = (await addShop(databaseUrl)).token
  })
  afterAll(() => parom.close())

  let orders = 0
  const aCall = (more: object = {}) => ({ ...exampleOf('callback'), comment: `Звонок ${++orders}`, ...more })

  async function send(path: string, body: string | Buffer, headers: Record<string, string> = {}) {
    const response = await fetch(`${parom.url}/api/${path}`, {
      method: 'POST',
      body: typeof body === 'string' ? new TextEncoder().encode(body) : new Uint8Array(body),
      headers: { authorization: `Bearer ${token}`, ...headers },
    })
    return {
      status: response.status,
      headers: response.headers,
      body: (await response.json()) as Record<string, unknown>,
    }
  }

  async function newest() {
    const { messages } = await parom.inbox.list({ limit: 1 })
    return (await parom.inbox.find(messages[0]?.id ?? '')) ?? expect.fail('nothing is kept')
  }

  it.each(formats)(
    'store an order to %s as it came, with its kind and the code that its sender is told',
    async (format) => {
      const sent = JSON.stringify({ ...exampleOf(format), comment: `Заказ ${++orders} 🎁` }, null, 1)
      const { status, body } = await send(format, sent, { 'content-type': json, 'x-shop': 'ромашка'.length.toString() })
      expect(status).toBe(201)
      const stored = await newest()
      expect(stored).toMatchObject({ source: 'api-ro', format, content_type: json, address: '127.0.0.1' })
      expect(stored.order_number).toBe(body['OrderCode'])
      expect(Buffer.from(stored.body).toString()).toBe(sent)
      expect(JSON.parse(stored.headers)).toMatchObject({ 'x-shop': '7' })
      expect(stored.headers).not.toContain(token)
    },
  )

  it.each(['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('allow POST, and not %s', async (method) => {
    const { status, headers, body } = await callApi(parom.url, 'create-order', undefined, { token, method })
    expect([status, headers.get('allow')]).toEqual([405, 'POST'])
    expect(body).toEqual({ signedIn: false, message: 'По этому адресу принимается только POST' })
  })

  it.each([
    ['/api/callback', 201],
    ['/api/callback/?a=b', 201],
    ['/API/CallBack', 201],
    ['http://shop.example/api/callback', 201],
    ['//api/callback', 404],
    ['/api/callback/x', 404],
    ['/api/callbacks', 404],
  ])('stand at %s: %s', async (path, status) => {
    const { port } = new URL(parom.url)
    const answered = await new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': json }
      const sending = request({ port, path, method: 'POST', headers }, (res) => resolve(res.resume().statusCode))
      sending.on('error', reject).end(JSON.stringify(aCall()))
    })
    expect(answered).toBe(status)
  })

  describe('read', () => {
    const text = () => JSON.stringify(aCall())
    const cp1251 = (body: string) =>
      Buffer.from(
        [...body].map((letter) => (letter > '\x7f' ? (letter.codePointAt(0) ?? 0) - 0x350 : letter.charCodeAt(0))),
      )
    const asForm = (fields: object) => new URLSearchParams(Object.entries(fields)).toString()
    const asParts = (fields: object) =>
      `${Object.entries(fields)
        .map(([name, value]) => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
        .join('')}--b--\r\n`
    it.each<[string, () => string | Buffer, Record<string, string>, string]>([
      ['JSON', text, { 'content-type': 'application/json; charset=utf-8' }, 'application/json; charset=utf-8'],
      ['JSON that is called nothing', text, {}, json],
      [
        'JSON that is called a text',
        text,
        { 'content-type': 'text/plain;charset=UTF-8' },
        'application/json;charset=UTF-8',
      ],
      ['JSON that curl calls a form', text, { 'content-type': form }, json],
      ['JSON behind the mark of Windows', () => `\ufeff${text()}`, { 'content-type': json }, json],
      ['JSON in windows-1251', () => cp1251(text()), { 'content-type': json }, json],
      ['a form', () => asForm(aCall()), { 'content-type': form }, form],
      [
        'a form in parts',
        () => asParts(aCall()),
        { 'content-type': 'multipart/form-data; boundary=b' },
        'multipart/form-data; boundary=b',
      ],
      ['gzip', () => gzipSync(text()), { 'content-encoding': 'gzip', 'content-type': json }, json],
      ['deflate', () => deflateSync(text()), { 'content-encoding': 'deflate' }, json],
      ['brotli', () => brotliCompressSync(text()), { 'content-encoding': 'br' }, json],
    ])('%s', async (_case, bodyOf, headers, stored) => {
      const { status, body } = await send('callback', bodyOf(), headers)
      expect([status, body]).toMatchObject([201, { OrderCreated: true }])
      const { content_type, order_number } = await newest()
      expect([content_type, order_number]).toEqual([stored, body['OrderCode']])
    })

    it('the words of the document in windows-1251, too', async () => {
      const external = { deliveryType: 'external', deliveryCompany: 'СДЭК', lgsTerminalCode: 'MSK5' }
      const { status } = await send(
        'create-order',
        cp1251(JSON.stringify({ ...exampleOf('create-order'), ...external })),
      )
      expect(status).toBe(201)
    })

    it('products of a form, as many as it takes', async () => {
      const { items, ...fields } = exampleOf('buy-click') as { items: Record<string, string>[] }
      const form = new URLSearchParams(fields as Record<string, string>)
      for (const [index, item] of Array(2000).fill(items[0]).entries())
        for (const [name, value] of Object.entries(item)) form.append(`items[${index}][${name}]`, `${value}`)
      const { status } = await send('buy-click', form.toString(), {
        'content-type': 'application/x-www-form-urlencoded',
      })
      expect(status).toBe(201)
    })
  })

  it.each<[string, string | Buffer, Record<string, string>, string | RegExp]>([
    ['nothing', '', { 'content-type': json }, /^Тело запроса пустое/],
    ['blanks', ' \r\n ', {}, /^Тело запроса пустое/],
    ['half of an object', '{"phone":', { 'content-type': json }, 'Тело запроса не читается как JSON-объект'],
    ['a list', '[1]', {}, 'Тело запроса не читается как JSON-объект'],
    ['a text', '"заказ"', {}, 'Тело запроса не читается как JSON-объект'],
    ['a number', '5', {}, 'Тело запроса не читается как JSON-объект'],
    ['null', 'null', {}, 'Тело запроса не читается как JSON-объект'],
    ['XML', '<order/>', { 'content-type': 'text/xml' }, 'Тело запроса не читается как JSON-объект'],
    ['parts without their end', '--b\r\n', { 'content-type': 'multipart/form-data; boundary=b' }, /multipart/],
    ['a form of nothing', 'hello', { 'content-type': form }, 'Поле phone: обязательное, заполните его'],
    ['an empty object', '{}', {}, 'Поле phone: обязательное, заполните его'],
    ['what is no gzip', '{"phone":"1"}', { 'content-encoding': 'gzip' }, /сжатие повреждено/],
    ['an unknown compression', '{}', { 'content-encoding': 'zstd-9' }, /Content-Encoding/],
    ['over a mebibyte', `{"phone":"${'1'.repeat(1_100_000)}"}`, {}, /больше 1048576 байт/],
    ['over a mebibyte once inflated', gzipSync('x'.repeat(5_000_000)), { 'content-encoding': 'gzip' }, /больше/],
    ['a hundred thousand lists in each other', `{"phone":${'['.repeat(1e5)}${']'.repeat(1e5)}}`, {}, /^Поле phone/],
  ])('say of %s what is wrong with it', async (_case, sent, headers, message) => {
    const { status, body } = await send('callback', sent, headers)
    expect(status).toBe(400)
    const wanted = typeof message === 'string' ? message : expect.stringMatching(message)
    expect(body).toEqual({ signedIn: false, message: wanted })
  })

  it('survive a shop that hangs up in the middle, and one that does before it is known', async () => {
    for (const first of ['{"half":', ''])
      await new Promise<void>((resolve) => {
        const headers = { authorization: `Bearer ${token}`, 'content-length': 1000 }
        const sending = request(`${parom.url}/api/callback`, { method: 'POST', headers })
        sending.on('error', () => resolve())
        sending.flushHeaders()
        sending.write(first, () => setImmediate(() => sending.destroy()))
      })
    expect((await send('callback', JSON.stringify(aCall()))).status).toBe(201)
  })

  it('take what comes byte by byte', async () => {
    const status = await new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': json }
      const sending = request(`${parom.url}/api/callback`, { method: 'POST', headers }, (res) =>
        resolve(res.resume().statusCode),
      )
      sending.on('error', reject)
      for (const byte of Buffer.from(JSON.stringify(aCall()))) sending.write(Buffer.of(byte))
      sending.end()
    })
    expect(status).toBe(201)
  })

  it('never answer 5xx to bytes or values that make no sense', async () => {
    const types = [json, form, 'multipart/form-data; boundary=b', 'text/plain', '']
    const bytes = fc.uint8Array({ maxLength: 400 }).map((each) => Buffer.from(each))
    const values = fc.object({
      key: fc.constantFrom('phone', 'items', 'address', 'name', '__proto__'),
      withNullPrototype: true,
    })
    const bodies = fc.oneof(
      bytes,
      values.map((value) => JSON.stringify(value)),
    )
    await fc.assert(
      fc.asyncProperty(bodies, fc.constantFrom(...types), fc.constantFrom(...formats), async (body, type, format) => {
        expect([400, 201]).toContain((await send(format, body, type ? { 'content-type': type } : {})).status)
      }),
      { numRuns: 200 },
    )
  })
})
