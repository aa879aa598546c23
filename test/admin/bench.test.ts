import { afterAll, beforeAll, expect, it } from 'vitest'
import { benchCases } from '../../src/admin/bench-cases.ts'
import { onEachDatabase } from '../support/databases.ts'
import { hostileTexts } from '../support/hostile.ts'
import { anOrder, asForm, asMultipart } from '../support/orders.ts'
import { startParom } from '../support/parom.ts'
import { createVisitor, formWith } from '../support/visitor.ts'

const users = [
  { login: 'olga', roles: ['viewer'] },
  { login: 'ivan', roles: ['operator'] },
]

onEachDatabase('the test bench', (database) => {
  let parom: Awaited<ReturnType<typeof startParom>>
  let visitor: ReturnType<typeof createVisitor>
  beforeAll(async () => {
    parom = await startParom({ databaseUrl: await database.fresh(), users })
    visitor = createVisitor(parom.url)
    await visitor.signIn()
  })
  afterAll(() => parom.close())

  async function tryOut(order: string, more: Record<string, string> = {}) {
    const { text } = await visitor.visit('/app/mapping/bench')
    const fields = formWith('_csrf', /./, text)
    return visitor.submit('/app/mapping/bench', { _csrf: fields['_csrf'] ?? '', source: 'lk', order, ...more })
  }

  it.each([
    ['a form', asForm(anOrder()), {}],
    ['JSON', JSON.stringify(anOrder(), null, 2), {}],
    ['JSON between blank lines', `\n\n${JSON.stringify(anOrder())}\n`, {}],
    ['a form that is said to be one', asForm(anOrder()), { type: 'form' }],
  ])('tells what becomes of %s, and sends nothing', async (_, order, more) => {
    const before = (await parom.sandbox.requests()).length
    const { status, text } = await tryOut(order, more)
    expect(status).toBe(200)
    expect(text).toContain('Дропшиппинг (1731979) → Новый заказ (26034988)')
    expect(text).toContain('Росс Партнёр (7143599)')
    expect(text).toContain('POST /api/v4/leads</code>')
    expect(text).toContain('&quot;pipeline_id&quot;: 1731979')
    const asked = (await parom.sandbox.requests()).slice(before).map(({ method }) => method)
    expect(asked.filter((method) => method !== 'GET')).toEqual([])
    expect((await parom.inbox.list({ limit: 10 })).messages).toEqual([])
  })

  it.each([
    ['nothing', ' ', {}, 'empty'],
    ['rubbish', 'просто слова', {}, 'unreadable_form'],
    ['broken JSON', '{"a":', {}, 'unreadable_json'],
    ['a list', '[1,2]', {}, 'unreadable_json'],
    ['a form that is said to be JSON', 'a=1', { type: 'json' }, 'unreadable_json'],
  ])('refuses %s in the words of the intake', async (_, order, more, key) => {
    const { status, text } = await tryOut(order, more)
    expect(status).toBe(422)
    const { default: texts } = await import('../../config/translations/ru.ts')
    expect(text).toContain(Object.entries(texts).find(([name]) => name === `intake.${key}`)?.[1])
    expect(text).not.toContain('Отправить проверочный заказ')
  })

  it('takes what a shop may send: 150 products, and no more than a megabyte', async () => {
    const products = Array.from({ length: 150 }, (_, index) => ({
      product_id: String(index),
      name: `Товар ${index}`,
      quantity: 1,
      price: '10',
    }))
    const { status, text } = await tryOut(asForm(anOrder({ products })))
    expect(status).toBe(200)
    expect(text).toContain('Товары <small>150</small>')
    expect((await tryOut(JSON.stringify(anOrder({ comment: 'щ'.repeat(400_000) })))).status).toBe(200)
    const refused = await tryOut(asForm(anOrder({ comment: 'x'.repeat(1024 * 1024) })))
    expect(refused.status).toBe(422)
    expect(refused.text).toContain('Тело запроса больше 1048576 байт')
    const { status: tooLong, text: said } = await tryOut('x'.repeat(4_000_000))
    expect([tooLong, said]).toEqual([413, expect.stringContaining('Это слишком много сразу')])
    expect(said).not.toContain('Что-то сломалось')
  })

  it('reads no long form of who may not use it', async () => {
    const stranger = createVisitor(parom.url)
    expect((await stranger.submit('/app/mapping/bench', { order: 'x'.repeat(1_100_000) })).status).toBe(302)
    const viewer = createVisitor(parom.url)
    await viewer.signIn('olga', 'olga-password')
    expect((await viewer.submit('/app/mapping/bench', { order: 'x'.repeat(1_100_000) })).status).toBe(403)
    expect((await viewer.visit('/app/mapping/bench')).status).toBe(403)
  })

  it('shows what an order says as text', async () => {
    for (let from = 0; from < hostileTexts.length; from += 100) {
      const texts = hostileTexts.slice(from, from + 100)
      const asNames = Object.fromEntries(texts.map((text) => [text, text]))
      const page = (await tryOut(JSON.stringify(anOrder({ comment: texts.join('\n'), ...asNames })))).text
      expect(page).toContain('pwned(')
      expect(page).not.toMatch(/<script[^>]*>pwned|<img src=x|<svg\/|<iframe|<input autofocus/i)
    }
  })

  it.each(benchCases)('has an order to try: %s', async (name) => {
    const { status, text } = await visitor.visit(`/app/mapping/bench?case=${name}`)
    expect(status).toBe(200)
    expect(text).toContain('Что станет с заказом')
    if (name === 'unknown_product') expect(text).toContain('Товар, которого нет')
    if (name === 'wrong_phone') expect(text).toContain('после шести')
  })

  it('shows what becomes of a stored order, also where no text can hold it, and that it would be a repeat', async () => {
    const order = anOrder({ order_id: '77', comment: 'Из архива' })
    const { id } = (await parom.post(asForm(order))).body
    await parom.reaches(id, 'delivered')
    expect((await visitor.visit(`/app/mapping/bench?message=${id}`)).text).toContain(
      `&quot;request_id&quot;: &quot;${id}`,
    )
    const again = await tryOut(asForm(order))
    expect(again.text).toContain('второй сделки не будет')
    expect(again.text).toContain(`/app/transactions/${id}`)
    expect((await visitor.visit('/app/mapping/bench?case=duplicate')).text).toContain('второй сделки не будет')

    const parts = asMultipart(anOrder({ order_id: '78', comment: 'По частям' }))
    const sent = await parom.post(parts, { 'content-type': 'multipart/form-data; boundary=b' })
    const { text } = await visitor.visit(`/app/mapping/bench?message=${sent.body.id}`)
    expect(text).toContain('По частям')
    expect(text).toContain('rows="10" required spellcheck="false" autocomplete="off">\n</textarea>')
    expect((await visitor.visit(`/app/transactions/${id}`)).text).toContain(`/app/mapping/bench?message=${id}`)
  })

  it('says that amoCRM is away', async () => {
    await parom.sandbox.faults([{ path: '/api/v4/*', effect: 'status', status: 502 }])
    const { status, text } = await tryOut(asForm(anOrder()))
    await parom.sandbox.faults([])
    expect(status).toBe(422)
    expect(text).toContain('amoCRM сейчас не отвечает')
  })
})
