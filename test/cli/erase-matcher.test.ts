import fc from 'fast-check'
import qs from 'qs'
import { describe, expect, it } from 'vitest'
import { createMatcher, readEmail, readPhone } from '../../src/cli/erase/buyer.ts'

describe('a buyer', () => {
  const { isIn, conceal } = createMatcher({ phone: '9123456789', email: 'anna+shop@mail.example' })

  it.each([
    ['+7 912 345-67-89'],
    ['8 (912) 345-67-89'],
    ['89123456789'],
    ['9123456789'],
    ['{"phone":"\\u002b7 (912) 345\\u201067\\u201089"}'],
    ['phone=%2B7+%28912%29+345-67-89&a=1'],
    ['json=%7B%22phone%22%3A%22%2B7%20912%5Cu0020345-67-89%22%7D'],
    ['"{\\"phone\\":\\"+7912\\\\u00203456789\\"}"'],
    ['tel:+7-912-345-67-89'],
    ['ANNA+shop@Mail.Example'],
    ['email=anna%2Bshop%40mail.example'],
    ['<anna+shop@mail.example>'],
    [Buffer.from('т 89123456789', 'utf16le').toString('latin1')],
  ])('is found in %s', (text) => expect(isIn(text)).toBe(true))

  it.each([
    ['91234567890'],
    ['5559123456789555'],
    ['+7 912 345-67-88'],
    ['912, 345 orders and 67, 89'],
    ['xanna+shop@mail.example'],
    ['anna+shop@mail.example.org'],
    ['anna@mail.example'],
    [''],
  ])('is not found in %s', (text) => expect(isIn(text)).toBe(false))

  it('is found wherever a form or JSON holds the phone, and is not left where it was concealed', () => {
    const separator = fc.constantFrom('', ' ', '-', ' (', ') ', ' - ', '.')
    const phone = fc
      .tuple(fc.constantFrom('+7', '8', '7', ''), separator, separator, separator)
      .map(([prefix, one, two, three]) => `${prefix}${prefix && one}912${two}345${three}6789`)
    fc.assert(
      fc.property(phone, fc.string(), fc.string(), (written, before, after) => {
        const text = `${before.replace(/\d/g, '')} ${written} ${after.replace(/\d/g, '')}`
        const order = { comment: text }
        for (const body of [JSON.stringify(order), qs.stringify(order), qs.stringify({ json: JSON.stringify(order) })])
          expect(isIn(body), body).toBe(true)
        expect(isIn(conceal(JSON.stringify(order)) ?? '')).toBe(false)
      }),
      { numRuns: 100 },
    )
  })

  it('is concealed in a text, which is the same otherwise', () => {
    expect(conceal('{"name":"Заказ +7 912 345-67-89, 12 шт."}')).toBe('{"name":"Заказ ***, 12 шт."}')
    expect(conceal('q=%2B7%20912%20345-67-89')).toBe(null)
  })

  it.each([
    ['+7 (912) 345-67-89', '9123456789'],
    ['8 912 3456789', '9123456789'],
    ['345-67-89', null],
    ['', null],
  ])('has the phone %s as %s', (text, digits) => expect(readPhone(text)).toBe(digits))

  it.each([
    [' Anna@Mail.Example ', 'anna@mail.example'],
    ['anna', null],
    ['a b@c', null],
  ])('has the e-mail %s as %s', (text, address) => expect(readEmail(text)).toBe(address))
})
