import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDatabase } from '../../src/database/open.ts'
import { createMessageId } from '../../src/inbox/message-id.ts'
import { startBrowser } from '../support/browser.ts'
import { freshMariadb } from '../support/databases.ts'
import { anOrder, asForm } from '../support/orders.ts'
import { startParom } from '../support/parom.ts'

describe('the overview in a browser', () => {
  let parom: Awaited<ReturnType<typeof startParom>>
  let browser: Browser
  let databaseUrl: string
  beforeAll(async () => {
    databaseUrl = await freshMariadb()
    parom = await startParom({ databaseUrl })
    browser = await startBrowser()
  })
  afterAll(async () => {
    await browser.close()
    await parom.close()
  })

  async function open(options: Parameters<Browser['newContext']>[0]) {
    const page = await (await browser.newContext(options)).newPage()
    page.setDefaultTimeout(20_000)
    const complaints: string[] = []
    page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())))
    page.on('pageerror', (error) => void complaints.push(error.message))
    await page.goto(`${parom.url}/app`)
    await page.getByLabel('Логин').fill('admin')
    await page.getByLabel('Пароль').fill('admin')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Обзор' }).waitFor()
    return { page, complaints }
  }

  /** How many dots of the chart of today have any colour, and the colour of most of them. */
  const dotsOf = (page: Page): Promise<{ count: number; commonest: string }> =>
    page.evaluate(`(() => {
      const canvas = document.querySelector('.chart canvas')
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
      const colours = new Map()
      for (let at = 0; at < data.length; at += 4) {
        if (data[at + 3] < 255) continue
        const colour = [...data.slice(at, at + 3)].join()
        colours.set(colour, (colours.get(colour) ?? 0) + 1)
      }
      const [commonest = ['']] = [...colours].sort((one, other) => other[1] - one[1])
      return { count: [...colours.values()].reduce((sum, each) => sum + each, 0), commonest: commonest[0] }
    })()`)

  /** Orders that were delivered just now. */
  async function deliver(count: number) {
    const { db, close } = openDatabase(databaseUrl)
    const at = Date.now() - 2000
    const rows = Array.from({ length: count }, () => {
      const id = createMessageId(at)
      const received = { id, account: 'sandbox.amocrm.ru', source: 'lk', received_at: at, dedupe_key: id }
      const content = { content_type: 'text/plain', headers: '{}', body: Buffer.from('x') }
      return { ...received, ...content, state: 'delivered' as const, delivered_at: at + 1000 }
    })
    await db.insertInto('messages').values(rows).execute()
    await close()
  }

  it('waits for the first order, and ticks it off without a hand on the keyboard', async () => {
    const { page, complaints } = await open({ viewport: { width: 1280, height: 900 } })
    await page.getByText('Ждём заказ').waitFor()
    await parom.post(asForm(anOrder()))
    await page.getByRole('link', { name: 'Посмотреть его' }).waitFor()
    expect(await page.getByText('Ждём заказ').count()).toBe(0)
    expect(complaints).toEqual([])
    await page.close()
  })

  it('draws its charts, keeps them up to date, and leaves unfolded what was unfolded', async () => {
    const { page, complaints } = await open({ viewport: { width: 1280, height: 900 } })
    await page.locator('.chart canvas').first().waitFor()
    const empty = await dotsOf(page)
    await page.getByText('Те же числа таблицей').first().click()
    await deliver(40)
    await page.evaluate(`htmx.trigger(document.querySelector('#overview'), 'look')`)
    const table = page.getByRole('table', { name: 'Сегодня' })
    await table
      .getByRole('cell', { name: '40' })
      .or(table.getByRole('cell', { name: '41' }))
      .first()
      .waitFor()
    await expect.poll(async () => (await dotsOf(page)).count).toBeGreaterThan(empty.count + 200)
    await page.locator('.chart').first().hover()
    expect(await page.locator('.chart p').first().textContent()).toMatch(/^\d\d:00–\d\d:00: принято \d+, доставлено/)
    expect(await page.locator('.chart canvas').count()).toBe(2)
    expect(complaints).toEqual([])
    await page.close()
  })

  it('looks again by itself only while somebody sees it', async () => {
    // Before the first order it would look more often.
    await deliver(1)
    const { page } = await open({ viewport: { width: 1280, height: 900 } })
    await page.clock.install()
    await page.reload()
    let looks = 0
    page.on('request', (request) => void (request.url().endsWith('/app') && looks++))
    await page.clock.runFor(17_000)
    await expect.poll(() => looks).toBe(1)
    await page.evaluate(`Object.defineProperty(document, 'hidden', { value: true, configurable: true })`)
    await page.clock.runFor(60_000)
    // Whatever was asked before this is known by the time that it is answered.
    await page.evaluate(`fetch('/health/live').then((response) => response.text())`)
    expect(looks).toBe(1)
    await page.evaluate(`Object.defineProperty(document, 'hidden', { value: false })`)
    await page.clock.runFor(1000)
    await expect.poll(() => looks).toBe(2)
    await page.close()
  })

  it('keeps what it shows while nothing can be had, and asks to sign in who is signed out by now', async () => {
    const { page } = await open({ viewport: { width: 1280, height: 900 } })
    const lookAgain = () => page.evaluate(`htmx.trigger(document.querySelector('#overview'), 'look')`)
    await page.route('**/app', (route) => route.fulfill({ status: 500, contentType: 'text/html', body: '<p>no</p>' }))
    const answered = page.waitForResponse('**/app')
    await lookAgain()
    await (await answered).finished()
    await page.unroute('**/app')
    expect(await page.locator('#overview .tile').count()).toBe(4)
    await page.context().clearCookies()
    await lookAgain()
    await page.getByLabel('Пароль').waitFor()
    expect(page.url()).toBe(`${parom.url}/login?return_page=%2Fapp`)
    await page.close()
  })

  it('changes its colours with those of the system', async () => {
    const { page, complaints } = await open({ viewport: { width: 1280, height: 900 }, colorScheme: 'light' })
    await page.locator('.chart canvas').first().waitFor()
    const light = await dotsOf(page)
    await page.emulateMedia({ colorScheme: 'dark' })
    await expect.poll(async () => (await dotsOf(page)).commonest).not.toBe(light.commonest)
    expect((await dotsOf(page)).commonest).toMatch(/^\d+,\d+,\d+$/)
    expect(complaints).toEqual([])
    await page.close()
  })

  it('fits a phone, and shows the numbers where no script runs', async () => {
    const { page } = await open({ viewport: { width: 360, height: 740 } })
    const sideways = () => page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
    await page.locator('.chart canvas').first().waitFor()
    expect(await sideways()).toBe(0)
    for (const summary of await page.getByText('Те же числа таблицей').all()) await summary.click()
    expect(await sideways()).toBe(0)
    await page.close()

    const { page: plain } = await open({ viewport: { width: 360, height: 740 }, javaScriptEnabled: false })
    await plain.getByText('Те же числа таблицей').first().click()
    expect(await plain.getByRole('table', { name: 'Сегодня' }).getByText('Принято').count()).toBeGreaterThan(0)
    await plain.getByRole('button', { name: 'Копии настроены' }).click()
    await plain.getByText('Так сказал admin').waitFor()
    await plain.close()
  })
})
