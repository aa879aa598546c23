import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exampleOf, fieldsIn, formats, problem, withField } from '../support/api-fields.ts'
import { addShop, callApi } from '../support/api-shops.ts'
import { onEachDatabase } from '../support/databases.ts'
import { startParom } from '../support/parom.ts'

const code = expect.stringMatching(/^RO\d{4}-\d{5}$/)
const created = { OrderCreated: true, OrderCode: code, orderCode: code }

onEachDatabase('the rules of the order API', (database) => {
  let parom: Awaited<ReturnType<typeof startParom>>
  let token: string
  beforeAll(async () => {
    const databaseUrl = await database.fresh()
    parom = await startParom({ databaseUrl })
    token = (await addShop(databaseUrl)).token
  })
  afterAll(() => parom.close())

  const send = (format: string, body: unknown) => callApi(parom.url, format, body, { token })
  const sendAsOneRequest = async (format: string, bodies: unknown[]) =>
    Promise.all(bodies.map(async (body) => [body, await send(format, body)] as const))

  describe.each(formats)('for %s', (format) => {
    const example = exampleOf(format)

    it('let the example of the document pass', async () => {
      const { status, body, headers } = await send(format, example)
      expect([status, body]).toEqual([201, created])
      expect(body.OrderCode).toBe(body.orderCode)
      expect(headers.get('content-type')).toBe('application/json; charset=utf-8')
    })

    it.each(fieldsIn(format).filter(({ isRequired }) => isRequired))(
      'demand $path, and take null and blanks for nothing',
      async ({ path }) => {
        for (const nothing of [undefined, null, '', '  \n'])
          expect(await send(format, withField(example, path, nothing))).toMatchObject({
            status: 400,
            body: { signedIn: false, message: problem(path, 'present') },
          })
      },
    )

    it.each(fieldsIn(format))('know what $path may be', async ({ path, good, bad }) => {
      const rights = good.map((value) => withField(example, path, value))
      for (const [sent, { status, body }] of await sendAsOneRequest(format, rights))
        expect([status, body], JSON.stringify(sent)).toEqual([201, created])
      for (const [value, words] of bad) {
        const { status, body } = await send(format, withField(example, path, value))
        expect([status, body], JSON.stringify(value)).toEqual([400, { signedIn: false, message: problem(path, words) }])
      }
    })

    it.each(fieldsIn(format).filter(({ isRequired }) => !isRequired))(
      'leave $path open, or blank',
      async ({ path }) => {
        // Where its kind of delivery asks for it, is another matter.
        const open = format === 'create-order' ? withField(example, 'deliveryType', 'pickup') : example
        const bodies = [undefined, null, ' '].map((nothing) => withField(open, path, nothing))
        for (const [sent, { status }] of await sendAsOneRequest(format, bodies))
          expect(status, JSON.stringify(sent)).toBe(201)
      },
    )
  })

  const external = {
    ...{ deliveryType: 'external', deliveryCompany: 'СДЭК', lgsTerminalCode: 'MSK5', lgsCompanyId: 304 },
    ...{ lgsTariffId: 1502, address: { street: 'Москва, Тверская, 1' } },
  }
  const { items } = exampleOf('create-order') as { items: object[] }

  it.each<[string, object, string[]]>([
    ['address is there in full', {}, []],
    ['address has no city', { address: { street: 'Тверская', house: '1' } }, ['address.city']],
    ['address has no street', { address: { city: 'Москва', house: '1', street: ' ' } }, ['address.street']],
    ['address has no house', { address: { city: 'Москва', street: 'Тверская', house: null } }, ['address.house']],
    ['there is no address', { address: undefined }, ['address.city', 'address.street', 'address.house']],
    ['address costs nothing to go to', { items: [{ ...items[0], deliveryPrice: 0 }] }, []],
    [
      'address goes without its prices',
      { items: [{ ...items[0], deliveryPrice: undefined }, items[1], { ...items[1], deliveryPrice: '' }] },
      ['items[0].deliveryPrice', 'items[2].deliveryPrice'],
    ],
    ['external has all that it needs', { ...external, items: [{ ...items[0], deliveryPrice: null }] }, []],
    ['external has no company', { ...external, deliveryCompany: undefined }, ['deliveryCompany']],
    ['external names its terminal by the wrong field', { ...external, lgsTerminalCode: '' }, ['lgsTerminalCode']],
    ['external has no number of its company', { ...external, lgsCompanyId: null }, ['lgsCompanyId']],
    ['external has no tariff', { ...external, lgsTariffId: undefined }, ['lgsTariffId']],
    ['external has no street', { ...external, address: { city: 'Москва' } }, ['address.street']],
    [
      'external has nothing',
      { deliveryType: 'external', address: null, deliveryCompany: null, lgsCompanyId: null, lgsTariffId: null },
      ['deliveryCompany', 'lgsTerminalCode', 'lgsCompanyId', 'lgsTariffId', 'address.street'],
    ],
    [
      'pickup needs no address',
      { deliveryType: 'pickup', address: null, items: [{ ...items[0], deliveryPrice: '' }] },
      [],
    ],
    ['pickup may have the empty address of PHP', { deliveryType: 'pickup', address: [] }, []],
    ['address is the empty one of PHP', { address: [] }, ['address.city', 'address.street', 'address.house']],
    ['pickpoint needs no address', { deliveryType: 'pickpoint', address: undefined }, []],
  ])('know that %s', async (_case, change, missing) => {
    const order = { ...exampleOf('create-order'), ...change }
    const words = 'deliveryType' in change && change.deliveryType === 'external' ? 'for_external' : 'for_address'
    const problems = missing.map((path) => problem(path, words))
    const { status, body } = await send('create-order', order)
    if (missing.length === 0) expect([status, body]).toEqual([201, created])
    else
      expect([status, body]).toEqual([400, { signedIn: false, message: problems.length > 1 ? problems : problems[0] }])
  })

  it('tell of what is missing for the delivery together with all that is wrong besides, in the words of the installation', async () => {
    const order = { ...exampleOf('create-order'), name: 5, address: { city: 'Москва', elevator: 7 }, email: '' }
    expect((await send('create-order', order)).body).toEqual({
      signedIn: false,
      message: [
        'Поле name: нужен текст',
        'Поле email: обязательное, заполните его',
        'Поле address.elevator: нужно 0 (нет), 1 (пассажирский) или 2 (грузовой)',
        'Поле address.street: обязательное при deliveryType address',
        'Поле address.house: обязательное при deliveryType address',
      ],
    })
  })

  it.each([
    ['a phone', { phone: '+7 999 999-99-99', email: ' ' }, 201],
    ['an e-mail', { phone: null, email: 'ivan@example.ru' }, 201],
    ['neither', { phone: '', email: null }, 400],
  ])('are content with %s of who buys with a click', async (_case, contacts, wanted) => {
    const { status, body } = await send('buy-click', { ...exampleOf('buy-click'), ...contacts })
    expect(status).toBe(wanted)
    if (wanted === 400) expect(body.message).toBe('Поле phone: обязательное, если нет email')
  })

  it.each([1, 150, 2000, 2001])('let %i products pass that are no more than 2000', async (count) => {
    const many = Array.from({ length: count }, (_, index) => ({ ...items[0], name: `Товар ${index} 🎁` }))
    const { status, body } = await send('buy-click', { ...exampleOf('buy-click'), items: many })
    expect(status).toBe(count > 2000 ? 400 : 201)
    if (count > 2000) expect(body.message).toBe('Поле items: товаров не больше 2000')
  })

  it.each([
    ['items is empty', [], 'Поле items: нужен список товаров, хотя бы один'],
    ['items is a text', 'смартфон', 'Поле items: нужен список товаров, хотя бы один'],
    ['items is one of them', items[0], 'Поле items: нужен список товаров, хотя бы один'],
    ['an item is a text', ['смартфон'], 'Поле items[0]: нужен объект с полями'],
    ['an item is missing', [items[0], null], 'Поле items[1]: обязательное, заполните его'],
  ])('say what is wrong when %s', async (_case, wrong, message) => {
    const { status, body } = await send('create-order', { ...exampleOf('create-order'), items: wrong })
    expect([status, body]).toEqual([400, { signedIn: false, message }])
  })

  it.each([
    ['an address is no text', 'address', 'Москва', 'нужен объект с полями'],
    ['an e-mail is none, once', 'email', `${'x'.repeat(300)}@a.ru`, 'нужен адрес почты, например ivan@example.ru'],
  ])('say that %s', async (_case, field, wrong, expected) => {
    const { body } = await send('create-order', { ...exampleOf('create-order'), [field]: wrong })
    expect(body.message).toBe(`Поле ${field}: ${expected}`)
  })
})
