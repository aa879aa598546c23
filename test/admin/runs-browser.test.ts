import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Database, openDatabase } from '../../src/database/open.ts'
import { violationsOf } from '../support/axe.ts'
import { startBrowser } from '../support/browser.ts'
import { freshMariadb } from '../support/databases.ts'
import { storeFailed } from '../support/failed-orders.ts'
import { startParom } from '../support/parom.ts'

describe.each([
  ['on a desk', 1280, 'light'],
  ['on a phone', 360, 'dark'],
] as const)('a run, seen %s', (_, width, colorScheme) => {
  let browser: Browser
  let parom: Awaited<ReturnType<typeof startParom>>
  let opened: Database
  let page: Page
  const said: string[] = []
  beforeAll(async () => {
    browser = await startBrowser()
    const databaseUrl = await freshMariadb()
    parom = await startParom({ databaseUrl })
    opened = openDatabase(databaseUrl)
    const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme, locale: 'ru-RU' })
    page = await context.newPage()
    page.on('console', (message) => said.push(message.text()))
    page.on('pageerror', (error) => said.push(error.message))
    await page.goto(`${parom.url}/login`)
    await page.fill('#login', 'admin')
    await page.fill('#password', 'admin')
    await page.click('.sign-in button')
  })
  afterAll(async () => {
    await browser?.close()
    await opened?.close()
    await parom?.close()
  })

  const count = async (name: string) => Number((await page.textContent(`#count-${name}`))?.replace(/\D/g, ''))
  const percent = () => page.textContent('.run-line b')
  const isFaultless = async () => {
    expect(await violationsOf(page)).toEqual([])
    const wide = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
    expect(wide).toBe(0)
  }

  it('moves by itself to 100 %, holds while it is paused, and keeps the focus', { timeout: 90_000 }, async () => {
    await storeFailed(opened, 700, { order_number: '10512' })
    await page.goto(`${parom.url}/app/problems`)
    await isFaultless()
    // So that there is something to see.
    await parom.sandbox.faults([{ method: 'POST', path: '/api/v4/leads', effect: 'delay', delay_ms: 1000 }])
    await page.click('text=Отправить все ещё раз')
    await isFaultless()
    await page.fill('#name', 'После сбоя 🙈')
    await page.click('text=Начать')
    await expect.poll(() => count('delivered'), { timeout: 30_000 }).toBeGreaterThan(0)
    await page.focus('#pause button')
    const look = await page.waitForRequest((request) => request.url().includes('/app/runs/'))
    expect(await look.headerValue('x-look')).toBe('again')
    const before = await count('delivered')
    await expect.poll(() => count('delivered'), { timeout: 30_000 }).toBeGreaterThan(before)
    expect(await page.evaluate(`document.activeElement.closest('form')?.id`)).toBe('pause')
    await page.keyboard.press('Enter')
    await page.waitForSelector('#resume')
    await expect.poll(() => count('queued'), { timeout: 30_000 }).toBe(0)
    const waiting = await count('waiting')
    expect(waiting).toBeGreaterThan(0)
    await isFaultless()
    await parom.sandbox.faults([])
    await page.reload()
    expect([await count('waiting'), await count('queued')]).toEqual([waiting, 0])
    await page.click('#resume button')
    await expect.poll(percent, { timeout: 60_000 }).toBe('100 %')
    expect(await page.getAttribute('progress', 'value')).toBe(await page.getAttribute('progress', 'max'))
    await expect.poll(() => page.textContent('[role=status].sr')).toBe('закончена, 100 %')
    expect(await page.locator('#pause, #resume, #cancel').count()).toBe(0)
    expect(await count('delivered')).toBe(700)
    await isFaultless()
    await page.click('text=Повторные отправки >> nth=-1')
    expect(await page.textContent('table')).toContain('После сбоя 🙈')
    await isFaultless()
    await page.goto(`${parom.url}/app/problems`)
    expect(await page.textContent('main')).toContain('Всё в порядке')
    await isFaultless()
    expect(said).toEqual([])
  })
})
