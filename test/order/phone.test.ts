import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { phoneAsWritten, phoneNumber } from '../../src/order/phone.ts'

describe('a phone number', () => {
  it.each([
    ['+7 999 123-45-67', '+79991234567'],
    ['8 (999) 123-45-67', '+79991234567'],
    ['8-999-123-45-67', '+79991234567'],
    ['89991234567', '+79991234567'],
    ['79991234567', '+79991234567'],
    ['9991234567', '+79991234567'],
    ['(495) 123 45 67', '+74951234567'],
    ['8 800 555–35–35', '+78005553535'],
    ['+8 999 123-45-67', '+79991234567'],
    ['тел.: 8 999 123 45 67', '+79991234567'],
    ['+7 (495) 123-45-67 (доб. 12)', '+74951234567'],
    ['8 495 123 45 67, вн. 3', '+74951234567'],
    ['8 999 123-45-67, 8 912 000-00-00', '+79991234567'],
    ['8 999 123-45-67 / 8 912 000-00-00', '+79991234567'],
    ['+380 44 123-45-67', '+380441234567'],
    ['+84 912 345 678', '+84912345678'],
    ['+1 (212) 555-0100', '+12125550100'],
    ['0044 20 7946 0958', '+442079460958'],
    ['8 10 44 20 7946 0958', '+442079460958'],
    ['+7\u00a0999\u00a0123\u201145\u201167', '+79991234567'],
  ])('%j is %j', (written, number) => {
    expect(phoneNumber(written)).toBe(number)
  })

  it.each([
    '',
    ' ',
    '+',
    '123',
    '12-34-56',
    'после шести',
    'anna@shop.example',
    '+0 999 123-45-67',
    '1'.repeat(16),
    '+7 999',
  ])('%j is none, and stays as it is', (written) => {
    expect(phoneNumber(written)).toBeNull()
    expect(phoneAsWritten(written)).toBe(written)
  })

  it.each([
    ['8 495 123 45 67 доб. 12', '+74951234567, доб. 12'],
    ['8 495 123 45 67 (доб. 12)', '+74951234567, доб. 12'],
    ['8 495 123 45 67 x12', '+74951234567, ext 12'],
    ['8 495 123 45 67 #12', '+74951234567, #12'],
    ['8 999 123-45-67, 8 912 000-00-00', '+79991234567, 8 912 000-00-00'],
    ['8 999 123-45-67;', '+79991234567'],
  ])('%j keeps what stands behind it: %j', (written, kept) => {
    expect(phoneAsWritten(written)).toBe(kept)
  })

  const national = fc
    .tuple(fc.constantFrom(3, 4, 8, 9), fc.stringMatching(/^\d{9}$/))
    .map(([first, rest]) => `${first}${rest}`)
  const gap = fc.constantFrom('', ' ', '-', ' - ', '\u00a0', '–')

  it('of Russia is the same in every notation', () => {
    const prefix = fc.constantFrom('+7', '7', '8', '+7 ', '8 ', '8-', 'тел. 8 ', '')
    fc.assert(
      fc.property(national, prefix, gap, fc.boolean(), (digits, before, between, hasBrackets) => {
        const [code, ...rest] = [digits.slice(0, 3), digits.slice(3, 6), digits.slice(6, 8), digits.slice(8)]
        const written = `${before}${hasBrackets ? `(${code})` : code}${between}${rest.join(between)}`
        expect(phoneNumber(written)).toBe(`+7${digits}`)
      }),
    )
  })

  it('once written so stays so', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), national, (rest, digits) => {
        const once = phoneAsWritten(`8${digits}${rest}`)
        expect(phoneAsWritten(once)).toBe(once)
      }),
    )
  })

  it('is international or none, and loses no digit, whatever is written', () => {
    const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.stringMatching(/^[+\d ()доб.,;x#-]{0,40}$/))
    fc.assert(
      fc.property(text, (written) => {
        const number = phoneNumber(written)
        if (number !== null) expect(number).toMatch(/^\+[1-9]\d{7,14}$/)
        const digits = (of: string) => of.replace(/\D/g, '')
        const kept = digits(phoneAsWritten(written))
        expect(digits(written).endsWith(kept.slice(1)) || kept === digits(written)).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })

  it.each([' ', '(', '8 ', 'доб', '+7', ', '])('takes no time over 400 KB of %j', (piece) => {
    const before = performance.now()
    phoneAsWritten(`8${piece.repeat(400_000 / piece.length)}`)
    expect(performance.now() - before).toBeLessThan(200)
  })
})
