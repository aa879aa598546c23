import { describe, expect, it } from 'vitest'
import { bodyKind, ensureReadable } from '../../src/intake/body.ts'
import { dedupeKeyOf } from '../../src/intake/dedupe-key.ts'

const form = 'application/x-www-form-urlencoded'
const json = 'application/json'
const multipart = 'multipart/form-data; boundary="a b"'
const source = { dedupeBy: [{ in: 'field' as const, name: 'order_id' }], dedupeWindow: 60_000 }

function keyOf(contentType: string, text: string) {
  const body = Buffer.from(text)
  const fieldOf = ensureReadable(bodyKind(contentType), body, contentType)
  return dedupeKeyOf(source, { headers: {}, contentType, body, fieldOf }).key
}

const parts = (...heads: [string, string][]) =>
  `${heads.map(([head, value]) => `--a b\r\nContent-Disposition: form-data; ${head}\r\n\r\n${value}\r\n`).join('')}--a b--\r\n`
const ofFive = keyOf(form, 'order_id=5')

describe('the number of an order', () => {
  it.each([
    ['of a form', form, 'a=1&order_id=5&b=2'],
    ['that comes twice is the last one, as in PHP', form, 'order_id=4&a=1&order_id=5'],
    ['of JSON', json, '{"order_id":"5"}'],
    ['of JSON as a number', json, '{"order_id":5}'],
    ['of parts', multipart, parts(['name="a"', '1'], ['name="order_id"', '5'])],
    ['of parts that have a type', multipart, parts(['name="order_id"\r\nContent-Type: text/plain', '5'])],
    [
      'of parts behind a file that speaks of another',
      multipart,
      parts(['name="f"; filename="a"', 'name="order_id"\r\n\r\n4'], ['name=order_id', '5']),
    ],
    ['of parts that comes twice is the last one', multipart, parts(['name="order_id"', '4'], ['name="order_id"', '5'])],
  ])('%s makes the key', (_, contentType, body) => {
    expect(keyOf(contentType, body)).toBe(ofFive)
  })

  it.each([
    ['is blank', form, 'order_id=+&a=1'],
    ['is an encoded blank', form, 'order_id=%20&a=1'],
    ['is nothing', form, 'order_id=&a=1'],
    ['is 0', json, '{"order_id":0}'],
    ['is a list', form, 'order_id[]=5'],
    ['is a list in JSON', json, '{"order_id":[5]}'],
    ['is part of another name', form, 'my_order_id=5'],
    ['stands in a value', form, 'a=order_id=5'],
    ['is longer than a number of JSON can be exactly', json, '{"order_id":12345678901234567890}'],
    ['stands in a file alone', multipart, parts(['name="f"; filename="x"', 'a name="order_id"\r\n\r\n5'])],
    ['is a file', multipart, parts(['name="order_id"; filename="x"', '5'])],
    ['is the name of a file', multipart, parts(['name="a"; filename="name=order_id"', '5'])],
  ])('that %s makes none: the body does', (_, contentType, body) => {
    expect(keyOf(contentType, body)).toMatch(/^body:/)
  })

  it('is looked for in a body of thousands of parts without a head as fast as in any other', () => {
    const begun = performance.now()
    expect(
      keyOf(multipart, `${parts(['name="a"', '1']).slice(0, -7)}${'\r\n--a b'.repeat(100_000)}\r\n--a b--`),
    ).toMatch(/^body:/)
    expect(performance.now() - begun).toBeLessThan(2000)
  })
})
