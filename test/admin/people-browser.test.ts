import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
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
  return context.newPage()
}

async function signIn(page: Page, login: string, password: string) {
  await page.goto('/login')
  await page.getByLabel('Логин').fill(login)
  await page.getByLabel('Пароль').fill(password)
  await page.getByRole('button', { name: 'Войти' }).click()
}

describe.each(windows)('on a %s', (name, options) => {
  it('somebody is invited, sets a password by the link, and does what his role may', async () => {
    const [login, password] = [`olga-${name}`, 'десять слов подряд']
    const boss = await openPage(options)
    await signIn(boss, 'admin', 'admin')
    await boss.goto('/app/people')
    await boss.getByLabel('Логин').fill(login)
    await boss.getByLabel('Имя').fill('Ольга')
    await boss.getByRole('button', { name: 'Получить ссылку' }).click()
    const link = boss.locator('#link')
    await boss.getByRole('button', { name: 'Скопировать' }).click()
    await boss.getByRole('button', { name: 'Скопировано' }).waitFor()
    const address = await boss.evaluate<string>('navigator.clipboard.readText()')
    expect(address).toBe(await link.textContent())

    const olga = await openPage(options)
    await olga.goto(address)
    await olga.getByLabel('Новый пароль').fill(password)
    await olga.getByLabel('Ещё раз').fill(password)
    await olga.getByRole('button', { name: 'Сохранить пароль' }).click()
    await olga.getByText('Пароль сохранён').waitFor()
    await signIn(olga, login, password)
    await olga.getByRole('heading', { name: 'Обзор' }).waitFor()
    expect((await olga.goto('/app/people'))?.status()).toBe(403)

    await boss.goto(`/app/people/${login}`)
    await boss.getByRole('checkbox', { name: /^admin/ }).check()
    await boss.getByRole('button', { name: 'Сохранить роли' }).click()
    await boss.getByText('Сохранено').waitFor()
    await olga.goto('/app/people')
    expect(olga.url()).toContain('/login')
    await signIn(olga, login, password)
    expect((await olga.goto('/app/people'))?.status()).toBe(200)

    // The access is closed from the page of sessions down to the log.
    await boss.goto(`/app/people/${login}`)
    await boss.getByRole('button', { name: 'Закрыть доступ' }).click()
    await olga.reload()
    expect(olga.url()).toContain('/login')
    await boss.goto('/app/audit')
    await boss.getByLabel('Что сделал').selectOption('person_removed')
    await boss.getByRole('button', { name: 'Показать' }).click()
    await boss.getByRole('link', { name: login }).first().waitFor()
    expect(boss.url()).toContain('action=person_removed')
  })

  it('neither who signs in by a link nor a log without lines has violations, or is wider than the window', async () => {
    const page = await openPage(options)
    await signIn(page, 'admin', 'admin')
    const found: Record<string, unknown> = {}
    // The others are among all pages.
    for (const address of ['/app/people/admin', '/app/audit?login=nobody']) {
      await page.goto(address)
      await look(address)
    }
    await page.goto('/app/people')
    await page.getByLabel('Логин').fill(`anna-${name}`)
    await page.getByRole('button', { name: 'Получить ссылку' }).click()
    await look('the link')
    await page.goto(`/app/people/anna-${name}`)
    await look('somebody who was invited')
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
  await signIn(page, 'admin', 'admin')
  await page.goto('/app/people')
  await page.getByLabel('Логин').fill('no-scripts')
  await page.getByRole('button', { name: 'Получить ссылку' }).click()
  await page.getByText(`${parom.url}/invitations/`).waitFor()
  expect(await page.getByRole('button', { name: 'Скопировать' }).count()).toBe(0)
  await page.goto('/app/password-hash')
  await page.getByLabel('Пароль').fill('correct horse battery')
  await page.getByRole('button', { name: 'Посчитать' }).click()
  await page.getByText(/^\$argon2id\$v=19\$m=\d+,t=\d+,p=\d+\$/).waitFor()
})
