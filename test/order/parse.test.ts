import fc from 'fast-check'
import qs from 'qs'
import { describe, expect, it } from 'vitest'
import { UnreadableBodyError } from '../../src/order/body.ts'
import { phoneDigits, textOf } from '../../src/order/order.ts'
import { parseOrder } from '../../src/order/parse.ts'
import { inCp1251 } from '../support/orders.ts'

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
        'Просто имя',
        true,
      ],
    })
    expect(products.map(({ name }) => name)).toEqual(['Без номера', 'Ноль', 'M-7', '8', 'Просто имя'])
  })

  it('drops the blank rows that the cabinet sends, and keeps the order of the others', async () => {
    const { products } = await parse(
      'products[0][product_id]=7&products[0][name]=A&products[1][quantity]=1&products[2][product_id]=0&products[2][name]=&products[9][product_id]=8&products[9][name]=C',
    )
    expect(products.map(({ name }) => name)).toEqual(['A', 'C'])
  })

  it('parts what the shop knows from what the buyer filled in', async () => {
    const order = await parseJson({ customer_id: 5, store_name: 'Лавка', lastname: 'Ким', totals: 5 })
    expect(order.meta).toEqual({ customer_id: 5, store_name: 'Лавка' })
    expect(order.fields).toEqual({ lastname: 'Ким', totals: 5 })
  })

  it('decodes entities once and trims', async () => {
    const { fields } = await parseJson({ a: ' &quot;x&quot; &amp;amp; &#039;y&#039; ', b: 'site.ru/?a=1&copy=2' })
    expect(fields).toEqual({ a: '"x" &amp; \'y\'', b: 'site.ru/?a=1&copy=2' })
  })

  it('takes the last of a key’s values, as PHP does, and a list where the key says so', async () => {
    const { fields } = await parse('lift=0&lift=1&color%5B%5D=red&color%5B%5D=blue')
    expect(fields).toEqual({ lift: '1', color: ['red', 'blue'] })
  })

  it('leaves out what nobody sees', async () => {
    const { fields } = await parseJson({ a: 'код\u0000\u202e \u0007', b: 'один\r\nдва\t👨‍👩‍👧' })
    expect(fields).toEqual({ a: 'код', b: 'один\r\nдва\t👨‍👩‍👧' })
  })

  it('reads JSON behind a byte order mark', async () => {
    expect((await parse('\ufeff{"a":1}', 'application/json')).fields).toEqual({ a: 1 })
  })

  it('keeps every digit of a long number in JSON', async () => {
    const { fields } = await parse('{"order_id":12345678901234567890,"total":1e3,"rate":0.1}', 'application/json')
    expect(fields).toMatchObject({ order_id: '12345678901234567890', total: 1000, rate: 0.1 })
  })

  it('keeps the first field of a form behind a byte order mark', async () => {
    expect((await parse('\ufefflastname=Ким&city=Уфа')).fields).toEqual({ lastname: 'Ким', city: 'Уфа' })
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
        expect(order.products).toMatchObject([{ id: '1', name, quantity: '2', price: '', total: '' }])
      }),
    )
  })
})

describe('what OpenCart adds to an order', () => {
  it('is read: articles, options, vouchers, and what is added to the sum', async () => {
    const order = await parseJson({
      products: [
        { product_id: 7, name: 'Бак', model: 'Бак', option: [] },
        {
          product_id: 8,
          name: 'Насос',
          model: 'N-8',
          sku: '',
          option: [{ name: 'Цвет', value: 'синий' }, { name: 'Файл' }, 5],
        },
        { product_id: 9, name: 'Кран', model: 'K', sku: 'S-9', option: { 4: { name: 'Размер', value: 3 } } },
      ],
      vouchers: [{ description: 'Сертификат', amount: '5000.0000' }, {}, null],
      totals: [
        { code: 'sub_total', title: 'Сумма', value: 100 },
        { code: 'coupon', title: 'Скидка', value: -10 },
        { code: 'shipping', value: 5 },
        { code: 'total', title: 'Итого', value: 95 },
      ],
    })
    expect(order.products.map(({ sku, options }) => [sku, options])).toEqual([
      ['', []],
      ['N-8', [{ name: 'Цвет', value: 'синий' }]],
      ['S-9', [{ name: 'Размер', value: '3' }]],
    ])
    expect(order.vouchers).toEqual([{ description: 'Сертификат', amount: '5000.0000' }])
    expect(order.totals).toEqual([
      { title: 'Скидка', value: '-10' },
      { title: 'shipping', value: '5' },
    ])
    expect(order.fields).toEqual({})
  })
})

describe('a form of a WordPress site', () => {
  it('is told by its entries', async () => {
    const order = await parse(
      qs.stringify({
        form_id: '77',
        page: 'https://shop.example',
        entries: '{"mf-email":"a@b.c","mf-list":["да","нет"]}',
      }),
    )
    expect(order).toMatchObject({ source: 'lk', format: 'metform', products: [] })
    expect(order.fields).toEqual({ 'mf-email': 'a@b.c', 'mf-list': ['да', 'нет'] })
    expect(order.meta).toEqual({ form_id: '77', page: 'https://shop.example' })
  })

  it('keeps entries that are cut off as they came, so that the note shows them', async () => {
    const { format, fields } = await parse(qs.stringify({ entries: '{"mf-telephone":"+7 9', form_id: '7' }))
    expect([format, fields]).toEqual(['metform', { entries: '{"mf-telephone":"+7 9' }])
  })

  it.each(['', '5', '[1]'])('is none with entries %j', async (entries) => {
    expect(await parse(qs.stringify({ entries, a: '1' }))).toMatchObject({ format: 'lk', fields: { a: '1', entries } })
  })
})

describe('CP1251', () => {
  const escaped = (text: string) => Array.from(inCp1251(text), (byte) => `%${byte.toString(16)}`).join('')

  it.each([
    ['a form that is escaped', Buffer.from(`lastname=${escaped('Иванова')}+%26&products[0][name]=x`), undefined],
    ['a form as it is', inCp1251('lastname=Иванова+%26&products[0][name]=x'), undefined],
    [
      'a form that says so',
      inCp1251('lastname=Иванова+%26'),
      'application/x-www-form-urlencoded; charset=windows-1251',
    ],
    ['JSON', inCp1251('{"lastname":"Иванова &"}'), 'application/json; charset=cp1251'],
    ['JSON that does not say so', inCp1251('{"lastname":"Иванова &"}'), 'application/json'],
    [
      'multipart',
      inCp1251('--b\r\nContent-Disposition: form-data; name="lastname"\r\n\r\nИванова &\r\n--b--\r\n'),
      'multipart/form-data; boundary=b',
    ],
  ])('is read: %s', async (_, body, contentType) => {
    expect((await parse(body, contentType)).fields['lastname']).toBe('Иванова &')
  })

  it('is not seen where there is none', async () => {
    expect((await parse('lastname=Иванова&a=%D0%98')).fields).toEqual({ lastname: 'Иванова', a: 'И' })
    expect((await parse('lastname=100%&a=%zz')).fields).toEqual({ lastname: '100%', a: '%zz' })
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
