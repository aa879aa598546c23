import { hash } from '@node-rs/argon2'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Database, openDatabase } from '../../src/database/open.ts'
import { createInbox } from '../../src/inbox/inbox.ts'
import { refusalReasons } from '../../src/inbox/message.ts'
import type { Refused } from '../../src/inbox/refused.ts'
import { configWithUsers } from '../support/config.ts'
import { onEachDatabase } from '../support/databases.ts'
import { anOrder, asForm } from '../support/orders.ts'
import { startParom } from '../support/parom.ts'
import { addConflict, aRefusal } from '../support/refused.ts'
import { createVisitor, formWith } from '../support/visitor.ts'

type Parom = Awaited<ReturnType<typeof startParom>>
type Visitor = ReturnType<typeof createVisitor>

/** The account of the configuration that ships. */
const account = 'sandbox.amocrm.ru'
const newOrder = () => asForm(anOrder({ comment: String(Math.random()) }))

/** Keeps a request as refused, and gives its id. */
async function refuse(parom: Parom, refusal: Partial<Omit<Refused, 'body'>> & { body?: string } = {}) {
  const body = Buffer.from(refusal.body ?? newOrder())
  parom.clock.advance(1000)
  expect(await parom.inbox.keepRefused({ ...aRefusal(account), ...refusal, body })).toBe(true)
  const { messages } = await parom.inbox.list({ limit: 1, state: 'rejected' })
  return messages[0]?.id ?? expect.fail('it was not kept')
}

async function csrfOf(visitor: Visitor) {
  return /name="_csrf" value="([^"]+)"/.exec((await visitor.visit('/app/transactions')).text)?.[1] ?? ''
}

