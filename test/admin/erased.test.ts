import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { openDatabase } from '../../src/database/open.ts'
import { dayMs } from '../../src/inbox/retention-job.ts'
import { onEachDatabase } from '../support/databases.ts'
import { anOrder, asForm } from '../support/orders.ts'
import { startParom } from '../support/parom.ts'
import { run } from '../support/process.ts'
import { createVisitor } from '../support/visitor.ts'

const phone = '+7 913 246-80-13'

onEachDatabase('an order whose data are old', (database) => {
  let databaseUrl: string
  let parom: Awaited<ReturnType<typeof startParom>>
  let visitor: ReturnType<typeof createVisitor>
  let _csrf: string
  let id: string
  let place: string
  const order = anOrder({ telephone: phone, email: 'anna@mail.example', order_id: '77' })
  beforeAll(async () => {
    databaseUrl = await database.fresh()
    parom = await startParom({ databaseUrl })
    id = (await parom.post(asForm(order))).body.id
    place = `/app/transactions/${id}`
    await parom.reaches(id, 'delivered')
    await beginAnew()
    parom.clock.advance(91 * dayMs)
    const { body } = await parom.post(asForm({ ...order, order_id: '78' }))
    await parom.reaches(body.id, 'delivered')
    parom.advance(0)
    await vi.waitFor(async () => expect((await parom.inbox.find(id))?.erased_for).toBe('age'), { timeout: 15_000 })
    await vi.waitFor(async () => expect(await parom.inbox.attempts(id)).toEqual([]), { timeout: 15_000 })
    visitor = createVisitor(parom.url)
    await visitor.signIn()
    _csrf = /name="_csrf" value="([^"]+)"/.exec((await visitor.visit('/app/transactions')).text)?.[1] ?? ''
  })
  afterAll(() => parom.close())

  /** So that it need not see each of these days. */
  async function beginAnew() {
    const { db, close } = openDatabase(databaseUrl)
    const clock = () => db.selectFrom('retention').selectAll().where('task', '=', 'clock').executeTakeFirst()
    await vi.waitFor(async () => expect((await clock())?.ended_at).toBeTruthy(), { timeout: 15_000 })
    await db.deleteFrom('retention').where('task', '=', 'clock').execute()
    await close()
  }

  it('says what is left of it, why, and what became of its requests', async () => {
    const { status, text } = await visitor.visit(place)
    expect(status).toBe(200)
    for (const said of [
      'Данные покупателя стёрты',
      'Срок их хранения вышел.',
      'Остались номер заказа, партнёр, сделка',
      'Ещё 1 попытка была раньше',
      '77',
      String((await parom.inbox.find(id))?.lead_id),
    ])
      expect(text).toContain(said)
    expect(text).not.toMatch(/order\.\w+\.|246|anna@/)
    for (const form of ['/redeliveries"', 'id="received"', '/plan"', 'curl --globoff']) expect(text).not.toContain(form)
  })

  it('is not sent again, whichever form asks for it', async () => {
    const before = await parom.inbox.find(id)
    for (const fields of [{}, { words: 'вторая сделка', edition: '1' }, { outcome: 'not_created', attempts: '1' }]) {
      const { status, text } = await visitor.submit(`${place}/redeliveries`, { _csrf, ...fields })
      expect([status, text]).toEqual([410, expect.stringContaining('Отправить нечего')])
    }
    expect(await parom.inbox.find(id)).toEqual(before)
    if (database.name === 'MariaDB') return
    const { exited, output } = run('src/cli/parom.ts', ['redeliver', id], {
      ENV_TYPE: 'local',
      DATABASE_URL: databaseUrl,
    })
    expect([await exited, output()]).toEqual([1, expect.stringContaining('данные этого заказа стёрты')])
  })

  it.each([
    ['/plan', 410, 'показать, что из него выйдет, нельзя'],
    ['/body', 410, 'Данные этого заказа стёрты.'],
    ['/text?part=body', 410, 'Данные этого заказа стёрты.'],
    ['/text?part=headers&raw', 410, 'Данные этого заказа стёрты.'],
    ['/text?part=answer&attempt=1&step=1', 404, 'Not Found'],
  ])('has nothing at %s', async (path, status, said) => {
    expect(await visitor.visit(`${place}${path}`)).toMatchObject({ status, text: expect.stringContaining(said) })
  })

  it('is not tried on the bench', async () => {
    const { status, text } = await visitor.visit(`/app/mapping/bench?message=${id}`)
    expect([status, text]).toEqual([422, expect.stringContaining('Данные этого заказа стёрты')])
  })

  it('is found by its number, its partner and its lead, and by its buyer no more', async () => {
    const found = async (query: string) => (await visitor.visit(`/app/transactions?${query}`)).text.includes(id)
    const lead = (await parom.inbox.find(id))?.lead_id
    expect([await found('q=77'), await found('partner=1'), await found(`q=${lead}`)]).toEqual([true, true, true])
    expect([await found(`q=${encodeURIComponent(phone)}`), await found('q=anna@mail.example')]).toEqual([false, false])
  })

  it('can be saved with the list', async () => {
    const { status, text } = await visitor.submit('/app/transactions/export', { _csrf, format: 'csv', q: '77' })
    expect([status, text]).toEqual([200, expect.stringContaining(id)])
    expect(text).not.toMatch(/246|anna@/)
  })

  it('is known when it comes again, and cannot be compared with one that differs', async () => {
    expect((await parom.post(asForm(order))).body).toMatchObject({ id, duplicate: true })
    const { body } = await parom.post(asForm({ ...order, lastname: 'Другая' }))
    const [conflict] = await parom.inbox.conflictsOf([body.id])
    const { text } = await visitor.visit(`/app/transactions/${conflict?.id}`)
    expect(text).toContain('Сравнить их нельзя: данные одного из них стёрты.')
  })

  it('is told of on the page of maintenance, with how long everything is kept', async () => {
    const { text } = await visitor.visit('/app/maintenance')
    expect(text).toContain('Сколько хранятся данные')
    expect(text).toMatch(/Данные покупателя в доставленных заказах[\s\S]*?90 дней[\s\S]*?удалено 1,/)
    expect(text).toMatch(/Отклонённые запросы[\s\S]*?14 дней[\s\S]*?ещё ничего не удалялось/)
    expect(text).not.toContain('Часы сервера на')
  })
})
