import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBrowser } from '../support/browser.ts'
import { connect } from './client.ts'

describe('the pages in a browser', () => {
  let amo: Awaited<ReturnType<typeof connect>>
  let browser: Browser
  let page: Page
  const complaints: string[] = []

  beforeAll(async () => {
    amo = await connect({ now: Date.now })
    await amo.settings({ rate_limit: null })
    browser = await startBrowser()
    page = await browser.newPage({ viewport: { width: 390, height: 844 } })
    page.setDefaultTimeout(12_000)
    page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())))
    page.on('pageerror', (error) => void complaints.push(error.message))
  })
  afterAll(async () => {
    await browser.close()
    await amo.sandbox.close()
  })

  it('fit a phone, and keep to their own policy', async () => {
    const name = 'Достопримечательностидостопримечательности🎉'.repeat(3)
    const id = await amo.lead({ name, price: 1e9, tags_to_add: [{ name }] })
    await amo.post('/leads/notes', [{ entity_id: id, note_type: 'common', params: { text: name.repeat(3) } }])
    await amo.admin('/faults', [{ preset: 'bad day' }, { effect: 'drop', path: `/${'x'.repeat(200)}` }])
    await amo.get(`/leads?query=${'y'.repeat(300)}`).catch(() => {})
    const paths = ['/', `/leads/detail/${id}`, '/contacts/detail/7143599', '/__sandbox/journal.html']
    for (const path of [...paths, '/__sandbox/controls.html', '/leads/detail/1']) {
      await page.goto(amo.sandbox.url + path)
      const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth')
      expect(overflow, path).toBeLessThanOrEqual(0)
    }
    await amo.admin('/faults', [])
    expect(complaints.filter((text) => !text.includes('404'))).toEqual([])
  })

  it('show requests as they happen, with what was said', async () => {
    await page.goto(`${amo.sandbox.url}/__sandbox/journal.html?method=POST`)
    await page.getByText('Обновляется само.').waitFor()
    await amo.get('/leads?limit=77')
    const { headers } = await amo.post('/leads', [{ name: 'Прямо сейчас' }])
    const row = page.locator(`[data-id="${headers.get('x-request-id')}"]`)
    await row.getByText('200').waitFor()
    expect(await page.getByText('limit=77').count()).toBe(0)
    await row.getByRole('link').focus()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').getByText('Прямо сейчас').waitFor()
    await page.keyboard.press('Escape')
    expect(await page.getByRole('dialog').count()).toBe(0)
  })

  it('show a lead on the board as soon as it is there', async () => {
    const connected = page.waitForResponse('**/journal/stream')
    await page.goto(`${amo.sandbox.url}/`)
    await connected
    const id = await amo.lead({ name: 'Только что' })
    await page.getByRole('link', { name: 'Только что' }).waitFor()
    await page.getByRole('link', { name: 'Только что' }).focus()
    await amo.patch(`/leads/${id}`, { status_id: 142, name: 'Выиграна' })
    await page.getByRole('region', { name: 'Успешно реализовано' }).getByText('Выиграна').waitFor()
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Выиграна')
  })

  it('switch a fault by the keyboard', async () => {
    await page.goto(`${amo.sandbox.url}/__sandbox/controls.html`)
    await page.getByRole('slider', { name: 'Частота' }).first().press('End')
    await page.getByRole('switch', { name: 'Плохой день' }).press('Enter')
    await page.getByText('Неполадка включена.').waitFor()
    expect(await page.getByRole('switch', { name: 'Плохой день' }).getAttribute('aria-checked')).toBe('true')
    expect((await amo.admin('/faults')).body).toHaveLength(10)
    expect(await page.locator('.range output').first().textContent()).toBe('100 %')
  })
})