onEachDatabase('refused requests', (database) => {
  let parom: Parom
  let admin: Visitor
  let _csrf: string
  let databaseUrl: string
  const logged: string[] = []
  beforeAll(async () => {
    const log = pino({ level: 'info' }, { write: (line: string) => logged.push(line) })
    databaseUrl = await database.fresh()
    parom = await startParom({ databaseUrl, log })
    admin = createVisitor(parom.url)
    await admin.signIn()
    _csrf = await csrfOf(admin)
  })
  afterAll(() => parom.close())

  const withDatabase = async <Result>(work: (opened: Database) => Promise<Result>) => {
    const opened = openDatabase(databaseUrl)
    return work(opened).finally(opened.close)
  }
  const page = (id: string) => `/app/transactions/${id}`
  const visit = async (path: string) => (await admin.visit(path)).text
  const accept = (id: string, fields: Record<string, string> = {}) =>
    admin.submit(`${page(id)}/redeliveries`, { _csrf, ...fields })
  const json = async (path: string) =>
    JSON.parse((await admin.visit(path, { headers: { accept: 'application/json' } })).text)
  const idsOf = ({ transactions }: { transactions: { id: string }[] }) => transactions.map(({ id }) => id)

  it('stand in no list but their own, and a line says how many there are', async () => {
    expect(await visit('/app/transactions')).not.toContain('За сутки отклонено')
    const { body } = await parom.post(newOrder())
    const yesterday = Date.now() - 25 * 60 * 60_000
    await withDatabase((opened) =>
      createInbox(opened, () => yesterday).keepRefused({ ...aRefusal(account), reason: 'too_large' }),
    )
    const [old] = idsOf(await json('/app/transactions?state=rejected'))
    const id = await refuse(parom)
    const text = await visit('/app/transactions')
    expect(text).toContain('За сутки отклонено запросов: 1. <a href="/app/transactions?state=rejected">Показать</a>')
    expect(text).not.toContain(id)
    expect(idsOf(await json('/app/transactions'))).toEqual([body.id])
    expect(await json('/app/transactions?state=rejected')).toMatchObject({
      transactions: [
        { id, state: 'rejected', reason: 'unauthorized', source: 'unknown', attempts: 0, next_attempt_at: null },
        { id: old, reason: 'too_large' },
      ],
    })
    expect(idsOf(await json('/app/transactions?reason=too_large'))).toEqual([old])
    expect(await visit('/app/transactions?state=rejected')).not.toContain('За сутки отклонено')
    expect(await visit('/app/transactions?reason=too_large')).not.toContain('За сутки отклонено')
  })

  it('are paged by a cursor in their list', async () => {
    const ids = [await refuse(parom, { reason: 'empty' }), await refuse(parom, { reason: 'empty' })].reverse()
    const first = await json('/app/transactions?state=rejected&reason=empty&limit=1')
    const second = await json(first.next)
    expect([...idsOf(first), ...idsOf(second)]).toEqual(ids)
    expect(second.next).toBeNull()
  })

  it.each([
    ['unauthorized', 'без токена или с токеном, которого нет в настройках', 'исправьте в нём токен'],
    ['bad_signature', 'Подпись не подходит', 'Сверьте ключ подписи'],
    ['address_not_allowed', 'этот запрос пришёл с другого', 'внесите его адрес'],
    ['rate_limited', 'больше, чем разрешено', 'Если отправитель повторил, заказ уже есть'],
    ['unsupported_type', 'Заказы в таком Content-Type не принимаются', 'Исправьте Content-Type'],
  ] as const)('refused as %s say why and what to do, and can be accepted', async (reason, why, mend) => {
    const id = await refuse(parom, { reason, headers: { 'x-shop': '<b>one</b>' }, body: 'order_id=77&comment=%3Ci%3E' })
    const text = await visit(page(id))
    for (const part of ['Отклонённый запрос', why, mend, '203.0.113.7', '&lt;b&gt;one', 'comment = &lt;i&gt;'])
      expect(text).toContain(part)
    // As an order.
    expect(text).toMatch(/<th scope="row">order_id<\/th><td>77<\/td>/)
    expect(text).toContain('Принять заказ')
    expect(text).not.toMatch(/Отправить ещё раз|Что сделано в amoCRM|не целиком/)
  })

  it.each([
    ['empty', { reason: 'empty', body: '' }],
    ['unreadable', { reason: 'unreadable', body: 'нечто' }],
    ['too large', { reason: 'too_large', truncated: true }],
    ['cut', { truncated: true }],
    ['no order', { body: 'нечто' }],
    [
      'of a type and form that nobody knows',
      { reason: 'unsupported_type', contentType: 'text/xml', body: '<a b="c"/>' },
    ],
  ] as const)('that are %s cannot be accepted', async (_, refusal) => {
    const id = await refuse(parom, refusal)
    const before = await parom.inbox.find(id)
    const text = await visit(page(id))
    expect(text).not.toContain('Принять заказ')
    expect(text.includes('сохранено не целиком')).toBe('truncated' in refusal)
    const { status, location } = await accept(id)
    expect([status, location]).toEqual([303, page(id)])
    expect(await parom.inbox.find(id)).toEqual(before)
  })

  it('become orders with a lead of their own by a click, once', async () => {
    const id = await refuse(parom, { contentType: 'text/plain', reason: 'unsupported_type' })
    const leads = (await parom.sandbox.state()).leads.length
    const form = formWith('source', 'lk', await visit(page(id)))
    logged.splice(0)
    const clicks = await Promise.all([accept(id, form), accept(id, form), accept(id, form)])
    expect(clicks.map(({ status, location }) => [status, location])).toEqual(clicks.map(() => [303, page(id)]))
    const message = await parom.reaches(id, 'delivered')
    expect(message).toMatchObject({ source: 'lk', attempts: 1, content_type: 'application/x-www-form-urlencoded' })
    // Whoever still has the page open.
    expect((await accept(id, form)).status).toBe(303)
    expect((await accept(id, { ...form, words: 'вторая сделка' })).status).toBe(303)
    expect(await parom.inbox.find(id)).toMatchObject({ state: 'delivered', edition: 1 })
    expect((await parom.sandbox.state()).leads).toHaveLength(leads + 1)
    expect(logged.filter((line) => line.includes('refused request accepted'))).toEqual([
      expect.stringContaining(`"message":"${id}","login":"admin","source":"lk","reason":"unsupported_type"`),
    ])
    expect(await visit(page(id))).toContain('Что сделано в amoCRM')
  })

  it('are the very order that comes again after they were accepted', async () => {
    const body = newOrder()
    const id = await refuse(parom, { body })
    await accept(id)
    expect((await parom.post(body)).body).toEqual({ status: 200, id, duplicate: true })
  })

  it('that have come again already are accepted only when it is confirmed in words', async () => {
    const body = newOrder()
    const id = await refuse(parom, { body })
    const { id: original } = (await parom.post(body)).body
    const first = await parom.reaches(original, 'delivered')
    const { status, text } = await accept(id)
    expect(status).toBe(200)
    expect(text).toContain(`Этот заказ уже есть, второй раз он не принят. <a href="${page(original)}">`)
    const wrong = await accept(id, { ...formWith('source', 'lk', text), words: '<да>' })
    expect(wrong.status).toBe(422)
    expect(wrong.text).toContain('Слова не совпали')
    expect(wrong.text).toContain('value="&lt;да&gt;"')
    expect(await parom.inbox.find(id)).toMatchObject({ state: 'rejected' })
    expect((await accept(id, { ...formWith('source', 'lk', text), words: 'вторая сделка' })).status).toBe(303)
    const second = await parom.reaches(id, 'delivered')
    expect(second.lead_id).not.toBe(first.lead_id)
    expect(await parom.inbox.find(original)).toEqual(first)
    expect(await visit(page(id))).toContain('Такой же заказ уже есть')
    expect(await visit(page(original))).toContain(`href="${page(id)}"`)
  })

  it('say that another order has their number', async () => {
    const headers = { 'idempotency-key': String(Math.random()) }
    const id = await refuse(parom, { headers })
    const { body } = await parom.post(newOrder(), headers)
    expect((await accept(id)).text).toContain(
      `С этим номером от отправителя уже есть другой заказ, этот не принят. <a href="${page(body.id)}">`,
    )
  })

  it('are accepted all at once for one reason', async () => {
    const known = newOrder()
    const refused = {
      one: await refuse(parom, { reason: 'bad_signature' }),
      other: await refuse(parom, { reason: 'bad_signature' }),
      known: await refuse(parom, { reason: 'bad_signature', body: known }),
      foreign: await refuse(parom, { reason: 'rate_limited' }),
    }
    await parom.post(known)
    expect(await visit('/app/transactions?state=rejected')).not.toContain('Принять все')
    expect(await visit('/app/transactions?state=rejected&reason=empty')).not.toContain('Принять все')
    const text = await visit('/app/transactions?state=rejected&reason=bad_signature')
    expect(text).toMatch(/Принять все, до \d+/)
    const form = formWith('reason', 'bad_signature', text.slice(text.lastIndexOf('<form', text.indexOf('Принять все'))))
    const { status, location } = await admin.submit('/app/transactions/redeliveries', form)
    expect(status).toBe(303)
    // One more was looked at before.
    expect(location).toMatch(/^\/app\/transactions\?state=rejected&reason=bad_signature&queued=\d$/)
    for (const id of [refused.one, refused.other]) await parom.reaches(id, 'delivered')
    for (const id of [refused.known, refused.foreign])
      expect(await parom.inbox.find(id)).toMatchObject({ state: 'rejected' })
  })

  it.each([{ state: 'rejected' }, { state: 'rejected', reason: 'empty' }, { state: 'rejected', reason: 'internal' }])(
    'are not accepted all at once by the filter %j',
    async (filter) => {
      const id = await refuse(parom)
      const { status, location } = await admin.submit('/app/transactions/redeliveries', { _csrf, ...filter })
      expect([status, location]).toEqual([303, '/app/transactions'])
      expect(await parom.inbox.find(id)).toMatchObject({ state: 'rejected' })
    },
  )

  it('are accepted by a form of this session only', async () => {
    const id = await refuse(parom)
    expect((await admin.submit(`${page(id)}/redeliveries`, {})).status).toBe(403)
    expect((await createVisitor(parom.url).submit(`${page(id)}/redeliveries`, { _csrf })).status).toBe(302)
    expect(await parom.inbox.find(id)).toMatchObject({ state: 'rejected' })
  })

  it('have a text for each reason on their page', async () => {
    for (const reason of refusalReasons)
      expect(await visit(page(await refuse(parom, { reason })))).not.toMatch(/page\.\w/)
  })

  it('are told of by one line of the log when they are too many to be kept', async () => {
    logged.splice(0)
    const refusal = { ...aRefusal(account), source: 'flood', reason: 'empty', body: Buffer.from('x') } as const
    await Promise.all(Array.from({ length: 60 }, () => parom.inbox.keepRefused(refusal)))
    expect(logged.filter((line) => line.includes('refused requests were not kept'))).toEqual([
      expect.stringMatching(/"count":1,/),
    ])
  })

  describe('an order that came again', () => {
    it('says how often, and when last', async () => {
      const body = newOrder()
      const { id } = (await parom.post(body)).body
      await parom.post(body)
      const { db, close } = openDatabase(databaseUrl)
      await db
        .updateTable('messages')
        .set({ duplicated_at: Date.UTC(2026, 0, 2, 12) })
        .where('id', '=', id)
        .execute()
      await close()
      for (const text of [await visit(page(id)), await visit('/app/transactions')])
        expect(text).toMatch(/1, последний <time datetime="2026-01-02T12:00:00.000Z">/)
    })
  })

  describe('another order with the same number', () => {
    it('is explained beside the first one, and becomes an order of its own', async () => {
      const { id: original } = (await parom.post(asForm(anOrder({ order_id: 'C-1', total: '100' })))).body
      const first = await parom.reaches(original, 'delivered')
      const body = asForm(anOrder({ order_id: 'C-1', total: '<i>250</i>', gift: 'да' }))
      const id = await withDatabase(({ db }) => addConflict(db, first, body))
      const text = await visit(page(id))
      expect(text).toContain('С этим номером уже приходил заказ')
      expect(text).toContain(`<a href="${page(original)}">Заказ, пришедший первым</a>`)
      const differences = [
        ...text.matchAll(/<th scope="row">(.*?)<\/th>\s*<td[^>]*>(.*?)<\/td>\s*<td[^>]*>(.*?)<\/td>/g),
      ]
      expect(differences.map(([, ...cells]) => cells)).toEqual([
        ['total', '100', '&lt;i&gt;250&lt;/i&gt;'],
        ['gift', '—', 'да'],
      ])
      expect(await visit(page(original))).toMatch(new RegExp(`с тем же номером[\\s\\S]*href="${page(id)}"`))
      const list = await visit('/app/transactions?limit=500')
      expect(list).toContain(`<a href="${page(id)}">Другой заказ с этим номером</a>`)
      expect(list).toContain(`<a href="${page(original)}">Заказ, пришедший первым</a>`)

      expect(text).toContain('Это будет отдельный заказ со своей сделкой')
      await accept(id)
      const second = await parom.reaches(id, 'delivered')
      expect(second.lead_id).not.toBe(first.lead_id)
      expect(await parom.inbox.find(original)).toEqual(first)
      expect(await visit(page(id))).toContain('С этим номером уже приходил заказ')
    })

    it.each([
      ['cannot be read', 'нечто', 'Сравнить их не удалось'],
      ['is written in another way only', null, 'Поля у них одинаковые'],
    ])('says so when it %s', async (_, body, said) => {
      const order = anOrder({ comment: String(Math.random()) })
      const { id: original } = (await parom.post(asForm(order))).body
      const first = await parom.reaches(original, 'delivered')
      const json = 'application/json'
      const id = await withDatabase(({ db }) => addConflict(db, first, body ?? JSON.stringify(order), json))
      expect(await visit(page(id))).toContain(said)
    })

    it('is not sent with all that are dead, but with all conflicts', async () => {
      const { id: original } = (await parom.post(newOrder())).body
      const first = await parom.reaches(original, 'delivered')
      const id = await withDatabase(({ db }) => addConflict(db, first, newOrder()))
      await parom.inbox.redeliverWaiting({ account, state: 'dead' })
      expect(await parom.inbox.find(id)).toMatchObject({ state: 'dead' })
      await admin.submit('/app/transactions/redeliveries', { _csrf, state: 'dead', reason: 'conflict' })
      await parom.reaches(id, 'delivered')
    })

    it('outlives the first one', async () => {
      const { id: original } = (await parom.post(newOrder())).body
      const first = await parom.reaches(original, 'delivered')
      const id = await withDatabase(({ db }) => addConflict(db, { ...first, id: 'gone' }, newOrder()))
      expect(await visit(page(id))).toContain('Заказа, пришедшего первым, уже нет')
    })
  })
})

describe('what a viewer sees of a refused request', () => {
  it('is why it was refused, not whose it is', async () => {
    const { folder, remove } = configWithUsers([
      { login: 'viewer', name: 'Смотритель', password: await hash('viewer-password'), roles: ['viewer'] },
    ])
    const parom = await startParom({ databaseUrl: 'sqlite::memory:', env: { CONFIG_DIR: folder } })
    const id = await refuse(parom, { headers: { 'x-shop': 'secret' }, body: 'order_id=77&lastname=Ross' })
    const viewer = createVisitor(parom.url)
    await viewer.signIn('viewer', 'viewer-password')
    for (const path of ['/app/transactions?state=rejected&reason=unauthorized', `/app/transactions/${id}`]) {
      const { text } = await viewer.visit(path)
      expect(text).toContain('нет верного токена')
      expect(text).not.toMatch(/secret|Ross|77<|203\.0\.113\.7|Принять/)
    }
    const _csrf = await csrfOf(viewer)
    expect((await viewer.submit(`/app/transactions/${id}/redeliveries`, { _csrf, source: 'lk' })).status).toBe(403)
    await parom.close()
    remove()
  })
})
