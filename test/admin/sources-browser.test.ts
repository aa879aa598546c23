import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { callApi } from '../support/api-shops.ts'
import { violationsOf } from '../support/axe.ts'
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

const windows = [
  ['desktop', { viewport: { width: 1280, height: 900 }, colorScheme: 'light' }],
  ['phone', { viewport: { width: 360, height: 740 }, colorScheme: 'dark' }],
] as const

async function openPage(options: BrowserContextOptions, scripts = true) {
  const context = await browser.newContext({ ...options, baseURL: parom.url, javaScriptEnabled: scripts })
  if (scripts) await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const page = await context.newPage()
  await page.goto('/login')
  await page.getByLabel('Логин').fill('admin')
  await page.getByLabel('Пароль').fill('admin')
  await page.getByRole('button', { name: 'Войти' }).click()
  await page.getByRole('heading', { name: 'Обзор' }).waitFor()
  return page
}

async function addShop(page: Page, name: string, email: string) {
  await page.goto('/app/sources')
  await page.getByLabel('Название').fill(name)
  await page.getByLabel('E-mail').fill(email)
  await page.getByRole('button', { name: 'Добавить' }).click()
  await page.getByText('Магазин добавлен').waitFor()
}

const order = { phone: '+7 912 000-00-00' }
const isTaken = async (token: string) => (await callApi(parom.url, 'callback', order, { token })).status === 201

describe.each(windows)('on a %s', (name, options) => {
  it('a shop is added, corrected, given another token, and blocked', async () => {
    const page = await openPage(options)
    await page.goto('/app/sources')
    await page.getByLabel('Название').fill('Ромашка')
    await page.getByLabel('E-mail').fill(`romashka-${name}@shop.example`)
    await page.getByText('Партнёр, форма, предел запросов').click()
    await page.getByLabel('Запросов').fill('много')
    await page.getByRole('button', { name: 'Добавить' }).click()
    await page.getByText('Нужно целое число больше нуля').waitFor()
    expect(await page.getByLabel('Название').inputValue()).toBe('Ромашка')
    await page.getByLabel('Запросов').fill('100')
    await page.getByLabel('За секунд').fill('1')
    await page.getByRole('button', { name: 'Добавить' }).click()

    await page.getByRole('button', { name: 'Скопировать' }).first().click()
    await page.getByRole('button', { name: 'Скопировано' }).waitFor()
    const token = await page.evaluate<string>('navigator.clipboard.readText()')
    expect(await isTaken(token)).toBe(true)

    await page.getByRole('button', { name: 'Заменить' }).click()
    const fresh = (await page.locator('#token').textContent()) ?? ''
    expect(await isTaken(fresh)).toBe(true)
    await page.getByRole('button', { name: 'Отозвать старый' }).click()
    await page.getByText('Эти токены больше не действуют').waitFor()
    expect([await isTaken(token), await isTaken(fresh)]).toEqual([false, true])

    await page.getByText('Заблокировать магазин', { exact: true }).click()
    await page.getByRole('button', { name: 'Заблокировать' }).click()
    await page.getByText('Магазин заблокирован').waitFor()
    expect(await isTaken(fresh)).toBe(false)
    await page.getByRole('button', { name: 'Разблокировать' }).click()
    await page.getByText('Магазин разблокирован').waitFor()
    expect(await isTaken(fresh)).toBe(true)

    await page.getByRole('link', { name: 'Заказы' }).last().click()
    await page.getByText('источник Ромашка').waitFor()
  })

  it('no page of them has violations, or is wider than the window', async () => {
    const page = await openPage(options)
    const found: Record<string, unknown> = {}
    const wide = 'Маркетплейс '.repeat(8).trim()
    await addShop(page, wide, `${'long-'.repeat(12)}${name}@${'shop-'.repeat(10)}x.example`)
    for (const summary of await page.locator('summary').all()) await summary.click()
    await look('what is shown once')
    await page.goto('/app/sources')
    await page.getByRole('button', { name: 'Добавить' }).click()
    await look('the list')
    await page.getByLabel('Название').fill('x')
    await page.getByLabel('E-mail').fill('x@localhost')
    await page.getByText('Партнёр, форма, предел запросов').click()
    await page.getByLabel('Запросов').fill('0')
    await page.getByRole('button', { name: 'Добавить' }).click()
    await page.getByText('Заполните оба поля').waitFor()
    await look('what was wrong')
    await page.goto('/app/sources')
    await page.getByRole('link', { name: wide }).first().click()
    await page.getByRole('button', { name: 'Заменить' }).first().click()
    await look('a new token')
    expect(found).toEqual({})

    async function look(what: string) {
      const violations = await violationsOf(page)
      const width = await page.evaluate<number>('document.documentElement.scrollWidth')
      if (violations.length === 0 && width <= options.viewport.width) return
      found[what] = { width, violations }
    }
  })
})

it('all of it works without scripts', async () => {
  const page = await openPage(windows[0][1], false)
  await addShop(page, 'Без скриптов', 'no-scripts@shop.example')
  expect(await page.getByRole('button', { name: 'Скопировать' }).count()).toBe(0)
  expect(await isTaken((await page.locator('#token').textContent()) ?? '')).toBe(true)
  await page.getByRole('link', { name: '← Источники' }).click()
  await page.getByRole('link', { name: 'Без скриптов' }).click()
  await page.getByText('Отозвать все токены').click()
  await page.getByRole('button', { name: 'Отозвать 1 токен' }).click()
  await page.getByText('Эти токены больше не действуют').waitFor()
})
