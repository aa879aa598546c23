import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRefusedReader } from '../../src/intake/read-refused.ts'

const form = 'application/x-www-form-urlencoded'
const json = 'application/json'
const multipart = 'multipart/form-data; boundary=b'
const parts = '--b\r\nContent-Disposition: form-data; name="order_id"\r\n\r\n1\r\n--b--\r\n'
const dedupeBy = [{ in: 'header' as const, name: 'idempotency-key' }]
const { read, sources } = createRefusedReader({
  sources: [
    { id: 'lk', dedupeBy, dedupeWindow: 60_000 },
    { id: 'tilda', dedupeBy, dedupeWindow: 5_000 },
  ],
  dedupeWindow: 60_000,
  bodyLimit: 10_000,
})

const readOne = (content_type: string, body: string | Buffer, headers: object = {}, more: object = {}) =>
  read({
    ...{ source: 'unknown', content_type, body: Buffer.from(body as string), truncated: 0 },
    ...{ headers: JSON.stringify(headers), ...more },
  })

describe('a refused request', () => {
  it.each([
    ['a form', form, 'order_id=1', form],
    ['a form with its charset', `${form}; charset=windows-1251`, 'name=%C8', `${form}; charset=windows-1251`],
    ['JSON', json, '{"order_id":1}', json],
    ['a form of many parts', multipart, parts, multipart],
    ['a form that says to be text', 'text/plain', 'products%5B0%5D%5Bname%5D=x&order_id=1', form],
    ['a form with bare brackets', 'text/html; charset=utf-8', 'products[0][name]=x', form],
    ['JSON that says to be text', 'text/plain', '\ufeff {"order_id": 1}\n', json],
    ['JSON that says to be its own kind of it', 'application/vnd.shop+json', '{"order_id":1}', json],
    ['JSON of no type', '', '{"order_id":"a=b"}', json],
  ])('is read as an order when it is %s', async (_, contentType, body, expected) => {
    expect(await readOne(contentType, body)).toMatchObject({
      ...{ source: 'lk', contentType: expected, body: Buffer.from(body), dedupeWindow: 60_000 },
      dedupeKey: expect.any(String),
    })
  })

  it.each([
    ['nothing', 'text/plain', ''],
    ['prose', 'text/plain', 'Здравствуйте! 2 + 2 = 4'],
    ['XML', 'application/xml', '<?xml version="1.0"?><order id="1"/>'],
    ['a page', 'text/html', '<html lang="ru"></html>'],
    ['a list', 'text/plain', '[{"order_id":1}]'],
    ['an empty object', 'text/plain', '{}'],
    ['half of JSON', json, '{"order_id":'],
    ['a form that says to be JSON', json, 'order_id=1'],
    ['parts of no boundary', 'multipart/form-data', parts],
    ['parts that say to be text', 'text/plain', parts],
    ['bytes', 'application/octet-stream', Buffer.from([0, 1, 2, 255, 61, 0])],
  ])('is no order when it is %s', async (_, contentType, body) => {
    expect(await readOne(contentType, body)).toBeNull()
  })

  it.each([
    ['gzip', gzipSync('order_id=1')],
    ['deflate', deflateSync('order_id=1')],
    ['br', brotliCompressSync('order_id=1')],
    ['x-gzip', gzipSync('order_id=1')],
    ['GZIP', gzipSync('order_id=1')],
  ])('is read through %s', async (encoding, body) => {
    const admission = await readOne(form, body, { 'content-encoding': encoding })
    expect(admission?.body.toString()).toBe('order_id=1')
    expect(admission?.dedupeKey).toBe((await readOne(form, 'order_id=1'))?.dedupeKey)
  })

  it.each([
    ['gzip', Buffer.from('order_id=1')],
    ['gzip', gzipSync('order_id=1').subarray(0, -4)],
    ['zstd', Buffer.from('order_id=1')],
    ['gzip, br', Buffer.from('order_id=1')],
  ])('is no order when its %s is damaged or unknown', async (encoding, body) => {
    expect(await readOne(form, body, { 'content-encoding': encoding })).toBeNull()
  })

  it('is not blown up beyond what an order may have', async () => {
    const bomb = gzipSync(`order_id=${'1'.repeat(1_000_000)}`)
    expect(await readOne(form, bomb, { 'content-encoding': 'gzip' })).toBeNull()
  })

  it('is no order when it was cut', async () => {
    expect(await readOne(form, 'order_id=1', {}, { truncated: 1 })).toBeNull()
  })

  it('is the order of the source that is named, else of the one it came by, else of the first', async () => {
    const body = Buffer.from('order_id=1')
    const request = { content_type: form, body, headers: '{}', truncated: 0 }
    const of = async (source: string, named?: string) => (await read({ ...request, source }, named))?.source
    expect(sources).toEqual(['lk', 'tilda'])
    expect([await of('tilda'), await of('unknown'), await of('tilda', 'lk')]).toEqual(['tilda', 'lk', 'lk'])
    expect([await of('unknown', 'tilda'), await of('unknown', 'nonsense')]).toEqual(['tilda', 'lk'])
    expect(await of('tilda', 'nonsense')).toBe('tilda')
  })

  it('has the window of its source, and none for the number of the sender', async () => {
    const window = async (headers: object, source: string) =>
      (await readOne(form, 'a=1', headers, { source }))?.dedupeWindow
    expect(await window({}, 'tilda')).toBe(5_000)
    expect(await window({ 'idempotency-key': '1' }, 'tilda')).toBeNull()
  })

  it('is read or not, whatever it is', async () => {
    const anything = fc.tuple(
      fc.constantFrom(form, json, multipart, 'text/plain', '', 'multipart/form-data', 'x'),
      fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.string().map(Buffer.from), fc.json().map(Buffer.from)),
      fc.constantFrom({}, { 'content-encoding': 'gzip' }, { 'content-encoding': 'br' }, { 'content-encoding': 'x' }),
    )
    await fc.assert(
      fc.asyncProperty(anything, async ([contentType, body, headers]) => {
        const admission = await readOne(contentType, Buffer.from(body), headers, { headers: JSON.stringify(headers) })
        if (admission) expect(admission.source).toBe('lk')
      }),
    )
    expect(await readOne(form, 'a=1', {}, { headers: 'no JSON' })).toMatchObject({ source: 'lk' })
  })
})
