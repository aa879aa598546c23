import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { violationsOf } from '../support/axe.ts'
import { startBrowser } from '../support/browser.ts'
import { freshMariadb } from '../support/databases.ts'
import { startParom } from '../support/parom.ts'

describe('the pages of alerts, maintenance and the manual', () => {
  let parom: Awaited<ReturnType<typeof startParom>>
  let browser: Browser
  beforeAll(async () => {
    const channels = { webhook: { url: 'http://127.0.0.1:9/hook' } }
    const databaseUrl = await freshMariadb()
    parom = await startParom({ databaseUrl, alerts: { channels } })
    browser = await startBrowser()
  })
  afterAll(async () => {
    await browser.close()
    await parom.close()
  })

  it.each([
    [1280, 'light'],
    [360, 'dark'],
  ] as const)('can be used by everybody at %i px', async (width, colorScheme) => {
    const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme })
    const page = await context.newPage()
    const faults: string[] = []
    page.on('console', (message) => void (message.type() === 'error' && faults.push(message.text())))
    await page.goto(`${parom.url}/login`)
    await page.fill('#login', 'admin')
    await page.fill('#password', 'admin')
    await page.click('.sign-in button')
    const paths = [
      'app/alerts',
      'app/maintenance',
      'api/cache/config',
      'api/cache/clear',
      'readme',
      'readme/docs/mapping.md',
    ]
    for (const path of paths) {
      await page.goto(`${parom.url}/${path}`)
      // The others are among all pages, as they are here.
      if (path === 'app/alerts') expect(await violationsOf(page)).toEqual([])
      const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth')
      expect(overflow, path).toBeLessThanOrEqual(0)
    }
    await page.goto(`${parom.url}/api/cache/config`)
    await page.getByRole('button', { name: 'Перечитать настройки' }).click()
    await expect.poll(() => page.getByRole('status').textContent()).toContain('Настройки перечитаны и действуют')
    expect(faults).toEqual([])
    await context.close()
  })
})
