import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSecretBox } from '../../src/amocrm/secret-box.ts'

const key = () => randomBytes(32).toString('base64')

describe('a sealed secret', () => {
  const box = createSecretBox([key()])

  it('opens as it was, in its place only', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (secret) => {
        const sealed = box.seal(secret, 'here')
        expect(box.open(sealed, 'here')).toBe(secret)
        expect(box.open(sealed, 'there')).toBeNull()
      }),
    )
  })

  it('never looks the same twice and does not show what it holds', () => {
    expect(box.seal('secret', 'here')).not.toBe(box.seal('secret', 'here'))
    expect(Buffer.from(box.seal('secret', 'here').split('.')[2] ?? '', 'base64url').toString()).not.toContain('secret')
  })

  it('does not open when a single character was changed, or with anything else', () => {
    const sealed = box.seal('secret', 'here')
    fc.assert(
      fc.property(fc.nat(sealed.length - 3), (index) => {
        const other = sealed[index] === 'A' ? 'B' : 'A'
        expect(box.open(sealed.slice(0, index) + other + sealed.slice(index + 1), 'here')).toBeNull()
      }),
    )
    fc.assert(fc.property(fc.string(), (text) => box.open(text, 'here') === null))
  })

  it('opens with a former key too, and says that it is a former one', () => {
    const [former, today] = [key(), key()]
    const sealed = createSecretBox([former]).seal('secret', 'here')
    const rotated = createSecretBox([today, former])
    expect(rotated.open(sealed, 'here')).toBe('secret')
    expect(rotated.isCurrent(sealed)).toBe(false)
    expect(rotated.isCurrent(rotated.seal('secret', 'here'))).toBe(true)
    expect(createSecretBox([today]).open(sealed, 'here')).toBeNull()
  })
})
