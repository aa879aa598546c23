import { afterAll, beforeAll, expect, it } from 'vitest'
import { openDatabase } from '../../src/database/open.ts'
import { onEachDatabase } from '../support/databases.ts'
import { addListed, oddOrders, script } from '../support/listed-orders.ts'
import { startParom } from '../support/parom.ts'
import { createVisitor } from '../support/visitor.ts'

onEachDatabase('the export of orders', (database) => {
  let databaseUrl: string
  let parom: Awaited<ReturnType<typeof startParom>>
  let admin: ReturnType<typeof createVisitor>
  let _csrf: string
  let ids: string[]
  beforeAll(async () => {
    databaseUrl = await database.fresh()
    parom = await startParom({ databaseUrl, users: [{ login: 'olga', roles: ['viewer'] }] })
    const at = Date.parse('2026-01-02T23:59:58Z')
    ids = await addListed(databaseUrl, [
      {
        order_number: '=1+1',
        partner_id: '+7',
        email: '@SUM(A1)',
        total: -1.5,
        phone_digits: '79161234567',
        lead_id: 9,
      },
      { order_number: '0012;"a"\nb', state: 'dead', reason: 'crm_rejected', received_at: at, delivered_at: at },
      ...oddOrders,
      ...Array.from({ length: 1100 }, (_, index) => ({
        ...{ order_number: `many-${index}`, received_at: at - index - 1, source: 'many', total: index },
      })),
    ])
    admin = createVisitor(parom.url)
    await admin.signIn()
    _csrf = tokenIn((await admin.visit('/app/transactions')).text)
  })
  afterAll(() => parom.close())

  const tokenIn = (html: string) => /name="_csrf" value="([^"]+)"/.exec(html)?.[1] ?? ''
  const download = (fields: Record<string, string>) => admin.submit('/app/transactions/export', { _csrf, ...fields })

  it('is a table for Excel, in which no text is taken for a formula and numbers are numbers', async () => {
    const { text, headers, status } = await download({ format: 'csv', q: '=1+1' })
    expect([status, headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8'])
    expect(headers.get('content-disposition')).toMatch(/^attachment; filename=orders-\d{4}-\d\d-\d\d\.csv$/)
    // Whoever reads it as text takes the mark away.
    const lines = text.replace(/^\ufeff/, '').split('\r\n')
    expect(lines[0]).toBe(
      'Принят;Состояние;Причина;Источник;Форма;Номер заказа;Партнёр;Телефон;E-mail;Сумма;Сделка;Попыток;Доставлен;Id',
    )
    expect(lines[1]).toMatch(
      /^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d;доставлен;;lk;default;'=1\+1;'\+7;79161234567;'@SUM\(A1\);-1,5;9;1;;/,
    )
    expect(lines.slice(2)).toEqual([''])
  })

  it('says by its first bytes that it is UTF-8', async () => {
    const cookie = [...admin.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const body = new URLSearchParams({ _csrf, format: 'csv', q: '=1+1' })
    const response = await fetch(`${parom.url}/app/transactions/export`, { method: 'POST', headers: { cookie }, body })
    expect([...new Uint8Array(await response.arrayBuffer()).slice(0, 3)]).toEqual([0xef, 0xbb, 0xbf])
  })

  it('keeps line breaks, quotes, scripts and emoji of orders in their cells', async () => {
    const { text } = await download({ format: 'csv' })
    expect(text).toContain('2026-01-02 23:59:58;ждёт человека;amoCRM не приняла данные;lk;default;"0012;""a""\nb";')
    expect(text).toContain(`;${script};`)
    expect(text).toContain('Заказ №1 😀👨‍👩‍👧')
    expect(text).toContain(';12345678901,5;')
  })

  it('is of all that the filters mean, page after page', async () => {
    const { text, headers } = await download({ format: 'json', source: 'many', order: 'oldest', limit: '1' })
    expect(headers.get('content-type')).toMatch(/^application\/json/)
    const orders: { order_number: string; total: number }[] = JSON.parse(text)
    expect(orders.map(({ order_number }) => order_number)).toEqual(
      Array.from({ length: 1100 }, (_, index) => `many-${1099 - index}`),
    )
    expect(orders[0]?.total).toBe(1099)
    expect(JSON.parse((await download({ format: 'json', q: 'nobody' })).text)).toEqual([])
    expect(JSON.parse((await download({ format: 'json', state: 'dead' })).text)).toEqual([
      {
        ...{ id: ids[1], received_at: '2026-01-02T23:59:58.000Z', source: 'lk', form: 'default', state: 'dead' },
        ...{ reason: 'crm_rejected', order_number: '0012;"a"\nb', partner_id: null, phone: null, email: null },
        ...{ total: null, lead_id: null, attempts: 1, delivered_at: '2026-01-02T23:59:58.000Z' },
      },
    ])
  })

  it('is refused where it is not understood whose it shall be, for it would be of others, too', async () => {
    for (const [fields, name] of [
      [{ q: 'x'.repeat(191) }, 'q'],
      [{ state: 'nonsense', source: 'many' }, 'state'],
    ] as const) {
      const { status, text } = await download({ format: 'csv', ...fields })
      expect(status).toBe(422)
      expect(text).toMatch(new RegExp(`Ничего не выгружено[^]*: ${name}<`))
      expect(text).not.toContain('many-')
    }
  })

  it('is kept on record without whom it was about', async () => {
    await download({ format: 'csv', q: '79161234567', partner: '4600', state: 'delivered' })
    const { db, close } = openDatabase(databaseUrl)
    const [last] = await db.selectFrom('audit').selectAll().orderBy('id', 'desc').limit(1).execute()
    await close()
    expect(last).toMatchObject({ action: 'exported', login: 'admin' })
    expect(JSON.parse(last?.became ?? '')).toEqual({
      format: 'csv',
      filter: { state: 'delivered', q: true, partner: true },
    })
  })

  it('is for who may read orders, by a form of his own', async () => {
    expect((await admin.submit('/app/transactions/export', { format: 'csv' })).status).toBe(403)
    expect((await admin.visit('/app/transactions/export')).location).toBe('/app/transactions')
    const viewer = createVisitor(parom.url)
    await viewer.signIn('olga', 'olga-password')
    const token = tokenIn((await viewer.visit('/app/transactions')).text)
    expect((await viewer.submit('/app/transactions/export', { _csrf: token, format: 'csv' })).status).toBe(403)
  })
})
