import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { type Database, openDatabase } from '../../src/database/open.ts'
import { onEachDatabase } from '../support/databases.ts'
import { storeFailed } from '../support/failed-orders.ts'
import { startParom } from '../support/parom.ts'
import { createVisitor, formWith } from '../support/visitor.ts'

const refused = (field: string, code = 'NotSupportedChoice') =>
  `POST /api/v4/leads: HTTP 400 Bad Request; «${field}» (custom_fields_values.3.values.0.value): ${code} Иванова`

onEachDatabase('the problems', (database) => {
  let parom: Awaited<ReturnType<typeof startParom>>
  let opened: Database
  let admin: ReturnType<typeof createVisitor>
  let viewer: ReturnType<typeof createVisitor>
  beforeAll(async () => {
    const databaseUrl = await database.fresh()
    parom = await startParom({ databaseUrl, users: [{ login: 'vera', roles: ['viewer'] }] })
    opened = openDatabase(databaseUrl)
    admin = createVisitor(parom.url)
    await admin.signIn()
    viewer = createVisitor(parom.url)
    await viewer.signIn('vera', 'vera-password')
  })
  afterAll(async () => {
    await opened.close()
    await parom.close()
  })
  beforeEach(() => opened.db.deleteFrom('messages').execute())

  const store = (howMany: number, columns: Parameters<typeof storeFailed>[2] = {}) =>
    storeFailed(opened, howMany, columns)
  const show = async (visitor = admin) => (await visitor.visit('/app/problems')).text
  const inMenu = (text: string) => /class="count">([\d+]+)</.exec(text)?.[1]
  const json = async (visitor = admin) =>
    JSON.parse((await visitor.visit('/app/problems', { headers: { accept: 'application/json' } })).text).problems

  it('are none when no order is stuck', async () => {
    await store(2, { state: 'delivered', reason: null, error: null })
    await store(2, { state: 'pending', reason: null, error: null, next_attempt_at: Date.now() + 60_000 })
    await store(2, { state: 'rejected', reason: 'unauthorized', error: null })
    const text = await show()
    expect(text).toContain('Всё в порядке')
    expect(inMenu(text)).toBeUndefined()
    expect(await json()).toEqual([])
  })

  it('stand by reason and by what amoCRM named, the greatest first', async () => {
    const at = Date.parse('2026-11-20T10:00:00Z')
    const ids = [
      ...(await store(1, { error: refused('Доставка'), receivedAt: at })),
      ...(await store(4, { error: refused('Доставка'), receivedAt: at + 60_000, order_number: '10512' })),
    ]
    await store(2, { error: refused('Оплата') })
    await store(3, {
      state: 'pending',
      reason: 'crm_unavailable',
      error: 'x: HTTP 503',
      next_attempt_at: Date.now() + 60_000,
    })
    await store(1, { reason: 'unknown_outcome' })
    expect(await json()).toMatchObject([
      {
        ...{ reason: 'crm_rejected', detail: 'Доставка · NotSupportedChoice', count: 5, isMore: false },
        ...{ first_at: '2026-11-20T10:00:00.000Z', last_at: '2026-11-20T10:01:00.000Z' },
        orders: ids.slice(-3).toReversed(),
      },
      { reason: 'crm_unavailable', detail: 'HTTP 503', count: 3 },
      { reason: 'crm_rejected', detail: 'Оплата · NotSupportedChoice', count: 2 },
      { reason: 'unknown_outcome', detail: null, count: 1 },
    ])
    const text = await show()
    expect(inMenu(text)).toBe('11')
    expect(text).toContain('Заказ 10512')
    expect(text).toContain('5 заказов')
    expect(text.match(/Отправить все ещё раз/g)).toHaveLength(3)
    expect(text).toContain('Откройте каждый заказ')
  })

  it('lead to a run of those of their cause alone', async () => {
    await store(5, { error: refused('Доставка') })
    const ids = await store(2, { error: refused('Оплата') })
    await store(3, { error: null })
    const links = [...(await show()).matchAll(/href="([^"]*runs\/new[^"]*)"/g)].map(([, link = '']) =>
      link.replaceAll('&amp;', '&'),
    )
    const counts = await Promise.all(
      links.map(async (link) => /Уйд[^ ]+ ещё раз (\d+)/.exec((await admin.visit(link)).text)?.[1]),
    )
    expect(counts).toEqual(['5', '3', '2'])
    const form = formWith('token', /./, (await admin.visit(links[2] ?? '')).text)
    await admin.submit('/app/runs', form)
    for (const id of ids) await parom.reaches(id, 'delivered')
    expect(inMenu(await show())).toBe('8')
    expect(await json()).toMatchObject([{ count: 5 }, { count: 3, detail: null }])
  })

  it('say of how many they know', async () => {
    await store(1100, { error: refused('Доставка') })
    await store(1, { error: refused('Оплата'), receivedAt: Date.now() })
    expect(await json()).toMatchObject([
      { detail: 'Доставка · NotSupportedChoice', count: 999, isMore: true },
      { detail: 'Оплата · NotSupportedChoice', count: 1, isMore: true },
    ])
    const text = await show()
    expect(text).toMatch(/999 из последних 1.000/)
    expect(inMenu(text)).toBe('999+')
  })

  it('show a viewer nothing of what orders hold, and no button', async () => {
    await store(2, { error: refused('Доставка<script>') })
    const text = await show(viewer)
    expect(text).toContain('Доставка&lt;script&gt; · NotSupportedChoice')
    expect(text).not.toContain('Иванова')
    expect(text).not.toContain('runs/new')
    expect(JSON.stringify(await json(viewer))).not.toContain('Иванова')
    expect(await show()).toContain('Иванова')
    expect(await show()).not.toContain('<script>Д')
  })
})
