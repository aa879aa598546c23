import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { hash } from '@node-rs/argon2'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBrowser } from '../support/browser.ts'
import { configWithUsers } from '../support/config.ts'
import { onEachDatabase } from '../support/databases.ts'
import { anOrder, asForm, sampleOrder } from '../support/orders.ts'
import { startParom } from '../support/parom.ts'
import { aRefusal } from '../support/refused.ts'
import { createVisitor } from '../support/visitor.ts'

interface Listed {
  transactions: { id: string; state: string; lead_id: number | null; received_at: string; [key: string]: unknown }[]
  next: string | null
}

onEachDatabase('the list of transactions', (database) => {
  let parom: Awaited<ReturnType<typeof startParom>>
  let admin: ReturnType<typeof createVisitor>
  const ids: string[] = []
  beforeAll(async () => {
    parom = await startParom({ databaseUrl: await database.fresh() })
    admin = createVisitor(parom.url)
    await admin.signIn()
    for (let number = 1; number <= 5; number++) {
      const { body } = await parom.post(asForm(anOrder({ order_id: `N-${number}`, comment: `<b>${number}</b>` })))
      await parom.reaches(body.id, 'delivered')
      ids.unshift(body.id)
    }
  })
  afterAll(() => parom.close())

  const json = async (path: string): Promise<Listed> =>
    JSON.parse((await admin.visit(path, { headers: { accept: 'application/json' } })).text)

  it('gives the newest first, in the shape that scripts rely on', async () => {
    const { transactions, next } = await json('/app/transactions')
    expect(transactions.map(({ id }) => id)).toEqual(ids)
    expect(next).toBeNull()
    expect(transactions[0]).toEqual({
      id: ids[0],
      received_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      source: 'lk',
      state: 'delivered',
      reason: null,
      order_number: 'N-5',
      partner_id: '1',
      lead_id: expect.any(Number),
      attempts: 1,
      next_attempt_at: null,
    })
  })

  it('is paged by a cursor that a script can follow', async () => {
    const first = await json('/app/transactions?limit=2')
    expect(first.next).toMatch(/^\/app\/transactions\?limit=2&cursor=/)
    const second = await json(first.next ?? '')
    const third = await json(second.next ?? '')
    expect([first, second, third].flatMap(({ transactions }) => transactions.map(({ id }) => id))).toEqual(ids)
    expect(third.next).toBeNull()
  })

  it('shows the orders of one state', async () => {
    expect((await json('/app/transactions?state=delivered')).transactions).toHaveLength(5)
    expect((await json('/app/transactions?state=dead')).transactions).toEqual([])
    expect((await json('/app/transactions?state=nonsense&limit=-1&cursor=nonsense')).transactions).toHaveLength(5)
  })

  it('is a page for people, with the lead a click away', async () => {
    const { text } = await admin.visit('/app/transactions?limit=2')
    const { transactions } = await json('/app/transactions?limit=1')
    expect(text).toContain(`href="${parom.sandbox.url}/leads/detail/${transactions[0]?.lead_id}"`)
    expect(text).toContain('доставлен')
    expect(text).toContain('Более ранние')
  })

  it('tells a transaction’s whole story on its own page', async () => {
    const { text } = await admin.visit(`/app/transactions/${ids[0]}`)
    for (const part of [
      'Сделка: готово',
      'Товары: готово',
      'Примечание: готово',
      'HTTP 200',
      'order_id = N-5',
      'POST',
      '/api/v4/leads/link',
    ])
      expect(text).toContain(part)
    expect(text).toContain('comment = &lt;b&gt;5&lt;/b&gt;')
    expect((await admin.visit('/app/transactions/01a00000-0000-7000-8000-000000000000')).status).toBe(404)
    expect((await admin.visit("/app/transactions/'%3B--")).status).toBe(404)
  })

  it('says when an order is due that nobody has tried yet', async () => {
    await parom.sandbox.faults([{ path: '/api/v4/*', effect: 'delay', delay_ms: 1000 }])
    // Two batches are at work at once.
    for (const comment of ['первый', 'второй']) {
      const { body } = await parom.post(asForm(anOrder({ comment })))
      await expect.poll(async () => (await parom.inbox.find(body.id))?.attempts).toBe(1)
    }
    const { body } = await parom.post(asForm(anOrder({ comment: 'третий' })))
    const { transactions } = await json('/app/transactions')
    const waiting = transactions.find(({ id }) => id === body.id)
    expect(waiting).toMatchObject({ state: 'pending', attempts: 0, next_attempt_at: waiting?.received_at })
    await parom.sandbox.faults([])
    await parom.reaches(body.id, 'delivered')
  })

  it('explains in words why an order waits', async () => {
    await parom.sandbox.faults([
      {
        method: 'POST',
        path: '/api/v4/leads',
        effect: 'status',
        status: 400,
        body: { title: 'Bad Request', detail: 'Request validation failed' },
      },
    ])
    const { body } = await parom.post(asForm(anOrder({ customer_id: '777', comment: 'плохой' })))
    await parom.reaches(body.id, 'dead')
    await parom.sandbox.faults([])
    const { text } = await admin.visit(`/app/transactions/${body.id}`)
    for (const part of [
      'ждёт человека',
      'amoCRM не приняла данные',
      'Request validation failed',
      'Нет контакта с id партнёра 777',
    ])
      expect(text).toContain(part)
  })
})

