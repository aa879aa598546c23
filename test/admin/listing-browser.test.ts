import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDatabase } from '../../src/database/open.ts'
import { violationsOf } from '../support/axe.ts'
import { startBrowser } from '../support/browser.ts'
import { addListed, oddOrders } from '../support/listed-orders.ts'
import { startParom } from '../support/parom.ts'

const screens = [
  { name: 'desktop', viewport: { width: 1280, height: 800 } },
  { name: 'telephone', viewport: { width: 360, height: 740 } },
]

describe('the list of orders in a browser', () => {
  const file = join(tmpdir(), `parom-${randomUUID()}.db`)
  const databaseUrl = `sqlite:${file}`
  let parom: Awaited<ReturnType<typeof startParom>>
  let browser: Browser
  let ids: string[]
  beforeAll(async () => {
    parom = await startParom({ databaseUrl })
    browser = await startBrowser()
    const minuteAgo = Date.now() - 60_000
    ids = await addListed(databaseUrl, [
      ...Array.from({ length: 60 }, (_, index) => ({
        ...{ order_number: `N-${1000 + index}`, received_at: minuteAgo - index * 1000 },
        ...(index < 3 ? { state: 'dead' as const, reason: 'crm_rejected' } : {}),
      })),
      ...oddOrders.map((order) => ({ ...order, received_at: minuteAgo - 100_000 })),
    ])
  })
  afterAll(async () => {
    await browser.close()
    await parom.close()
    rmSync(file, { force: true })
  })

  /** Signed in, with an ear for what must not run. */
  async function open(viewport = screens[0]?.viewport, path = '') {
    const context = await browser.newContext({ viewport: viewport ?? null })
    const page = await context.newPage()
    const alarms: string[] = []
    page.on('dialog', (dialog) => {
      alarms.push(dialog.message())
      void dialog.dismiss()
    })
    page.on('console', (message) => message.type() === 'error' && alarms.push(message.text()))
    page.on('pageerror', (error) => alarms.push(error.message))
    await page.goto(`${parom.url}/login?return_page=${encodeURIComponent(`/app/transactions${path}`)}`)
    await page.getByLabel('Логин').fill('admin')
    await page.getByLabel('Пароль').fill('admin')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Заказы' }).waitFor()
    return { page, alarms, [Symbol.asyncDispose]: () => context.close() }
  }

  const numbers = (page: Page) => page.locator('tbody .order strong').allTextContents()
  const addressOf = (page: Page) => decodeURIComponent(new URL(page.url()).search)
  /** What the page asks every few seconds it asks now. */
  const look = (page: Page) => page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
  let came = 0
  const another = () => addListed(databaseUrl, [{ order_number: `new-${++came}`, received_at: Date.now() }])

  it.each(screens)('answers while one types, and goes back the way it came: $name', async ({ viewport }) => {
    await using opened = await open(viewport)
    const { page, alarms } = opened
    await page.keyboard.press('/')
    await page.keyboard.type('n-100')
    await expect.poll(() => numbers(page)).toHaveLength(10)
    expect(addressOf(page)).toBe('?q=n-100')
    await page.keyboard.type('7')
    await expect.poll(() => numbers(page)).toEqual(['N-1007'])
    expect(await page.locator('#said').textContent()).toBe('1 заказ')
    expect(await page.locator('#q:focus').count()).toBe(1)

    await page.getByLabel('За какие дни').selectOption('today')
    await expect.poll(() => addressOf(page)).toBe('?q=n-1007&period=today')
    await page.getByRole('link', { name: '«n-1007»' }).click()
    await expect.poll(() => addressOf(page)).toBe('?period=today')
    expect(await page.locator('#q').inputValue()).toBe('')
    await page.goBack()
    await expect.poll(() => numbers(page)).toEqual(['N-1007'])
    expect(await page.locator('#q').inputValue()).toBe('n-1007')
    expect(await page.getByLabel('За какие дни').inputValue()).toBe('today')
    await page.goBack()
    await expect.poll(() => addressOf(page)).toBe('?q=n-1007')
    await expect.poll(() => page.getByLabel('За какие дни').inputValue()).toBe('')
    await page.goBack()
    await expect.poll(() => numbers(page)).toHaveLength(50)
    expect(await page.locator('#q').inputValue()).toBe('')
    expect(alarms).toEqual([])
  })

  it.each(screens)(
    'fits its screen, hurts nobody and runs nothing of what orders hold: $name',
    async ({ viewport }) => {
      const pages: [path: string, panels: string[]][] = [
        ['?limit=25&order=oldest', ['Фильтры']],
        ['?state=dead&q=N-&from=2026-01-01&stat=1', ['Виды', 'Выгрузить']],
      ]
      for (const [path, panels] of pages) {
        await using opened = await open(viewport, path)
        const { page, alarms } = opened
        const width = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'
        expect(await page.evaluate(width)).toBe(0)
        for (const panel of panels) {
          await page.locator('summary', { hasText: panel }).click()
          const box = await page.locator('details[open] .panel-body').boundingBox()
          expect(box?.x).toBeGreaterThanOrEqual(0)
          expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(viewport.width)
          expect(await violationsOf(page)).toEqual([])
          await page.keyboard.press('Escape')
        }
        expect(await page.evaluate(width)).toBe(0)
        expect(alarms).toEqual([])
      }
    },
  )

  it('shows new orders at once while nobody reads, and else says how many there are', async () => {
    await using opened = await open()
    const { page } = opened
    await page.mouse.move(0, 0)
    await another()
    await look(page)
    await expect.poll(async () => (await numbers(page))[0]).toBe(`new-${came}`)
    expect(await page.locator('tr.fresh').count()).toBe(1)
    const first = `new-${came}`

    await page.locator('tbody input').nth(4).check()
    await another()
    await another()
    await look(page)
    const pill = page.getByRole('button', { name: '2 новых' })
    await pill.waitFor()
    expect((await numbers(page))[0]).toBe(first)
    expect(await page.locator('#said').textContent()).toBe('2 новых')
    await pill.click()
    await expect.poll(async () => (await numbers(page)).slice(0, 3)).toEqual([`new-${came}`, `new-${came - 1}`, first])
    expect([await pill.isVisible(), await page.locator('#ticked').textContent()]).toEqual([false, '1'])
  })

  it.each([
    ['who points at a row', (page: Page) => page.locator('tbody tr').nth(3).hover()],
    ['who has scrolled down', (page: Page) => page.evaluate('scrollTo(0, 400)')],
    ['whose keyboard is in a row', (page: Page) => page.locator('tbody a').nth(3).focus()],
  ])('moves nothing away from under %s', async (_who, read) => {
    await using opened = await open()
    const { page } = opened
    await page.mouse.move(0, 0)
    await page.keyboard.press('Shift')
    await read(page)
    const before = await numbers(page)
    await another()
    await look(page)
    await page.getByRole('button', { name: '1 новый' }).waitFor()
    expect(await numbers(page)).toEqual(before)
  })

  it('asks nothing while the tab is hidden or it is switched off', async () => {
    await using opened = await open()
    const { page } = opened
    let asked = 0
    page.on('request', (request) => {
      if (request.url().includes('/news')) asked += 1
    })
    await page.evaluate("Object.defineProperty(document, 'hidden', { get: () => globalThis.away ?? false })")
    await page.evaluate('globalThis.away = true')
    await look(page)
    await page.evaluate('globalThis.away = false')
    await page.getByRole('switch').uncheck()
    await look(page)
    await page.reload()
    expect(await page.getByRole('switch').isChecked()).toBe(false)
    await look(page)
    expect(asked).toBe(0)
    const news = page.waitForRequest((request) => request.url().includes('/news'))
    await page.getByRole('switch').check()
    expect(await (await news).headerValue('x-look')).toBe('again')
  })

  it('shows how the orders in view go on, and keeps their ticks', async () => {
    await using opened = await open(undefined, '?order=oldest&limit=100')
    const { page } = opened
    const row = page.locator(`tr[data-row="${ids[2]}"]`)
    await row.getByRole('checkbox').check()
    const { db, close } = openDatabase(databaseUrl)
    await db
      .updateTable('messages')
      .set({ state: 'held', reason: 'not_connected' })
      .where('id', '=', ids[2] ?? '')
      .execute()
    await close()
    await look(page)
    await row.getByText('ждёт связи с amoCRM').waitFor()
    expect(await row.getByRole('checkbox').isChecked()).toBe(true)
  })

  it('sends those that are ticked, and all of a page by one tick', async () => {
    await using opened = await open(undefined, '?state=dead')
    const { page } = opened
    const button = page.getByRole('button', { name: 'Отправить отмеченные ещё раз' })
    expect(await button.isDisabled()).toBe(true)
    await page.getByLabel('Отметить заказ N-1001').check()
    expect(await button.textContent()).toBe('Отправить отмеченные ещё раз: 1')
    await page.getByLabel('Все на странице').check()
    const all = await page.locator('tbody input').count()
    expect(await page.locator('#ticked').textContent()).toBe(String(all))
    const sent = page.waitForRequest((request) => request.url().endsWith('/app/runs/new'))
    await button.click()
    const form = new URLSearchParams((await sent).postData() ?? '')
    expect(form.getAll('id')).toHaveLength(all)
    expect(form.getAll('id')).toContain(ids[1])
  })

  it('opens an order by a click on its row, but not while a text is marked', async () => {
    await using opened = await open(undefined, '?q=N-1030')
    const { page } = opened
    const { x = 0, y = 0, width = 0 } = (await page.locator('tbody .order strong').boundingBox()) ?? {}
    await page.mouse.move(x + 1, y + 5)
    await page.mouse.down()
    await page.mouse.move(x + width / 3, y + 5)
    await page.mouse.up()
    expect(await page.evaluate('String(getSelection())')).toMatch(/^N-1/)
    expect(new URL(page.url()).pathname).toBe('/app/transactions')
    await page.mouse.click(600, 5)
    await page.locator('tbody .partner').click()
    await page.waitForURL(`**/app/transactions/${ids[30]}`)
  })

  it('works without scripts', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false })
    const page = await context.newPage()
    await page.goto(`${parom.url}/login?return_page=${encodeURIComponent('/app/transactions')}`)
    await page.getByLabel('Логин').fill('admin')
    await page.getByLabel('Пароль').fill('admin')
    await page.getByRole('button', { name: 'Войти' }).click()
    await page.getByLabel('Поиск заказа').fill('N-1044')
    await page.keyboard.press('Enter')
    await page.waitForURL('**q=N-1044**')
    expect(await numbers(page)).toEqual(['N-1044'])
    expect(await page.getByRole('switch').count()).toBe(0)
    await context.close()
  })
})
