import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBrowser } from '../support/browser.ts'
import { freshMariadb } from '../support/databases.ts'
import { startParom } from '../support/parom.ts'

let parom: Awaited<ReturnType<typeof startParom>>
let browser: Browser
beforeAll(async () => {
  parom = await startParom({ databaseUrl: await freshMariadb() })
  browser = await startBrowser()
})
afterAll(async () => {
  await browser.close()
  await parom.close()
})

async function open(options: Parameters<Browser['newContext']>[0]) {
  const context = await browser.newContext({ ...options, baseURL: parom.url, locale: 'ru-RU' })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  await page.goto('/login')
  await page.fill('#login', 'admin')
  await page.fill('#password', 'admin')
  await page.click('.sign-in button')
  return { context, page, complaints }
}

const leads = async () => (await parom.sandbox.state()).leads.length as number

describe.each([
  ['a wide window', { viewport: { width: 1280, height: 900 } }],
  ['a phone', { viewport: { width: 360, height: 740 } }],
])('in %s', (_, options) => {
  it('the lists are searched while one types, and an id is copied', async () => {
    const { context, page, complaints } = await open(options)
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.goto('/app/mapping')
    await page.getByLabel('Найти в списках').pressSequentially('В РАБОТЕ')
    const found = page.locator('#lists > .group .ids li:visible, #lists > .ids > li:visible')
    expect(await found.allInnerTexts()).toEqual([expect.stringMatching(/^В работе\s+26034991$/)])
    await found.locator('code').click()
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe('26034991')
    await page.keyboard.press('Enter')
    await page.getByLabel('Найти в списках').fill('')
    expect(await found.count()).toBeGreaterThan(20)
    expect(complaints).toEqual([])
  })

  it('a test order is followed to its one lead, whoever clicks twice, and closed', async () => {
    const { page, complaints } = await open(options)
    const before = await leads()
    await page.goto('/app/mapping/bench')
    await page.getByRole('link', { name: 'Товара нет в каталоге' }).click()
    await page.getByRole('button', { name: 'Отправить проверочный заказ' }).dblclick()
    // Nothing but the page's own script looks again.
    await page.getByRole('button', { name: 'Закрыть сделку' }).click({ timeout: 20_000 })
    await page.getByText('Сделка закрыта как нереализованная').waitFor()
    expect(await leads()).toBe(before + 1)
    expect(complaints).toEqual([])
  })
})

it('all of it works without scripts', async () => {
  const { page } = await open({ javaScriptEnabled: false })
  await page.goto('/app/mapping')
  await page.getByLabel('Найти в списках').fill('685741')
  await page.keyboard.press('Enter')
  await page.getByRole('link', { name: 'Показать всё' }).waitFor()
  expect(await page.locator('#lists li').count()).toBe(1)

  await page.goto('/app/mapping/bench')
  await page.getByLabel('Заказ', { exact: true }).fill('{"customer_id":"1","lastname":"Иванова","total":"100"}')
  await page.getByRole('button', { name: 'Показать, что станет' }).click()
  await page.getByRole('heading', { name: 'Что станет с заказом' }).waitFor()
  await page.getByRole('button', { name: 'Отправить проверочный заказ' }).click()
  await page.getByRole('button', { name: 'Закрыть сделку' }).click({ timeout: 20_000 })
  await page.getByText('Сделка закрыта как нереализованная').waitFor()
})
