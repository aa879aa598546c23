import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { receivedAsCurl, requestAsCurl } from '../../src/admin/curl.ts'

const run = promisify(execFile)

interface Heard {
  method: string | undefined
  url: string | undefined
  headers: Record<string, unknown>
  body: Buffer
}

describe('a command that was copied', () => {
  const folder = mkdtempSync(join(tmpdir(), 'parom-curl-'))
  const heard: Heard[] = []
  const server = createServer(async (req, res) => {
    const { method, url, headers } = req
    heard.push({ method, url, headers, body: Buffer.concat(await req.toArray()) })
    res.end()
  })
  let address = ''
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => {
    server.close()
    rmSync(folder, { recursive: true })
  })

  async function paste(command: string | null) {
    await run('bash', ['-c', command ?? 'false'], { cwd: folder, env: { ...process.env, TOKEN: 's3cret' } })
    return heard.at(-1) ?? expect.fail()
  }

  const received = (body: Buffer, headers: Record<string, unknown> = {}) =>
    receivedAsCurl({ url: `${address}/api?x='1'`, headers, body, file: 'order.bin', isAsSent: false })

  it.each([
    ["it's", "'''", "'\\''"],
    ['$TOKEN', '$(touch x)', '`touch x`', '!!', '\\', '"', '*', '~', '#'],
    ['@/etc/passwd', '@', '\nline\n', '', ' ', '\ufeffmark', '\u2028', '🫖', '%00', '-d x'],
  ])('brings every body to the byte: %j …', async (...bodies) => {
    for (const text of bodies) {
      const { body, headers } = await paste(received(Buffer.from(text), { 'content-type': 'text/x; a="b\'c"' }))
      expect(body.toString(), text).toBe(text)
      expect(headers).toMatchObject({ authorization: 'Bearer s3cret', 'content-type': 'text/x; a="b\'c"' })
    }
  })

  it('brings whatever a shell may be told', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 60 })
    await fc.assert(
      fc.asyncProperty(text, async (words) => {
        const body = Buffer.from(words)
        writeFileSync(join(folder, 'order.bin'), body)
        expect((await paste(received(body))).body.equals(body)).toBe(true)
      }),
      { numRuns: 40 },
    )
  })

  it.each([
    ['binary', Buffer.from([0, 255, 13])],
    ['huge', Buffer.alloc(1_000_000, 'x')],
    ['with line ends of a form', Buffer.from('--b\r\n')],
  ])('takes a body that is %s from the file that was downloaded', async (_what, body) => {
    writeFileSync(join(folder, 'order.bin'), body)
    const command = received(body)
    expect(command).toContain("--data-binary '@order.bin'")
    expect((await paste(command)).body.equals(body)).toBe(true)
  })

  it('leaves out what is between, and adds nothing of its own', async () => {
    const { headers, url } = await paste(
      received(Buffer.from('{}'), {
        ...{ host: 'shop.example', 'content-length': '999', connection: 'close', 'content-encoding': 'gzip' },
        ...{ 'x-forwarded-for': '1.1.1.1', 'x-order': "o'1", 'user-agent': 'shop/1' },
      }),
    )
    expect(url).toBe("/api?x='1'")
    expect(headers).toMatchObject({ 'x-order': "o'1", 'user-agent': 'shop/1', 'content-length': '2' })
    for (const name of ['content-type', 'content-encoding', 'x-forwarded-for']) expect(headers).not.toHaveProperty(name)
  })

  it('asks amoCRM the same as it was asked', async () => {
    const call = {
      method: 'PATCH',
      path: "/api/v4/leads?a='b'&filter[id][]=1&x={1,2}",
      body: [{ name: "О'Генри 🫖\n$TOKEN", price: 1 }],
    }
    const { method, url, headers, body } = await paste(requestAsCurl(JSON.stringify(call), address))
    expect({ method, path: url, body: JSON.parse(body.toString()) }).toEqual(call)
    expect(headers).toMatchObject({ authorization: 'Bearer s3cret', 'content-type': 'application/json' })
    const get = await paste(requestAsCurl(JSON.stringify({ method: 'GET', path: '/api/v4/leads' }), address))
    expect([get.method, get.body.length]).toEqual(['GET', 0])
  })

  it('asks amoCRM without keys that terminals obey', async () => {
    const call = { method: 'POST', path: '/api/v4/leads', body: [{ name: 'a\u007fb\u009bc\u0003' }] }
    const command = requestAsCurl(JSON.stringify(call), address) ?? ''
    expect(command.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u)
    expect(JSON.parse((await paste(command)).body.toString())).toEqual(call.body)
  })

  it.each(['{"method":"POST","path":"/x","body":[{"cut', '{}', 'null', '{"method":"$(x)","path":"/"}'])(
    'is not there for a request of which only %s is kept',
    (request) => expect(requestAsCurl(request, address)).toBeNull(),
  )
})
