import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { onEachDatabase } from '../support/databases.ts'
import { anOrder, asForm } from '../support/orders.ts'
import { startParom } from '../support/parom.ts'
import { createVisitor, formWith } from '../support/visitor.ts'

const unknownProduct = { product_id: '9', name: 'Невиданный бак', model: 'N-9', quantity: 2, price: '100' }

onEachDatabase('test orders', (database) => {
  let parom: Awaited<ReturnType<typeof startParom>>
  let visitor: ReturnType<typeof createVisitor>
  beforeAll(async () => {
    parom = await startParom({
      databaseUrl: await database.fresh(),
      form: { products: { match: ['name'], not_found: 'create' } },
    })
    visitor = createVisitor(parom.url)
    await visitor.signIn()
  })
  afterAll(() => parom.close())

  /** The form that the bench gives for sending the order. */
  async function formFor(order: string) {
    const { text } = await visitor.visit('/app/mapping/bench')
    const { _csrf = '' } = formWith('_csrf', /./, text)
    const page = await visitor.submit('/app/mapping/bench', { _csrf, source: 'lk', order })
    const { token = '' } = formWith('token', /./, page.text)
    return { _csrf, token, source: 'lk', type: 'auto', order }
  }

  async function leads(): Promise<{ id: number; name: string; tags: number[]; status_id: number }[]> {
    return (await parom.sandbox.state()).leads
  }

  async function tagsOf(id: number) {
    const { access_token } = await parom.sandbox.credentials()
    const headers = { authorization: `Bearer ${access_token}` }
    const answer = await fetch(`${parom.sandbox.url}/api/v4/leads/${id}`, { headers })
    const { _embedded, status_id } = (await answer.json()) as {
      _embedded: { tags: { name: string }[] }
      status_id: number
    }
    return { tags: _embedded.tags.map(({ name }) => name).sort(), status_id }
  }

  it('becomes one marked lead, however often it is clicked, and is closed by a button', async () => {
    const before = (await leads()).length
    const form = await formFor(asForm(anOrder({ order_id: '5', products: [unknownProduct] })))
    const answers = await Promise.all([1, 2, 3].map(() => visitor.submit('/app/mapping/tests', form)))
    const places = new Set(answers.map(({ status, location }) => `${status} ${location}`))
    expect(places.size).toBe(1)
    const [, page = ''] = /^303 (\/app\/mapping\/tests\/[\w-]+)$/.exec([...places][0] ?? '') ?? []
    const id = page.split('/').at(-1) ?? ''
    const { lead_id } = await parom.reaches(id, 'delivered')
    const made = (await leads()).slice(before)
    expect(made.map((lead) => lead.id)).toEqual([lead_id])
    expect(made[0]?.name).toBe('ТЕСТ: Невиданный бак')
    expect((await tagsOf(lead_id ?? 0)).tags).toEqual(['TEST', 'dropshipping'])
    expect(JSON.stringify((await parom.sandbox.state()).notes)).toContain(
      'ТЕСТ. Этот заказ отправлен со страницы Парома',
    )

    expect((await visitor.visit(`/app/mapping/bench?message=${id}`)).text).toContain('ТЕСТ: Невиданный бак')
    const shown = (await visitor.visit(page)).text
    expect(shown).toContain(`/leads/detail/${lead_id}`)
    expect(shown).not.toContain('hx-trigger')
    expect(shown).toContain('Создано вместе со сделкой')
    expect(shown).toContain('Невиданный бак')

    await visitor.submit(`${page}/cleanings`, { _csrf: form._csrf })
    expect(await tagsOf(lead_id ?? 0)).toEqual({ tags: ['TEST', 'dropshipping'], status_id: 143 })
    const cleaned = (await visitor.visit(page)).text
    expect(cleaned).toContain('Сделка закрыта как нереализованная')
    expect(cleaned).not.toContain('/cleanings')
  })

  it('takes no place of the real order', async () => {
    const order = asForm(anOrder({ order_id: '6' }))
    const form = await formFor(order)
    const { location } = await visitor.submit('/app/mapping/tests', form)
    await parom.reaches(location?.split('/').at(-1) ?? '', 'delivered')
    const real = (await parom.post(order)).body
    expect(real.duplicate).toBeFalsy()
    const { lead_id } = await parom.reaches(real.id, 'delivered')
    expect((await tagsOf(lead_id ?? 0)).tags).toEqual(['dropshipping'])
    expect((await visitor.visit(`/app/mapping/tests/${real.id}`)).status).toBe(404)
    const { _csrf } = form
    expect((await visitor.submit(`/app/mapping/tests/${real.id}/cleanings`, { _csrf })).status).toBe(404)
  })

  it('sends nothing that cannot be read, and nothing without the token of its page', async () => {
    const form = await formFor(asForm(anOrder()))
    const before = (await parom.inbox.list({ limit: 100 })).messages.length
    expect((await visitor.submit('/app/mapping/tests', { ...form, order: 'слова' })).status).toBe(422)
    expect((await visitor.submit('/app/mapping/tests', { ...form, token: '' })).status).toBe(422)
    expect((await parom.inbox.list({ limit: 100 })).messages).toHaveLength(before)
  })

  it('says so when amoCRM does not let the lead be closed, and takes a deleted lead for closed', async () => {
    const form = await formFor(asForm(anOrder({ order_id: '7' })))
    const { location } = await visitor.submit('/app/mapping/tests', form)
    const { lead_id } = await parom.reaches(location?.split('/').at(-1) ?? '', 'delivered')
    const clean = () => visitor.submit(`${location}/cleanings`, { _csrf: form._csrf })
    await parom.sandbox.faults([{ path: '/api/v4/leads/*', method: 'PATCH', effect: 'status', status: 502 }])
    const refused = await clean()
    await parom.sandbox.faults([])
    expect(refused.status).toBe(502)
    expect(refused.text).toContain('Сделка не закрыта')
    await parom.sandbox.trash('leads', lead_id ?? 0)
    expect((await clean()).status).toBe(303)
    expect((await visitor.visit(location ?? '')).text).toContain('Сделка закрыта')
  })

  it('is cleaned again when another lead of it was asked for', async () => {
    const form = await formFor(asForm(anOrder({ order_id: '9' })))
    const { location } = await visitor.submit('/app/mapping/tests', form)
    const id = location?.split('/').at(-1) ?? ''
    const { edition } = await parom.reaches(id, 'delivered')
    const clean = () => visitor.submit(`${location}/cleanings`, { _csrf: form._csrf })
    await clean()
    const asking = { _csrf: form._csrf, words: 'вторая сделка', edition: String(edition) }
    await visitor.submit(`/app/transactions/${id}/redeliveries`, asking)
    const { lead_id } = await parom.reaches(id, 'delivered')
    expect(await tagsOf(lead_id ?? 0)).not.toMatchObject({ status_id: 143 })
    expect((await visitor.visit(location ?? '')).text).toContain('Закрыть сделку')
    await clean()
    expect(await tagsOf(lead_id ?? 0)).toMatchObject({ status_id: 143 })
  })

  it('waits with all the others while the delivery is stopped, and shows it', async () => {
    const form = await formFor(asForm(anOrder({ order_id: '8' })))
    await visitor.submit('/app/delivery/pause', { _csrf: form._csrf })
    const { location } = await visitor.submit('/app/mapping/tests', form)
    const page = async () => (await visitor.visit(location ?? '')).text
    expect(await page()).toContain('hx-trigger="every 1s"')
    expect(await page()).toContain('Едет в amoCRM')
    await visitor.submit('/app/delivery/resume', { _csrf: form._csrf })
    await vi.waitFor(async () => expect(await page()).toContain('Закрыть сделку'), { timeout: 15_000, interval: 50 })
  })
})