describe('what a viewer sees', () => {
  it('is how far an order has come, not whose it is', async () => {
    const { folder, remove } = configWithUsers([
      { login: 'viewer', name: 'Смотритель', password: await hash('viewer-password'), roles: ['viewer'] },
    ])
    const parom = await startParom({ databaseUrl: 'sqlite::memory:', env: { CONFIG_DIR: folder } })
    const { body } = await parom.post(`${sampleOrder}&lastname=${'Ross'.repeat(80)}`)
    expect(await parom.reaches(body.id, 'delivered')).toMatchObject({ warnings: expect.stringContaining('RossRoss') })

    const viewer = createVisitor(parom.url)
    await viewer.signIn('viewer', 'viewer-password')
    const { status, text } = await viewer.visit(`/app/transactions/${body.id}`)
    expect(status).toBe(200)
    expect(text).toContain('Сделка: готово')
    expect(text).not.toMatch(/323232333|4601partner|Ross/)
    const _csrf = /name="_csrf" value="([^"]+)"/.exec(text)?.[1] ?? ''
    expect((await viewer.submit(`/app/transactions/${body.id}/redeliveries`, { _csrf })).status).toBe(403)
    await parom.close()
    remove()
  })
})

describe('in a browser', () => {
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

  /** A page, and what it ran or could not run of what it should only show. */
  async function openWatched() {
    const page = await browser.newPage()
    const alarms: string[] = []
    page.on('dialog', (dialog) => {
      alarms.push(dialog.message())
      void dialog.dismiss()
    })
    page.on('console', (message) => {
      if (message.type() === 'error') alarms.push(message.text())
    })
    return { page, alarms }
  }

  it('an operator signs in, opens an order and reads it, and nothing in the order runs', async () => {
    const hostile = JSON.parse(
      readFileSync(join(import.meta.dirname, '../fixtures/orders/script-in-every-field/_webhook.json'), 'utf8'),
    )
    const { body } = await parom.post(JSON.stringify(hostile), { 'content-type': 'application/json' })
    await parom.reaches(body.id, 'delivered')

    const { page, alarms } = await openWatched()
    await page.goto(`${parom.url}/app/transactions`)
    await page.getByLabel('Логин').fill('admin')
    await page.getByLabel('Пароль').fill('admin')
    await page.getByRole('button', { name: 'Войти' }).click()
    await page.locator('tbody a').first().click()
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain('Заказ')
    await page.getByText('Примечание: готово').click()
    expect(await page.locator('pre').allTextContents()).toEqual(
      expect.arrayContaining([expect.stringContaining("<script>alert('lastname')</script>")]),
    )
    expect(alarms).toEqual([])
    await page.close()
  })

  it('reads a refused request, in which nothing runs either, and accepts it', async () => {
    const script = '<script>alert(1)</script><img src=x onerror=alert(2)>'
    await parom.inbox.keepRefused({
      ...{ account: 'sandbox.amocrm.ru', source: 'unknown', reason: 'unsupported_type', contentType: script },
      ...{ headers: { 'user-agent': script }, truncated: false, address: '203.0.113.7' },
      body: Buffer.from(JSON.stringify({ [script]: script, order_id: script, products: [{ name: script }] })),
    })
    const { page, alarms } = await openWatched()
    await page.goto(`${parom.url}/app/transactions`)
    await page.getByLabel('Логин').fill('admin')
    await page.getByLabel('Пароль').fill('admin')
    await page.keyboard.press('Enter')
    await page.getByRole('link', { name: 'Показать' }).click()
    await page.locator('tbody a').first().click()
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain('Отклонённый запрос')
    expect(await page.locator('.fields td').allTextContents()).toEqual(expect.arrayContaining([script]))
    await page.getByText('Заголовки').click()
    await page.getByRole('button', { name: 'Принять заказ' }).click()
    await page.getByRole('heading', { name: 'Что сделано в amoCRM' }).waitFor()
    expect(alarms).toEqual([])
    await page.close()
  })

  it('fits a telephone without scrolling sideways', async () => {
    const page = await browser.newPage({ viewport: { width: 360, height: 740 } })
    await page.goto(`${parom.url}/app/transactions`)
    const sideways = () => page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
    expect(await sideways()).toBe(0)
    await page.getByLabel('Логин').fill('admin')
    await page.getByLabel('Пароль').fill('admin')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/app/transactions')
    expect(await sideways()).toBe(0)
    await page.locator('tbody a').first().click()
    expect(await sideways()).toBe(0)
    const body = Buffer.from(`order_id=1&comment=${'x'.repeat(2000)}&${'y'.repeat(300)}=1`)
    await parom.inbox.keepRefused({ ...aRefusal('sandbox.amocrm.ru'), body })
    await page.goto(`${parom.url}/app/transactions?state=rejected&reason=unauthorized`)
    expect(await sideways()).toBe(0)
    await page.locator('tbody a').first().click()
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain('Отклонённый запрос')
    expect(await sideways()).toBe(0)
    await page.close()
  })
})
