import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, BrowserContextOptions } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBrowser } from '../support/browser.ts'
import { startParom } from '../support/parom.ts'

let parom: Awaited<ReturnType<typeof startParom>>
let browser: Browser
beforeAll(async () => {
  parom = await startParom({ databaseUrl: 'sqlite::memory:' })
  browser = await startBrowser()
})
afterAll(async () => {
  await browser.close()
  await parom.close()
})

async function open(options: BrowserContextOptions = {}) {
  const context = await browser.newContext({ baseURL: parom.url, ...options })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  await page.goto('/api/docs')
  return { context, page, complaints }
}

describe('the page of the order API, to a stranger', () => {
  it.each<[string, BrowserContextOptions]>([
    ['a wide window, light', { viewport: { width: 1280, height: 900 }, colorScheme: 'light' }],
    ['a phone, dark', { viewport: { width: 360, height: 740 }, colorScheme: 'dark' }],
  ])(
    'has no violations, and is no wider than %s',
    async (_, options) => {
      const { context, page } = await open(options)
      const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze()
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([])
      expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBe(options.viewport?.width)
      await context.close()
    },
    180_000,
  )

  const shownIn = '#buy-click .api-code:visible'

  it('shows the example in the language that is chosen, without scripts', async () => {
    const { context, page } = await open({ javaScriptEnabled: false })
    expect(await page.locator(shownIn).getAttribute('data-language')).toBe('bash')
    await page.locator('#buy-click label', { hasText: 'PHP' }).click()
    expect(await page.locator(shownIn).getAttribute('data-language')).toBe('php')
    await page.keyboard.press('ArrowRight')
    expect(await page.locator(shownIn).getAttribute('data-language')).toBe('python')
    expect(await page.locator('#callback .api-code:visible').getAttribute('data-language')).toBe('bash')
    expect(await page.locator('.api-copy:visible').count()).toBe(0)
    await context.close()
  })

  it('shows all examples in the language that was chosen for one, and copies one', async () => {
    const viewport = { width: 360, height: 740 }
    const permissions = ['clipboard-read', 'clipboard-write']
    const { context, page, complaints } = await open({ viewport, permissions })
    const top = async () => (await page.locator('#callback .api-examples').boundingBox())?.y ?? 0
    await page.locator('#callback .api-examples').scrollIntoViewIfNeeded()
    const before = await top()
    await page.locator('#callback label', { hasText: 'Python' }).click()
    expect(await page.locator(shownIn).getAttribute('data-language')).toBe('python')
    // Other examples have become longer, and the reader's stays where it was.
    expect(Math.abs((await top()) - before)).toBeLessThan(2)
    const button = page.locator('#callback .api-copy')
    await button.click()
    await page.locator('#callback .api-copy', { hasText: 'Скопировано' }).waitFor()
    const copied = await page.evaluate<string>('navigator.clipboard.readText()')
    expect(copied).toBe(await page.locator('#callback .api-code:visible').textContent())
    expect(copied).toContain(`${parom.url}/api/callback`)
    await page.locator('#callback .api-copy', { hasText: 'Скопировать' }).waitFor()
    expect(complaints).toEqual([])
    await context.close()
  })

  it('prints the whole of what is shown, and no buttons', async () => {
    const { context, page } = await open()
    await page.emulateMedia({ media: 'print' })
    expect(await page.locator('.api-copy:visible, .bar:visible, .api-contents:visible').count()).toBe(0)
    const isCut = `[...document.querySelectorAll('.api-code')].some((code) => code.scrollHeight > code.clientHeight + 1)`
    expect(await page.evaluate(isCut)).toBe(false)
    await context.close()
  })
})
