import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { type Database, openDatabase } from '../../src/database/open.ts'
import { onEachDatabase } from '../support/databases.ts'
import { storeFailed } from '../support/failed-orders.ts'
import { anOrder, asForm } from '../support/orders.ts'
import { startParom } from '../support/parom.ts'
import { createVisitor, formWith } from '../support/visitor.ts'

onEachDatabase('sending many again', (database) => {
  let parom: Awaited<ReturnType<typeof startParom>>
  let opened: Database
  let admin: ReturnType<typeof createVisitor>
  let viewer: ReturnType<typeof createVisitor>
  let _csrf: string
  beforeAll(async () => {
    const databaseUrl = await database.fresh()
    const users = [{ login: 'vera', roles: ['viewer'] }]
    parom = await startParom({ databaseUrl, users, env: { WEBHOOK_TOKEN: 'right' } })
    opened = openDatabase(databaseUrl)
    admin = createVisitor(parom.url)
    await admin.signIn()
    viewer = createVisitor(parom.url)
    await viewer.signIn('vera', 'vera-password')
    _csrf = formWith('_csrf', /./, (await admin.visit('/app/runs')).text)['_csrf'] ?? ''
  })
  afterAll(async () => {
    await opened.close()
    await parom.close()
  })
  beforeEach(async () => {
    await parom.sandbox.faults([])
    await opened.db.deleteFrom('messages').execute()
  })

  const store = (howMany: number, columns: Parameters<typeof storeFailed>[2] = {}) =>
    storeFailed(opened, howMany, columns)
  const startForm = (text: string) => formWith('token', /./, text)
  const json = async (path: string) =>
    JSON.parse((await admin.visit(path, { headers: { accept: 'application/json' } })).text)
  /** Also repeated fields, as ticks are. */
  const send = (path: string, fields: [string, string][]) =>
    admin.visit(path, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams([['_csrf', _csrf], ...fields]).toString(),
    })
  async function startAll(query: string, fields: Record<string, string> = {}) {
    const form = startForm((await admin.visit(`/app/runs/new?${query}`)).text)
    return (await admin.submit('/app/runs', { ...form, ...fields })).location ?? expect.fail()
  }
  const ends = (run: string) =>
    expect.poll(async () => (await json(run)).state, { timeout: 150_000, interval: 100 }).toBe('done')

  it('carries two thousand failed orders to amoCRM in seconds, each once', { timeout: 240_000 }, async () => {
    await store(2000)
    const before = (await parom.sandbox.state()).leads.length
    const { text } = await admin.visit('/app/runs/new?state=dead')
    expect(text).toMatch(/Уйдут ещё раз 2.000 заказов/)
    expect(text).toContain('≈ 30 секунд: 6 запросов в секунду, до 50 заказов вместе')
    const run = await startAll('state=dead')
    await ends(run)
    expect(await json(run)).toMatchObject({ total: 2000, delivered: 2000, failed: 0, waiting: 0, created_by: 'admin' })
    expect((await parom.sandbox.state()).leads.length - before).toBe(2000)
    const page = await admin.visit(run)
    expect(page.text).toContain('100 %')
    expect(page.text).toContain('закончена')
    expect(page.text).not.toContain('hx-trigger')
  })

  it('says what it will do and what it leaves, and does nothing yet', async () => {
    await store(3)
    await store(2, { reason: 'unknown_outcome' })
    await store(4, { state: 'delivered', reason: null, error: null, lead_id: 1 })
    const { text } = await admin.visit('/app/runs/new')
    const shown = text.replace(/<[^>]+>/g, '').replace(/\s+/g, ' ')
    expect(shown).toContain('Уйдут ещё раз 3 заказа')
    expect(shown).toContain('3 ждут человека')
    expect(shown).toContain('2 неизвестно, создана ли сделка')
    expect(shown).toContain('4 уже доставлены, сделка есть')
    expect((await json('/app/runs')).runs.some(({ state }: { state: string }) => state === 'running')).toBe(false)
    expect(await parom.inbox.count({ state: 'dead' }, 100)).toBe(5)
  })

  it('means what the list shows, all of it or what is ticked there', async () => {
    await store(3, { source: 'old', receivedAt: Date.parse('2026-11-20T10:00:00Z') })
    await store(4)
    const { text } = await admin.visit('/app/transactions?state=dead&source=old&to=2026-11-20')
    const all = await admin.submit('/app/runs/new', formWith('all', '1', text))
    expect(all.text).toContain('Уйдут ещё раз 3 заказа')
    const back = /href="([^"]*transactions\?[^"]+)"/.exec(all.text)?.[1]?.replaceAll('&amp;', '&') ?? ''
    expect(Object.fromEntries(new URL(back, parom.url).searchParams)).toEqual({
      ...{ state: 'dead', source: 'old', to: expect.stringMatching(/^2026-11-2[01]T/) },
    })
    const ticks = [...text.matchAll(/type="checkbox" name="id" value="([^"]+)"/g)].map(([, id = '']) => id)
    const ticked = await send(
      '/app/runs/new',
      ticks.slice(0, 2).map((id) => ['id', id]),
    )
    expect(ticked.text).toContain('Уйдут ещё раз 2 заказа')
  })

  it('sends those that were ticked, as many as a list may hold', async () => {
    const ids = await store(510)
    const ticks = ids.slice(0, 500).map((id): [string, string] => ['id', id])
    const asked = await send('/app/runs/new', ticks)
    expect(asked.status).toBe(200)
    expect(asked.text).toContain('Уйдут ещё раз 500 заказов')
    const token = startForm(asked.text)['token'] ?? ''
    const { location } = await send('/app/runs', [['token', token], ['name', 'Отмеченные'], ...ticks])
    await ends(location ?? '')
    expect(await json(location ?? '')).toMatchObject({ name: 'Отмеченные', total: 500, delivered: 500 })
    expect(await parom.inbox.count({ state: 'dead' }, 100)).toBe(10)
    const tooMany = await send(
      '/app/runs/new',
      ids.slice(0, 501).map((id): [string, string] => ['id', id]),
    )
    expect(tooMany.status).toBe(422)
  })

  it.each([
    [[['id', 'nonsense']], 'Непонятно, какие заказы'],
    [[], 'Ни один заказ не отмечен'],
    [
      [
        ['all', '1'],
        ['state', 'nonsense'],
      ],
      'Непонятно, какие заказы',
    ],
    [
      [
        ['all', '1'],
        ['nonsense', '1'],
      ],
      'Непонятно, какие заказы',
    ],
    [
      [
        ['all', '1'],
        ['from', 'вчера'],
      ],
      'Непонятно, какие заказы',
    ],
    [[['of', 'x']], 'Непонятно, какие заказы'],
  ] as [[string, string][], string][])('sends nothing by the form %j', async (fields, words) => {
    await store(2)
    for (const path of ['/app/runs/new', '/app/runs']) {
      const { status, text } = await send(path, [...fields, ['token', crypto.randomUUID()]])
      expect(status).toBe(422)
      expect(text).toContain(words)
    }
    expect(await parom.inbox.count({ state: 'dead' }, 100)).toBe(2)
  })

  it('starts one run of two clicks, and leads who means the same to it', async () => {
    await store(3)
    await parom.sandbox.faults([{ method: 'POST', path: '/api/v4/leads', effect: 'delay', delay_ms: 700, times: 1 }])
    const form = startForm((await admin.visit('/app/runs/new?state=dead')).text)
    const other = startForm((await admin.visit('/app/runs/new?state=dead')).text)
    const clicks = await Promise.all([form, form, other].map((each) => admin.submit('/app/runs', each)))
    const places = new Set(clicks.map(({ location }) => location?.split('?')[0]))
    expect(places.size).toBe(1)
    const [run = ''] = places
    await ends(run)
    expect(await json(run)).toMatchObject({ total: 3, delivered: 3 })
    const record = await opened.db.selectFrom('audit').selectAll().where('target', '=', run.slice(-36)).execute()
    expect(record).toMatchObject([{ action: 'run_started', login: 'admin', became: '{"filter":{"state":"dead"}}' }])
  })

  it('is paused, resumed and cancelled by people who may, and shows who sees what has become of it', async () => {
    await store(900)
    await parom.sandbox.faults([{ method: 'POST', path: '/api/v4/leads', effect: 'delay', delay_ms: 500 }])
    const run = await startAll('state=dead', { name: 'После сбоя <script>' })
    await expect.poll(async () => (await json(run)).queued, { interval: 10 }).toBeGreaterThan(0)
    expect((await admin.submit(`${run}/pause`, { _csrf })).location).toBe(run)
    const { waiting } = await json(run)
    expect(waiting).toBeGreaterThan(300)
    const page = (await viewer.visit(run)).text
    expect(page).toContain('приостановлена')
    expect(page).toContain('После сбоя &lt;script&gt;')
    expect(page).not.toContain('<button>Продолжить')
    await expect.poll(async () => (await json(run)).queued, { timeout: 30_000 }).toBe(0)
    expect((await json(run)).waiting).toBe(waiting)
    await admin.submit(`${run}/resume`, { _csrf })
    expect((await json(run)).state).toBe('running')
    await admin.submit(`${run}/cancel`, { _csrf })
    expect((await admin.visit(run)).text).toContain('отменена')
    await expect.poll(async () => (await json(run)).queued, { timeout: 30_000 }).toBe(0)
    const left = await json(run)
    expect(left.waiting).toBe(await parom.inbox.count({ state: 'dead' }, 1000))
    const record = await opened.db
      .selectFrom('audit')
      .select('action')
      .where('target', '=', run.slice(-36))
      .orderBy('id')
      .execute()
    expect(record.map(({ action }) => action)).toEqual(['run_started', 'run_paused', 'run_resumed', 'run_cancelled'])
    expect((await admin.visit(`${run}/pause`)).location).toBe(run)
    expect((await admin.visit('/app/runs')).text).toContain('После сбоя &lt;script&gt;')
  })

  it('shows first what failed again, and sends only that again', async () => {
    const [id = ''] = await store(1)
    await parom.sandbox.faults([{ method: 'POST', path: '/api/v4/leads', effect: 'status', status: 400 }])
    const run = await startAll('state=dead')
    await ends(run)
    expect(await json(run)).toMatchObject({ total: 1, failed: 1 })
    const { text } = await admin.visit(run)
    expect(text).toMatch(new RegExp(`show=failed" aria-current="page"[\\s\\S]*transactions/${id}`))
    expect(text).toContain(`/app/runs/new?of=${run.slice(-36)}`)
    await parom.sandbox.faults([])
    const again = await startAll(`of=${run.slice(-36)}`)
    await ends(again)
    expect(await json(again)).toMatchObject({ total: 1, delivered: 1 })
    expect((await admin.visit(again)).text).toContain('Те, что не ушли в отправке')
  })

  it('takes refused requests for orders where they are asked for', async () => {
    const { status } = await parom.post(asForm(anOrder()), { authorization: 'Bearer wrong' })
    expect(status).toBe(401)
    await expect.poll(() => parom.inbox.count({ state: 'rejected' }, 10)).toBe(1)
    expect((await admin.visit('/app/runs/new?state=dead')).text).toContain('Отправлять нечего')
    const run = await startAll('state=rejected&reason=unauthorized')
    await ends(run)
    expect(await json(run)).toMatchObject({ total: 1, delivered: 1 })
  })

  it('gives a viewer no word that was searched for', async () => {
    await store(1)
    const run = await startAll('state=dead&q=79990001122').catch(() => null)
    // Nothing matches, so there is no form; the run is started as a person with an old form would.
    const { location } = run
      ? { location: run }
      : await send('/app/runs', [
          ['token', crypto.randomUUID()],
          ['name', 'x'],
          ['all', '1'],
          ['state', 'dead'],
          ['q', '79990001122'],
        ])
    expect((await viewer.visit(location ?? '')).text).not.toContain('79990001122')
    expect((await admin.visit(location ?? '')).text).toContain('79990001122')
  })
})
