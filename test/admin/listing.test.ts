import { afterAll, beforeAll, expect, it } from 'vitest'
import { onEachDatabase } from '../support/databases.ts'
import { addListed, oddOrders, script } from '../support/listed-orders.ts'
import { anOrder, asForm } from '../support/orders.ts'
import { startParom } from '../support/parom.ts'
import { createVisitor, formWith } from '../support/visitor.ts'

const hour = 60 * 60_000

onEachDatabase('the list of orders', (database) => {
  let parom: Awaited<ReturnType<typeof startParom>>
  let admin: ReturnType<typeof createVisitor>
  let viewer: ReturnType<typeof createVisitor>
  let ids: string[]
  let later: number
  beforeAll(async () => {
    const databaseUrl = await database.fresh()
    parom = await startParom({ databaseUrl, users: [{ login: 'olga', roles: ['viewer'] }] })
    later = Date.now() + 90 * 60_000
    ids = await addListed(databaseUrl, [
      { order_number: 'N-1', phone_digits: '79161234567', email: 'ivan@example.ru', total: 12500.5, lead_id: 77 },
      { order_number: 'N-2', state: 'pending', reason: 'crm_unavailable', attempts: 3, next_attempt_at: later },
      { order_number: 'N-3', state: 'pending', next_attempt_at: later, lease_until: later },
      { order_number: 'N-4', state: 'pending', next_attempt_at: later, partner_id: '4600', attempts: 0 },
      { order_number: 'N-5', state: 'held', reason: 'not_connected', source: 'site' },
      { order_number: 'N-6', state: 'dead', reason: 'crm_rejected', lead_id: 5 },
      { order_number: 'N-7', state: 'dead', reason: 'unknown_outcome' },
      { order_number: 'N-8', state: 'dead', reason: 'conflict' },
      { state: 'rejected', reason: 'unauthorized', source: 'unknown', address: '203.0.113.7' },
      ...oddOrders,
      ...Array.from({ length: 12 }, (_, index) => ({
        order_number: `old-${index}`,
        received_at: Date.now() - 50 * hour - index * 1000,
        lead_id: 100 + index,
      })),
    ])
    admin = createVisitor(parom.url)
    await admin.signIn()
    viewer = createVisitor(parom.url)
    await viewer.signIn('olga', 'olga-password')
  })
  afterAll(() => parom.close())

  const visit = async (query = '', who = admin) => (await who.visit(`/app/transactions${query}`)).text
  const tbody = (html: string) => /<tbody>([\s\S]*)<\/tbody>/.exec(html)?.[1] ?? ''
  const rowOf = (html: string, id = '') => html.split('<tr ').find((row) => row.includes(`data-row="${id}"`)) ?? ''
  const numbers = (html: string) =>
    [...html.matchAll(/<strong class="cut">(.*?)<\/strong>/g)].map(([, number]) => number)
  const plain = (html: string) => html.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ')

  it.each([
    [0, '✓ доставлен'],
    [1, '↻ ждёт повтора amoCRM не отвечает'],
    [2, '→ отправляется'],
    [3, '• в очереди'],
    [4, '⏸ ждёт связи с amoCRM нет связи с amoCRM'],
    [5, '! ждёт человека amoCRM не приняла данные'],
    [6, '? исход неизвестен'],
    [7, '≠ номер уже был'],
  ])('says of order %i by sign and word how far it is: %s', async (index, words) => {
    expect(plain(rowOf(await visit(), ids[index]))).toContain(words)
  })

  it('shows the sum, the buyer, the tries, when the next one is, and the lead', async () => {
    const html = await visit()
    expect(plain(rowOf(html, ids[0]))).toContain('N-1 +7 916 123-45-67 ivan@example.ru lk — 12 500,50 1 — 77')
    expect(plain(rowOf(html, ids[1]))).toMatch(/ 3 через (1 ч|2 ч|90 мин).* \d\d:\d\d/)
    expect(plain(rowOf(html, ids[9]))).toContain(' — 0 1 ')
    expect(plain(rowOf(html, ids[10]))).toContain(' 12 345 678 901,50 ')
    expect(html).not.toContain(script)
    expect(html.split('&lt;script&gt;alert(1)&lt;/script&gt;').length).toBeGreaterThan(6)
  })

  it('shows viewers whose an order is by the end of the phone only', async () => {
    const row = plain(rowOf(await visit('', viewer), ids[0]))
    expect(row).toContain('+7 ••• •••-45-67 i•••@example.ru')
    expect(row).not.toMatch(/916|ivan/)
    expect(await visit('', viewer)).not.toMatch(/name="id"|Выгрузить|runs\/new/)
  })

  it.each([
    ['8+(916)+123-45-67', ['N-1'], ['N-1']],
    ['ivan@example.ru', ['N-1'], ['N-1']],
    ['%2B7916123456', ['N-1'], []],
    ['iv', ['N-1'], []],
  ])('finds a buyer by %s, but for viewers only by the whole of it', async (text, found, foundByViewer) => {
    expect(numbers(tbody(await visit(`?q=${text}`)))).toEqual(found)
    const html = await visit(`?q=${text}`, viewer)
    expect(numbers(tbody(html))).toEqual(foundByViewer)
    expect(plain(html)).toContain(foundByViewer.length > 0 ? ' 1 заказ ' : ' 0 заказов ')
    const news = await viewer.visit(`/app/transactions/news?q=${text}&after=00000000-0000-0000-0000-000000000000`)
    expect(news.text).toContain(`data-count="${foundByViewer.length}"`)
  })

  it.each([
    ['?state=retrying', ['N-2']],
    ['?state=pending&source=lk', ['N-2', 'N-3', 'N-4']],
    ['?source=site', ['N-5']],
    ['?reason=conflict', ['N-8']],
    ['?partner=4600', ['N-4']],
    ['?q=n-6', ['N-6']],
    ['?q=8+(916)+123-45-67', ['N-1']],
    ['?q=%2B7916123', ['N-1']],
    ['?q=IVAN@example.ru', ['N-1']],
    ['?q=77', ['N-1']],
    ['?lead=none&source=lk', ['N-2', 'N-3', 'N-4', 'N-7', 'N-8']],
    ['?state=dead&period=7d&q=N-', ['N-6', 'N-7', 'N-8']],
    ['?period=30d&order=oldest&limit=2', ['old-11', 'old-10']],
    ['?q=nothing+of+the+kind', []],
  ])('finds by %s', async (query, found) => {
    expect(numbers(tbody(await visit(query)))).toEqual(found)
  })

  it('names each filter, takes it away by a click, and says what it does not understand', async () => {
    const html = await visit('?q=N-&state=dead&limit=25&stat=dead&reason=nonsense')
    expect(html).toContain('href="/app/transactions?state=dead&amp;limit=25">«N-»')
    expect(html).toContain('href="/app/transactions?q=N-&amp;limit=25">ждёт человека')
    expect(plain(html)).toContain('по ней ничего не отобрано: stat, reason')
    expect(numbers(tbody(html))).toEqual(['N-6', 'N-7', 'N-8'])
    const answer = await admin.visit('/app/transactions?stat=dead', { headers: { accept: 'application/json' } })
    expect(JSON.parse(answer.text)).toMatchObject({ ignored: ['stat'] })
  })

  it('is paged from both ends without a row twice or none, also while orders come', async () => {
    for (const order of ['newest', 'oldest']) {
      const seen: (string | undefined)[] = []
      for (let next: string | undefined = `?q=old-&limit=5&order=${order}`; next; ) {
        const html = await visit(next)
        seen.push(...numbers(tbody(html)))
        next = /href="\/app\/transactions(\?[^"]+)" rel="next"/.exec(html)?.[1]?.replaceAll('&amp;', '&')
      }
      const wanted = Array.from({ length: 12 }, (_, index) => `old-${index}`)
      expect(seen).toEqual(order === 'newest' ? wanted : wanted.toReversed())
    }
    expect(plain(await visit('?q=old-&limit=5'))).toContain('12 заказов')
    expect(plain(await visit('?q=n-6'))).toContain('1 заказ ')
  })

  it('tells an open page how many came since, and which rows have changed', async () => {
    const html = await visit()
    const stamps = [...html.matchAll(/data-row="([^"]+)" data-stamp="([^"]+)" data-live/g)]
    expect(stamps.length).toBe(7)
    const rows = stamps.map(([, id, stamp], index) => `${id?.replaceAll('-', '')}.${index === 0 ? 'AAAAAAAA' : stamp}`)
    const news = async (query: string) => (await admin.visit(`/app/transactions/news?${query}`)).text
    const answer = await news(`after=${ids[4]}&rows=${rows.join(',')}`)
    expect(answer).toContain('data-count="4">4 новых')
    expect([...answer.matchAll(/data-row="([^"]+)"/g)].map(([, id]) => id)).toEqual([stamps[0]?.[1]])
    expect(await news(`after=${ids[4]}&state=delivered`)).toContain('data-count="1"')
    expect(await news('after=nonsense&rows=nonsense,%27.12345678')).toContain('data-count="0"')
  })

  it('lets who may send tick orders and all that match', async () => {
    const html = await visit('?state=dead&q=N-')
    expect([...html.matchAll(/name="id" value="([^"]+)" form="ticks"/g)].map(([, id]) => id)).toEqual(ids.slice(5, 8))
    expect(html).toContain('Отправить ещё раз все (3)')
    expect(formWith('all', '1', html)).toEqual({ _csrf: expect.any(String), all: '1', q: 'N-', state: 'dead' })
    expect(await visit('?state=rejected')).not.toContain('Отправить ещё раз все')
  })

  it.each([
    ['?source=lk', 'все (6)'],
    ['?period=today&q=N-', 'все (7)'],
    ['?source=site', 'все (1)'],
    ['?q=N-1', null],
    ['?q=old-', null],
    ['?state=delivered&source=lk', null],
  ])('offers to send again only what is not delivered: %s', async (query, words) => {
    const [, offered = null] = /Отправить ещё раз (все.*?)</.exec(await visit(query)) ?? []
    expect(offered).toBe(words)
  })

  it('gives sums in the currency of the account, in the language of who reads them', async () => {
    const { body } = await parom.post(asForm(anOrder({ order_id: 'N-first', total: '98765.4' })))
    await parom.reaches(body.id, 'delivered')
    parom.advance(61_000)
    expect(plain(rowOf(await visit('?q=n-first'), body.id))).toContain(' 98 765,40 ₽ ')
    viewer.cookies.set('parom-language', 'en')
    expect(plain(rowOf(await visit('?q=n-first', viewer), body.id))).toMatch(/✓ delivered N-first .* RUB 98,765.40 /)
  })
})
