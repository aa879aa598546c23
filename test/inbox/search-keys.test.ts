import { describe, expect, it } from 'vitest'
import { normalKey, wantedBy } from '../../src/inbox/search-keys.ts'

describe('what somebody types to find an order', () => {
  it.each([
    '9161234567',
    '89161234567',
    '+79161234567',
    '8 916 123 45 67',
    '+7 (916) 123-45-67',
    '8-916-123-45-67',
    '+7.916.123.45.67',
    '8\u00a0(916)\u00a0123\u201145\u201167',
    '+7 916 123–45–67',
    '+7 916 123−45−67',
    'tel:+79161234567',
    '\u202a+7 916 123-45-67\u202c',
  ])('means a phone as anybody writes it: %s', (text) => {
    expect(wantedBy(text).words).toContain('9161234567')
  })

  it.each(['10512', '№ 10512', '№10512', '#10512', ' № 10512 ', 'No\u00a010512', '№\u202f10512'])(
    'means the number of an order as people name it: %s',
    (text) => expect(wantedBy(text).words).toContain('10512'),
  )

  it.each(['№', '#', '№ ', 'x'])('is looked for as it is where nothing stands behind a sign: %j', (text) => {
    expect(wantedBy(text)).toEqual({ words: [text.trim()], id: null })
  })

  it('is the same however its letters are put together', () => {
    expect(normalKey('Заказ Йод'.normalize('NFD'))).toBe(normalKey('Заказ Йод'.normalize('NFC')))
    expect(wantedBy('Йод'.normalize('NFD'))).toEqual(wantedBy('йод'.normalize('NFC')))
  })

  it('is cut between two characters', () => {
    expect(normalKey(`${'x'.repeat(189)}😀`).isWellFormed()).toBe(true)
  })
})
