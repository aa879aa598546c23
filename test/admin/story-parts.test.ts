import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatSpan, formatSum } from '../../src/admin/amounts.ts'
import { faultsOf } from '../../src/admin/crm-faults.ts'
import { prettyText, readableBody, shownText } from '../../src/admin/received.ts'
import { inCp1251 } from '../support/orders.ts'

const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ')

describe('a length of time', () => {
  it.each([
    [0, '0 мс'],
    [240, '240 мс'],
    [1_400, '1,4 с'],
    [12_300, '12 с'],
    [60_000, '1 мин'],
    [252_000, '4 мин 12 с'],
    [7_500_000, '2 ч 5 мин'],
    [90_000_000, '1 дн. 1 ч'],
    [-5, '0 мс'],
  ])('of %d ms is %s', (ms, words) => expect(plain(formatSpan(ms, 'ru-RU'))).toBe(words))
})

describe('a sum', () => {
  it.each([
    ['12500.0000', 'RUB', '12 500 ₽'],
    ['7900.5', null, '7 900,50'],
    ['5000000000', 'RUB', '5 000 000 000 ₽'],
    ['0', 'UAH', '0 ₴'],
    ['по договору', 'RUB', 'по договору'],
    ['1', '<b>', '1'],
  ])('of %s %s is %s', (text, currency, words) => expect(plain(formatSum(text, currency, 'ru-RU'))).toBe(words))
})

describe('what was received', () => {
  const form = 'application/x-www-form-urlencoded'

  it.each([
    ['a form', form, Buffer.from('a=1&b%5B0%5D=%D1%89+%F0%9F%AB%96&c&d=x=y'), 'a = 1\nb[0] = щ 🫖\nc\nd = x=y'],
    ['a form of an old shop', form, inCp1251('имя=Пётр'.replace('ё', 'е')), 'имя = Петр'],
    ['a form of an old shop, escaped', form, Buffer.from('x=%CF%E5%F2%F0'), 'x = Петр'],
    ['JSON', 'application/json', Buffer.from('{"a":1}'), '{"a":1}'],
  ])('is readable: %s', (_what, content_type, body, text) => expect(readableBody({ content_type, body })).toBe(text))

  it('is readable where it was cut within a letter, and beside a file', () => {
    const half = Buffer.from('имя')
    expect(readableBody({ content_type: 'application/json', body: half.subarray(0, 5), truncated: 1 })).toBe('им\ufffd')
    expect(readableBody({ content_type: form, body: Buffer.from('x=%D0%98%D0'), truncated: 1 })).toBe('x = И\ufffd')
    const body = Buffer.concat([half, Buffer.from('\n'), Buffer.from([0xff, 0xd8]), Buffer.from('\nимя')])
    expect(readableBody({ content_type: 'multipart/form-data; boundary=b', body })).toMatch(/^имя\n.*\nимя$/)
  })

  it('is readable whatever it is', () => {
    fc.assert(fc.property(fc.uint8Array(), (body) => typeof readableBody({ content_type: form, body }) === 'string'))
  })

  it('is shown with line breaks, and by its beginning where it is long', () => {
    expect(shownText('{"a":[1]}')).toEqual({ text: '{\n  "a": [\n    1\n  ]\n}', cutFrom: null })
    const { text, cutFrom } = shownText('🫖'.repeat(20_000))
    expect([text.isWellFormed(), text.length <= 20_000, cutFrom]).toEqual([true, true, 40_000])
    expect(prettyText('['.repeat(50))).toBe('['.repeat(50))
  })

  it('keeps its numbers and its names as they were written', () => {
    const lines = ['{', '  "2": 12345678901234567890,', '  "1": 1.10,', '  "1": 1e400', '}']
    expect(prettyText('{"2":12345678901234567890,"1":1.10,"1":1e400}')).toBe(lines.join('\n'))
    expect(prettyText(String.raw`{"a\/b":"\u0416 \"{[1, 2]}: "}`)).toBe('{\n  "a/b": "Ж \\"{[1, 2]}: "\n}')
  })

  it('is shown as JavaScript would, where that can hold it', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), fc.boolean(), (json, isSpread) => {
        const value = JSON.parse(json)
        const pretty = JSON.stringify(value, null, 2)
        expect(prettyText(JSON.stringify(value, null, isSpread ? '\t ' : ''))).toBe(pretty)
      }),
    )
  })
})

describe('what amoCRM has against a request', () => {
  const answer = (path: string, request_id = '0') =>
    JSON.stringify({ 'validation-errors': [{ request_id, errors: [{ code: 'X', path, detail: 'd' }] }] })
  const item = {
    request_id: 'id-1',
    status_id: 7,
    custom_fields_values: [{ field_id: 5, values: [{ value: 'Омск' }] }],
  }
  const request = JSON.stringify({ method: 'POST', path: '/api/v4/leads', body: [item] })

  it.each([
    ['custom_fields_values.0.values.0.value', { field: 'Город', fieldId: 5, value: 'Омск' }],
    ['custom_fields_values.0.field_id', { field: null, fieldId: 5, value: 'Омск' }],
    ['status_id', { field: null, fieldId: null, value: '7' }],
    ['custom_fields_values.9.field_id', { field: null, fieldId: null, value: null }],
    ['__proto__.x', { field: null, fieldId: null, value: null }],
  ])('at %s is named with what was sent', (path, named) => {
    const error = 'HTTP 400; «Город» (custom_fields_values.0.values.0.value): X d'
    // By its place in a batch of which only its own part is kept, too.
    for (const id of ['0', 'id-1', '7'])
      expect(faultsOf({ request, answer: answer(path, id) }, error)).toEqual([
        { ...named, path, code: 'X', detail: 'd' },
      ])
  })

  it('is nothing where nothing can be read', () => {
    for (const text of [null, '', '<html>', '[]', '{"validation-errors":{}}'])
      expect(faultsOf({ request: text, answer: text }, null)).toEqual([])
    fc.assert(fc.property(fc.json(), (text) => Array.isArray(faultsOf({ request: text, answer: text }, text))))
  })
})
