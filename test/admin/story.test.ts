import { afterAll, beforeAll, expect, it } from 'vitest'
import { openDatabase } from '../../src/database/open.ts'
import { onEachDatabase } from '../support/databases.ts'
import { anOrder, asForm } from '../support/orders.ts'
import { startParom } from '../support/parom.ts'
import { createVisitor, formWith } from '../support/visitor.ts'

type Parom = Awaited<ReturnType<typeof startParom>>

const lead = { method: 'POST', path: '/api/v4/leads', effect: 'status' }
/** What amoCRM says of a value that it does not know. */
const refusal = {
  title: 'Bad Request',
  detail: 'Request validation failed',
  'validation-errors': [
    {
      request_id: '0',
      errors: [
        { code: 'NotSupportedChoice', path: 'custom_fields_values.0.values.0.value', detail: 'No such choice.' },
      ],
    },
  ],
}

onEachDatabase('the page of an order', (database) => {
  let parom: Parom
  let url: string
  let admin: ReturnType<typeof createVisitor>
  let viewer: ReturnType<typeof createVisitor>
  beforeAll(async () => {
    url = await database.fresh()
    parom = await startParom({ databaseUrl: url, users: [{ login: 'olga', roles: ['viewer'] }] })
    admin = createVisitor(parom.url)
    viewer = createVisitor(parom.url)
    await admin.signIn()
    await viewer.signIn('olga', 'olga-password')
  })
  afterAll(() => parom.close())

  const pageOf = async (id: string, visitor = admin) => (await visitor.visit(`/app/transactions/${id}`)).text
  const send = async (fields = {}) => (await parom.post(asForm(anOrder({ nonce: Math.random(), ...fields })))).body.id

  async function delivered(fields = {}) {
    await parom.sandbox.faults([])
    return parom.reaches(await send(fields), 'delivered')
  }

  async function refused(fields = {}) {
    await parom.sandbox.faults([{ ...lead, status: 400, body: refusal }])
    const message = await parom.reaches(await send(fields), 'dead')
    await parom.sandbox.faults([])
    return message
  }

  it('begins with what it is, whose and what it is worth', async () => {
    const { id, lead_id } = await delivered({ order_id: 'A-7', email: 'ira@example.ru', currency_code: 'RUB' })
    const text = await pageOf(id)
    expect(text).toMatch(/<h1>Заказ A-7<\/h1>/)
    for (const part of [
      'class="worth">12 500 ₽',
      '+7 912 345-67-89',
      'ira@example.ru',
      `/leads/detail/${lead_id}"`,
      '?partner=1"',
    ])
      expect(text.replaceAll('\u00a0', ' '), part).toContain(part)
  })

  it('tells of three tries that failed and of the one that went through', async () => {
    await parom.sandbox.faults([{ ...lead, status: 503, commit: false, times: 3 }])
    const id = await send({ order_id: 'A-8' })
    const tried = (least: number) =>
      expect.poll(async () => {
        const { attempts = 0, lease_until } = (await parom.inbox.find(id)) ?? {}
        return attempts >= least && lease_until === null
      })
    await tried(1).toBe(true)
    const waiting = await pageOf(id)
    for (const part of [/data-countdown="\d+"/, /не ответила или ответила сбоем/, /Товары<\/strong> <small>не дошло/])
      expect(waiting).toMatch(part)
    for (let least = 2; (await parom.inbox.find(id))?.state !== 'delivered'; least++) {
      parom.advance(3_600_000)
      await tried(least).toBe(true)
    }
    await parom.reaches(id, 'delivered')
    const text = await pageOf(id)
    expect(text.match(/<h3>Попытка \d+<\/h3>/g)?.slice(0, 4)).toEqual([1, 2, 3, 4].map((n) => `<h3>Попытка ${n}</h3>`))
    expect(text.match(/HTTP 503/g)).toHaveLength(3)
    expect(text).toMatch(/Доставлен<\/strong>[\s\S]*после получения/)
    expect(text).not.toContain('id="why"')
  })

  it('names the field that amoCRM refused, what the order had there, and where to mend it', async () => {
    const { id } = await refused({ comment: 'Позвоните' })
    const [text = ''] = /<section[^>]*aria-labelledby="why"[\s\S]*?<\/section>/.exec(await pageOf(id)) ?? []
    for (const part of ['Ключ заказа Parom', `отправлено «${id}»`, 'В amoCRM такого значения или поля нет'])
      expect(text, part).toContain(part)
    // In what was tried before, another field stood at that place.
    expect(await pageOf(id)).not.toMatch(/Ключ заказа Parom<\/strong> <small>685731/)
    for (const link of ['href="/app/doctor"', 'href="/app/mapping"', 'href="#order"']) expect(text).toContain(link)
    expect(text).toMatch(
      /<details><summary>Технические подробности<\/summary><pre[^>]*>POST \/api\/v4\/leads: HTTP 400/,
    )
  })

  it('says what is there and what sending again adds', async () => {
    await parom.sandbox.faults([{ method: 'POST', path: '/api/v4/leads/notes', effect: 'status', status: 400 }])
    const id = await send()
    const { lead_id } = await parom.reaches(id, 'dead')
    await parom.sandbox.faults([])
    const text = await pageOf(id)
    const [effects = ''] = /<dl class="effects">[\s\S]*?<\/dl>/.exec(text) ?? []
    expect(effects.replace(/<[^>]*>|\s+/g, ' ')).toMatch(
      new RegExp(`Уже есть.*сделка +${lead_id}.*товары привязаны.*Будет сделано.*написано примечание`),
    )
    expect(effects).not.toMatch(/создана сделка|привязаны товары/)
  })

  it('keeps on record who sent it again, and how it was', async () => {
    const failed = await refused()
    const { _csrf = '' } = formWith('_csrf', /./, await pageOf(failed.id))
    const again = (id: string, fields = {}) =>
      admin.submit(`/app/transactions/${id}/redeliveries`, { _csrf, ...fields })
    await again(failed.id)
    const { id, lead_id } = await parom.reaches(failed.id, 'delivered')
    await again(id, { words: 'вторая сделка', edition: '1' })
    await again(id, { words: 'вторая сделка', edition: '1' })
    await parom.reaches(id, 'delivered')
    const way = (await pageOf(id)).replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')
    expect(way.match(/Попытка \d|admin [а-яё ]+[а-яё]|Доставлен/g)).toEqual([
      ...['Попытка 1', 'admin отправил ещё раз', 'Попытка 2', 'admin попросил вторую сделку', 'Попытка 3', 'Доставлен'],
    ])
    const { db, close } = openDatabase(url)
    const rows = await db.selectFrom('audit').selectAll().where('target', '=', id).orderBy('id').execute()
    await close()
    expect(rows.map(({ login, action, was }) => [login, action, was])).toEqual([
      ['admin', 'redelivered', '{"state":"dead","reason":"crm_rejected"}'],
      ['admin', 'another_lead', `{"lead":${lead_id}}`],
    ])
  })

  it('shows a viewer how far it has come, and only the ends of phones and e-mails', async () => {
    const { id } = await refused({ lastname: 'Чайковский', email: 'petr@example.ru', comment: 'СЕКРЕТ' })
    const text = await pageOf(id, viewer)
    for (const part of ['+7 ••• •••-67-89', 'p•••@example.ru', 'Сделка: не принято', 'HTTP 400', 'ждёт человека'])
      expect(text, part).toContain(part)
    expect(text).not.toMatch(/Чайковск|345-67|79123|petr@|СЕКРЕТ|curl|custom_fields|Автоклав/)
    for (const part of ['plan', 'body', 'text?part=body'])
      expect((await viewer.visit(`/app/transactions/${id}/${part}`)).status, part).toBe(403)
  })

  it('shows on demand what would be sent now, and says when amoCRM cannot be asked', async () => {
    const { id } = await delivered({ comment: '<b>жирный</b>' })
    const { text } = await admin.visit(`/app/transactions/${id}/plan`, { headers: { 'hx-request': 'true' } })
    expect(text).not.toContain('<html')
    for (const part of ['/api/v4/leads', 'уже есть, второй раз она не создаётся', 'Автоклав', '&lt;b&gt;жирный'])
      expect(text, part).toContain(part)
    expect((await admin.visit(`/app/transactions/${id}/plan`)).text).toContain('<html lang="ru"')
    const unreadable = await parom.inbox.accept({
      ...{ account: 'sandbox.amocrm.ru', source: 'lk', dedupeKey: String(Math.random()), dedupeWindow: null },
      ...{ bodyDigest: null, contentType: 'application/json', headers: {}, body: Buffer.from('{'), address: null },
    })
    expect((await admin.visit(`/app/transactions/${unreadable.id}/plan`)).text).toContain('заказ не читается')
  })

  it('gives the body to the byte, and the whole of what it shows the beginning of', async () => {
    const body = Buffer.concat([Buffer.from('order_id=1&comment='), Buffer.from([0xcf, 0xf0, 0x00, 0xff])])
    const { id } = (await parom.post(body)).body
    const response = await fetch(`${parom.url}/app/transactions/${id}/body`, { headers: cookieOf(admin) })
    expect(Buffer.from(await response.arrayBuffer())).toEqual(body)
    expect(response.headers.get('content-disposition')).toContain(`order-${id}.txt`)
    const long = `начало${'я'.repeat(30_000)}конец`
    const { id: longId } = await delivered({ comment: long })
    const text = await pageOf(longId)
    expect(text.slice(text.indexOf('data-cut'))).toContain('Показать целиком')
    const whole = await admin.visit(`/app/transactions/${longId}/text?part=body`)
    expect(whole.headers.get('content-type')).toMatch(/^text\/plain/)
    expect(whole.text).toContain(long)
    expect((await admin.visit(`/app/transactions/${longId}/text?part=nonsense`)).status).toBe(404)
    expect((await admin.visit(`/app/transactions/${longId}/text?part=request&attempt=9&step=9`)).status).toBe(404)
  })

  it('lists 150 products, and takes an order of a MiB', async () => {
    const products = Array.from({ length: 150 }, (_, number) => ({
      ...{ product_id: `${number}`, name: `Товар №${number} 🫖`, quantity: 2, price: '10', total: '20' },
    }))
    const { id } = await delivered({ products })
    expect((await pageOf(id)).match(/<td>Товар №\d+ 🫖/g)).toHaveLength(150)
    const { id: hugeId } = await delivered({ comment: 'щ'.repeat(170_000) })
    const started = performance.now()
    const text = await pageOf(hugeId)
    expect(performance.now() - started).toBeLessThan(3000)
    expect(text.length).toBeLessThan(500_000)
    expect(text).toContain(`@order-${hugeId}.txt`)
  })

  it('runs nothing that stands in a field', async () => {
    const evil = '</pre></script><img src=x onerror=alert(1)>'
    const fields = ['order_id', 'lastname', 'telephone', 'email', 'comment', 'total', 'payment_method', 'shipping_city']
    const { id } = await refused({
      ...Object.fromEntries(fields.map((name) => [name, evil])),
      products: [{ product_id: evil, name: evil, quantity: evil, price: evil, total: evil }],
    })
    for (const visitor of [admin, viewer]) expect(await pageOf(id, visitor)).not.toContain('<img src=x')
  })
})

function cookieOf({ cookies }: ReturnType<typeof createVisitor>) {
  return { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') }
}
