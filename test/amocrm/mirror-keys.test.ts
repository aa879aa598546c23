import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { companyNameKey, emailKey, partnerKey, phoneKey, productNameKey, skuKey } from '../../src/amocrm/mirror/keys.ts'

const rules = {
  partner: partnerKey,
  phone: phoneKey,
  email: emailKey,
  product: productNameKey,
  sku: skuKey,
  company: companyNameKey,
}
type Rule = keyof typeof rules

describe('what counts as the same', () => {
  it.each<[Rule, unknown, unknown]>([
    ['partner', 1, '1'],
    ['partner', ' 1\n', '1'],
    ['partner', 'Й', 'Й'],
    ['phone', '+7 912 345-67-89', '8 (912) 345 67 89'],
    ['phone', '79123456789', '9123456789'],
    ['phone', '+79123456789', '+7 912 345-67-89 доб. 12'],
    ['phone', '+79123456789', '8-912-345-67-89 ext 4'],
    ['phone', '+79123456789', '8-912-345-67-89, доб 4'],
    ['phone', '+375 29 123-45-67', '00375291234567'],
    ['phone', '+375 29 123-45-67', '375291234567'],
    ['phone', '+375 29 123-45-67', '8 10 375 29 1234567'],
    ['phone', 'тел.: +7 (912) 345-67-89', '79123456789'],
    ['email', ' Anna@Shop.Example ', 'anna@shop.example'],
    ['product', 'Бак &quot;Премиум&quot; &amp; Ко', 'Бак "Премиум" & Ко'],
    ['product', ' Бак   -\u00a0300 л. ', 'Бак - 300 л.'],
    ['sku', ' p-194', 'P-194 '],
    ['company', 'ООО «Ромашка»', 'ооо "ромашка"'],
    ['company', 'ООО  “Ромашка”', 'ООО Ромашка'],
  ])('%s: %j and %j are', (rule, one, other) => {
    expect(rules[rule](one)).not.toBeNull()
    expect(rules[rule](one)).toEqual(rules[rule](other))
  })

  it.each<[Rule, unknown, unknown]>([
    ['partner', '1', '01'],
    ['partner', '1', '1 0'],
    ['partner', '1', '１'],
    ['partner', '1', '1.0'],
    ['partner', 'A', 'a'],
    ['phone', '+375 29 123-45-67', '+7 291 234-56-70'],
    ['phone', '+375291234567', '+7 929 123-45-67'],
    ['phone', '1234567', '+7 912 123-45-67'],
    ['phone', '+7 912 345-67-89', '+7 912 345-67-8'],
    ['email', 'anna@shop.example', 'anna@shop.example.org'],
    ['product', 'Бак', 'бак'],
    ['product', 'Бак', 'Бак 2'],
    ['sku', 'P-1', 'P1'],
    ['company', 'Ромашка', 'Ромашка 2'],
  ])('%s: %j and %j are not', (rule, one, other) => {
    expect(rules[rule](one)).not.toEqual(rules[rule](other))
  })

  it.each<[Rule, unknown]>([
    ['partner', '  '],
    ['partner', null],
    ['partner', { id: 1 }],
    ['phone', '12-34-56'],
    ['phone', 'нет'],
    ['phone', 'доб. 1234567'],
    ['phone', '000-00-00'],
    ['phone', '+7 999 999-99-99'],
    ['phone', '8 (977) 777-77-77'],
    ['email', ''],
    ['email', 'нет'],
    ['email', '@'],
    ['email', 'a b@c'],
    ['product', '&nbsp;'],
    ['sku', undefined],
    ['company', '«»'],
  ])('%s: nothing is found by %j', (rule, value) => {
    expect(rules[rule](value)).toBeNull()
  })

  it('takes the number of who will not give one for the same with the same name alone', () => {
    const key = phoneKey('+7 999 999-99-99', 'Иванов  Иван')
    expect(key).not.toBeNull()
    expect(phoneKey('8 (999) 9999999', ' иванов иван ')).toEqual(key)
    expect(phoneKey('+7 999 999-99-99', 'Иванов')).not.toEqual(key)
    expect(phoneKey('+7 999 999-99-99', ' ')).toBeNull()
    expect(phoneKey('000-00-00', 'Иванов')).toBeNull()
    expect(phoneKey('+7 912 345-67-89', 'Иванов')).toEqual(phoneKey('8 912 345-67-89'))
  })

  it('is the same again when it is compared again, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.constantFrom(partnerKey, emailKey, skuKey, companyNameKey),
        (text, rule) => {
          const key = rule(text)
          if (key) expect(rule(key.value)).toEqual(key)
        },
      ),
    )
  })

  it('takes a Russian number for the same in every notation', () => {
    const digits = fc.stringMatching(/^[3489]\d{9}$/).filter((number) => new Set(`7${number}`).size > 2)
    const groups = fc.constantFrom(' ', '-', ') ', '.')
    fc.assert(
      fc.property(digits, groups, fc.constantFrom('+7', '7', '8', '', '007'), (number, gap, start) => {
        const written = `${start}${gap}${number.slice(0, 3)}${gap}${number.slice(3, 6)}${gap}${number.slice(6)}`
        expect(phoneKey(written)?.value).toBe(`7${number}`)
      }),
    )
  })
})
