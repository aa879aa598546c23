import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maskEmail, maskPhone } from '../../src/admin/mask.ts'

describe('what a viewer sees of a buyer', () => {
  it.each([
    ['79161234567', '+7 ••• •••-45-67'],
    ['8 (916) 123-45-67', '+7 ••• •••-45-67'],
    ['9161234567', '••• •••-45-67'],
    ['375291234567', '••• •••-45-67'],
    ['1234567', '••• •••-45-67'],
    ['123456', '•••'],
    ['', ''],
    ['позвоните', ''],
  ])('is of the phone %s the end: %s', (phone, masked) => {
    expect(maskPhone(phone)).toBe(masked)
  })

  it.each([
    ['ivan@example.ru', 'i•••@example.ru'],
    ['i@example.ru', '•••@example.ru'],
    ['почта@пример.рф', 'п•••@пример.рф'],
    ['😀😀@example.ru', '😀•••@example.ru'],
    ['a@b@example.ru', 'a•••@example.ru'],
    ['@example.ru', '•••@example.ru'],
    ['nobody', '•••'],
    ['', ''],
  ])('is of the e-mail %s where it is: %s', (email, masked) => {
    expect(maskEmail(email)).toBe(masked)
  })

  it('is never the whole of it', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(maskPhone(text).replace(/\D/g, '').length).toBeLessThanOrEqual(5)
        if (text !== '') expect(maskEmail(text)).not.toBe(text)
      }),
    )
  })
})
