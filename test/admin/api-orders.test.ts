import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ApiFormat } from '../../src/order/order.ts'
import { acceptApiOrder, addShop, callApi } from '../support/api-shops.ts'
import { onEachDatabase } from '../support/databases.ts'
import { startParom } from '../support/parom.ts'
import { createVisitor, formWith } from '../support/visitor.ts'

const example = (format: ApiFormat) =>
  JSON.parse(readFileSync(join(import.meta.dirname, `../fixtures/api/${format}.json`), 'utf8'))
const textOf = (html: string) => html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')

onEachDatabase('pages of orders of the order API', (database) => {
  let parom: Awaited<ReturnType<typeof startParom>>
  let admin: ReturnType<typeof createVisitor>
  let databaseUrl: string
  let shop: string
  let token: string
  beforeAll(async () => {
    databaseUrl = await database.fresh()
    parom = await startParom({ databaseUrl, users: [{ login: 'olga', roles: ['viewer'] }] })
    const settings = { partner_id: '42', form: null }
    ;({ source: shop, token } = await addShop(databaseUrl, { settings }))
    admin = createVisitor(parom.url)
    await admin.signIn()
  })
  afterAll(() => parom.close())

  async function delivered(format: ApiFormat, code: string, body = example(format)) {
    const id = await acceptApiOrder(parom.inbox, { source: shop, format, code, body })
    return parom.reaches(id, 'delivered')
  }

  it('tell all of an order in words, and nothing of it twice', async () => {
    const { id } = await delivered('create-order', 'RO0000-00001', {
      ...example('create-order'),
      comment: 'Позвоните',
      // The 20th in Moscow.
      desiredDeliveryDate: Date.UTC(2021, 6, 19, 22) / 1000,
      totalDeliveryPrice: 490.5,
    })
    const { text } = await admin.visit(`/app/transactions/${id}`)
    const shown = textOf(text).replaceAll('\u00a0', ' ')
    for (const words of [
      'Заказ RO0000-00001',
      'Иванов Иван Иванович',
      '+79999999999',
      'Доставка компанией, СДЭК, ПВЗ 103, код ТК 304, тариф 1502 Москва, Красная площадь, д. 3 20.07.2021, с 12 до 18',
      'Наличные',
      'Позвоните',
      'доставка: 300',
      'Сумма товаров 25 108',
      'totalWeight 0.48',
    ])
      expect(shown).toContain(words)
    expect(shown).toMatch(/Доставка 490,5/)
    expect(text).not.toMatch(
      /<th scope="row">(paymentOption|paymentText|deliveryType|desiredDeliveryDate|lgsTariffId)</,
    )
  })

  it.each([
    ['buy-click', 'RO0000-00002', 'Купить в 1 клик RO0000-00002'],
    ['callback', 'RO0000-00003', 'Обратный звонок RO0000-00003'],
  ] as const)('name a %s by its kind, and where it came in', async (format, code, title) => {
    const { id } = await delivered(format, code)
    const { text } = await admin.visit(`/app/transactions/${id}`)
    expect(textOf(text)).toContain(title)
    expect(text).toContain(`/api/${format}&#39;`)
    expect(text).not.toContain('/api/order/create')
    const { text: list } = await admin.visit('/app/transactions')
    expect(textOf(list)).toMatch(new RegExp(`${code} ${title.replace(` ${code}`, '')} .* Ромашка 42`))
  })

  it('hide phone and e-mail from who may not read orders', async () => {
    const { id } = await delivered('callback', 'RO0000-00004', { phone: '8 921 333-22-11', name: 'Тайный Покупатель' })
    const viewer = createVisitor(parom.url)
    await viewer.signIn('olga', 'olga-password')
    for (const path of [`/app/transactions/${id}`, '/app/transactions']) {
      const { text } = await viewer.visit(path)
      expect(text).toContain('RO0000-00004')
      expect(text).not.toMatch(/9213332211|921 333|Тайный/)
    }
  })

  it('show what would become of it now, with the partner of its shop', async () => {
    const { id } = await delivered('callback', 'RO0000-00005')
    for (const path of [`/app/transactions/${id}/plan`, `/app/mapping/bench?message=${id}`]) {
      const shown = textOf((await admin.visit(path)).text)
      expect(shown).toContain('ООО Ромашка, закупки')
      expect(shown).toContain('callback (она для заказов callback)')
      expect(shown).toContain('RO0000-00005')
    }
  })

  it('say of another order by the same key what differs, and not its number, which no shop gave', async () => {
    const order = { ...example('callback'), comment: 'Первый' }
    for (const comment of ['Первый', 'Второй'])
      await callApi(parom.url, 'callback', { ...order, comment }, { token, headers: { 'idempotency-key': 'one' } })
    const { messages } = await parom.inbox.list({ limit: 2 })
    const [later = '', first = ''] = messages.map(({ id }) => id)
    const { text } = await admin.visit(`/app/transactions/${later}`)
    expect(text).toContain('<h2>С этим ключом уже приходил заказ</h2>')
    expect(textOf(text)).toMatch(/Пришёл первым Этот comment Первый Второй /)
    expect(text).not.toMatch(/номер[а-я]* уже был|С этим номером|с номером, который/)
    const { text: list } = await admin.visit('/app/transactions')
    expect(list).toContain(`<a href="/app/transactions/${later}">Другой заказ с этим ключом</a>`)
    expect(list).toContain(`<a href="/app/transactions/${first}">Заказ, пришедший первым</a>`)
    expect(list).toContain('</span> ключ уже был')
  })

  it('say that the form is that of its shop', async () => {
    const own = await addShop(databaseUrl, { email: 'own@shop.example', settings: { form: 'buy-click' } })
    const body = example('callback')
    const id = await acceptApiOrder(parom.inbox, { source: own.source, format: 'callback', code: 'OW0000-00001', body })
    await parom.reaches(id, 'delivered')
    const { text } = await admin.visit(`/app/transactions/${id}/plan`)
    expect(textOf(text)).toContain('buy-click (выбрана для этого магазина)')
  })

  it('let one try each kind, also to a lead', async () => {
    const { text: page } = await admin.visit('/app/mapping/bench?case=buy-click')
    const { id: known } = await delivered('buy-click', 'RO0000-00006')
    const { text: again } = await admin.visit(`/app/mapping/bench?message=${known}`)
    for (const form of [page, again]) expect(form).toContain('<option value="buy-click" selected>')
    const { _csrf = '' } = formWith('_csrf', /./, page)
    const order = JSON.stringify({ phone: '8 921 333-00-11', name: 'Проба', paymentOption: 5 })
    const { text } = await admin.submit('/app/mapping/bench', { _csrf, source: 'lk', format: 'create-order', order })
    expect(textOf(text)).toMatch(/create-order \(.*«Способ оплаты» \(сделка\) .*Оплата онлайн/)
    const { location } = await admin.submit('/app/mapping/tests', { ...formWith('token', /./, text), order })
    const id = location?.split('/').at(-1) ?? ''
    expect(await parom.reaches(id, 'delivered')).toMatchObject({
      form: 'create-order',
      format: 'create-order',
      order_number: 'XX0000-00000',
      test: 'sent',
    })
  })
})
