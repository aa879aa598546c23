import fc from 'fast-check'
import qs from 'qs'
import { describe, expect, it } from 'vitest'
import { UnreadableBodyError } from '../../src/order/body.ts'
import { phoneDigits, textOf } from '../../src/order/order.ts'
import { parseOrder } from '../../src/order/parse.ts'

const parse = (body: string | Buffer, contentType = 'application/x-www-form-urlencoded') =>
  parseOrder({ source: 'lk', contentType, body: Buffer.from(body) })
const parseJson = (value: unknown) => parse(JSON.stringify(value), 'application/json')

describe('an OpenCart order', () => {
  it('keeps a product that has a name or a number, whichever it is', async () => {
    const { products } = await parseJson({
      products: [
        { name: 'Без номера' },
        { product_id: 0, name: 'Ноль' },
        { product_id: 7, model: 'M-7' },
        { product_id: 8 },
        { quantity: 5 },
        null,
        'x',
      ],
    })
    expect(products.map(({ name }) => name)).toEqual(['Без номера', 'Ноль', 'M-7', '8'])
  })

  it('drops the blank rows that the cabinet sends, and keeps the order of the others', async () => {
    const { products } = await parse(
      'products[0][product_id]=7&products[0][name]=A&products[1][quantity]=1&products[2][product_id]=0&products[2][name]=&products[9][product_id]=8&products[9][name]=C',
    )
    expect(products.map(({ name }) => name)).toEqual(['A', 'C'])
  })

  it('parts what the shop knows from what the buyer filled in', async () => {
    const order = await parseJson({ customer_id: 5, store_name: 'Лавка', lastname: 'Ким', totals: [{ value: 1 }] })
    expect(order.meta).toEqual({ customer_id: 5, store_name: 'Лавка' })
    expect(order.fields).toEqual({ lastname: 'Ким', totals: [{ value: 1 }] })
  })

  it('decodes entities once and trims', async () => {
    const { fields } = await parseJson({ a: ' &quot;x&quot; &amp;amp; &#039;y&#039; ', b: 'site.ru/?a=1&copy=2' })
    expect(fields).toEqual({ a: '"x" &amp; \'y\'', b: 'site.ru/?a=1&copy=2' })
  })

  it('treats dangerous names as names', async () => {
    const order = await parse(
      '__proto__[polluted]=1&constructor[prototype][polluted]=1&products[0][product_id]=1&products[0][__proto__][polluted]=1',
    )
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    expect(order.products).toHaveLength(1)
    const json = await parse('{"__proto__":{"polluted":1},"a":1}', 'application/json')
    expect(json.fields['a']).toBe(1)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  it('reads 500 products with all their parameters', async () => {
    const products = Array.from({ length: 500 }, (_, index) => ({
      product_id: index + 1,
      name: `P${index}`,
      quantity: 1,
      price: '1',
      total: '1',
      tax: '',
      reward: '',
      model: 'm',
      subtract: '1',
      download: '',
      option: '',
    }))
    expect((await parse(qs.stringify({ products }))).products).toHaveLength(500)
  })

  it('survives nesting that only an attacker would send', async () => {
    const order = await parse(`{"lastname":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 'application/json')
    expect(textOf(order.fields['lastname'])).toBe('…')
    await parse(`a${'[b]'.repeat(10_000)}=1`)
  })

  it.each([
    ['{"a":', 'application/json'],
    ['[]', 'application/json'],
    ['not multipart', 'multipart/form-data; boundary=x'],
  ])('says that %j cannot be read', async (body, type) => {
    await expect(parse(body, type)).rejects.toThrow(UnreadableBodyError)
  })

  it('reads a form just as it was written, whatever texts it holds', async () => {
    const text = fc
      .string({ unit: 'grapheme' })
      .map((value) => value.trim())
      .filter((value) => !value.includes('&') && value !== '')
    await fc.assert(
      fc.asyncProperty(text, text, async (lastname, name) => {
        const order = await parse(qs.stringify({ lastname, products: [{ product_id: '1', name, quantity: '2' }] }))
        expect(order.fields['lastname']).toBe(lastname.trim())
        expect(order.products).toEqual([{ id: '1', name, quantity: '2', price: '', total: '' }])
      }),
    )
  })
})

describe('a value as text', () => {
  it.each([
    [null, ''],
    [0, '0'],
    [false, 'false'],
    [['a', null, 'b'], 'a, b'],
    [{ a: 1 }, '{"a":1}'],
  ])('%j is «%s»', (value, expected) => expect(textOf(value)).toBe(expected))

  it('finds the digits of a phone in any notation', () => {
    expect(phoneDigits('+7 (912) 345-67-89')).toBe('79123456789')
    expect(phoneDigits(undefined)).toBe('')
  })
})
