import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBrowser } from '../support/browser.ts'
import { anOrder, asForm } from '../support/orders.ts'
import { startParom } from '../support/parom.ts'

let parom: Awaited<ReturnType<typeof startParom>>
let browser: Browser
beforeAll(async () => {
  parom = await startParom({ databaseUrl: 'sqlite::memory:', env: { WEBHOOK_TOKEN: 'the-shop-knows-it' } })
  browser = await startBrowser()
})
afterAll(async () => {
  await browser.close()
  await parom.close()
})

const token = { authorization: 'Bearer the-shop-knows-it' }
const evil = `</pre><img src=x onerror="alert(1)">`

async function send(order: object, isJson = true) {
  const type = { 'content-type': isJson ? 'application/json' : 'application/x-www-form-urlencoded' }
  const text = isJson ? JSON.stringify(order) : asForm(order as ReturnType<typeof anOrder>)
  return (await parom.post(text, { ...type, ...token })).body.id
}

async function delivered(order: object) {
  return (await parom.reaches(await send(order), 'delivered')).id
}

/** An order's page, of somebody who may use the clipboard; `alarms` is what ran or broke. */
async function openOrder(id: string, viewport = { width: 1280, height: 900 }) {
  const context = await browser.newContext({ baseURL: parom.url, viewport, locale: 'ru-RU' })
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const page = await context.newPage()
  const alarms: string[] = []
  page.on('dialog', (dialog) => dialog.dismiss().then(() => alarms.push('a dialog')))
  page.on('pageerror', (error) => alarms.push(error.message))
  page.on('console', (message) => message.type() === 'error' && alarms.push(message.text()))
  await page.goto('/login')
  await page.fill('#login', 'admin')
  await page.fill('#password', 'admin')
  await page.click('.sign-in button')
  await page.goto(`/app/transactions/${id}`)
  return { page, alarms, body: page.locator('#received > .viewer') }
}

const clipboard = (page: Page) => page.evaluate<string>('navigator.clipboard.readText()')

describe.each([
  ['a wide window', { width: 1280, height: 900 }],
  ['a phone', { width: 360, height: 740 }],
])('the JSON of an order in %s', (_what, viewport) => {
  it('folds, is found in, and is copied whole, by value and by path', async () => {
    const order = anOrder({ comment: evil, custom: { 'odd name': [1, { deep: `тайна ${evil}` }] } })
    const { page, alarms, body } = await openOrder(await delivered(order), viewport)
    const tree = body.locator('.tree')
    expect(await tree.textContent()).toContain(JSON.stringify(evil))
    const deep = tree.getByText('deep')
    expect(await deep.isVisible()).toBe(true)
    await body.getByRole('button', { name: 'Свернуть' }).click()
    expect(await deep.isVisible()).toBe(false)

    await body.getByRole('searchbox').fill('ТАЙНА')
    await expect.poll(() => body.locator('output').textContent()).toBe('1 из 1')
    expect(await deep.isVisible()).toBe(true)
    await body.getByRole('button', { name: 'Копировать значение' }).click()
    expect(await clipboard(page)).toBe(`тайна ${evil}`)
    await body.getByRole('button', { name: 'Копировать путь' }).click()
    expect(await clipboard(page)).toBe('custom["odd name"][1].deep')
    await body.getByRole('button', { name: 'Копировать всё' }).click()
    expect(JSON.parse(await clipboard(page))).toEqual(order)
    expect(await body.locator('output').textContent()).toBe('Скопировано')

    await body.getByRole('button', { name: 'Как есть' }).click()
    await expect.poll(() => body.locator('pre').isVisible()).toBe(true)
    expect(await body.locator('pre').textContent()).toBe(JSON.stringify(order))
    await body.getByRole('searchbox').fill('нигде такого нет')
    expect(await body.locator('output').textContent()).toBe('не найдено')
    await body.getByRole('searchbox').fill('order')
    await body.getByRole('button', { name: 'Переносить строки' }).click()
    const sideways = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'
    expect(await page.evaluate(sideways)).toBe(0)
    expect(alarms).toEqual([])
    await page.context().close()
  })
})

it('shows and copies numbers as they were written, and as text what no tree can show', async () => {
  const whole = JSON.stringify(anOrder({ comment: 'число' }))
  const numbers = '"big":12345678901234567890,"sum":12500.10,"list":[1e400]'
  const first = await parom.post(whole.replace('{', `{${numbers},`), { 'content-type': 'application/json', ...token })
  const { page, alarms, body } = await openOrder(first.body.id)
  await body.getByRole('searchbox').fill('4567890')
  await expect.poll(() => body.locator('output').textContent()).toBe('1 из 1')
  await body.getByRole('button', { name: 'Копировать значение' }).click()
  expect(await clipboard(page)).toBe('12345678901234567890')
  expect(await body.locator('.tree').textContent()).toMatch(/sum: 12500\.10list: \[1\]0: 1e400/)
  await body.locator('.tree .row').first().click()
  await body.getByRole('button', { name: 'Копировать значение' }).click()
  expect((await clipboard(page)).replace(/\s/g, '')).toContain(numbers)

  const twice = await parom.post(whole.replace('{', '{"twice":1,"twice":2,'), {
    'content-type': 'application/json',
    ...token,
  })
  await page.goto(`/app/transactions/${twice.body.id}`)
  expect(await body.locator('pre').textContent()).toContain('"twice": 1,\n  "twice": 2,')
  expect([await body.locator('.tree').count(), alarms]).toEqual([0, []])
  await page.context().close()
})

it('walks through a tree by keys', async () => {
  const { page, body } = await openOrder(await delivered(anOrder({ order_id: 'K-1' })))
  await body.locator('.tree .row').first().focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  await body.getByRole('button', { name: 'Копировать путь' }).click()
  expect(await clipboard(page)).toBe('lastname')
  await page.context().close()
})

it('shows the beginning of what is big, and all of it on demand', async () => {
  const long = `начало${'я'.repeat(40_000)}конец`
  const { page, alarms, body } = await openOrder(await delivered(anOrder({ comment: long })))
  expect(await body.textContent()).not.toContain('конец')
  await body.getByRole('link', { name: 'Показать целиком' }).click()
  await expect.poll(() => body.locator('.tree').textContent()).toContain(long)
  expect(await body.getByRole('link').count()).toBe(0)
  await body.getByRole('searchbox').fill('конец')
  await expect.poll(() => body.locator('output').textContent()).toBe('1 из 1')
  expect(alarms).toEqual([])
  await page.context().close()
})

it('an order of a MiB and 5,000 products opens, unfolds and is searched', async () => {
  const products = Array.from({ length: 5000 }, (_, number) => ({
    ...{ product_id: String(number), name: `Товар ${number} ${'x'.repeat(60)}`, quantity: 1, price: '1', total: '1' },
  }))
  const id = await send(anOrder({ products, comment: 'щ'.repeat(100_000) }))
  const { page, alarms, body } = await openOrder(id)
  await body.getByRole('link', { name: 'Показать целиком' }).click()
  await body.getByRole('button', { name: 'Развернуть' }).click()
  await body.getByRole('searchbox').fill('Товар 4999')
  await expect.poll(() => body.locator('output').textContent(), { timeout: 10_000 }).toBe('1 из 1')
  expect(await body.locator('[aria-current]').textContent()).toContain('Товар 4999')
  expect(alarms).toEqual([])
  await page.context().close()
}, 60_000)

it('the command that is copied is taken by the server, and by amoCRM', async () => {
  const comment = `it's $TOKEN \`x\` "y" \\ !! ${evil}\nвторая строка 🫖`
  const id = await delivered(anOrder({ comment }))
  const { page } = await openOrder(id)
  const paste = async (command: string, TOKEN: string) => {
    const shell = promisify(execFile)('bash', { env: { ...process.env, TOKEN } })
    shell.child.stdin?.end(`${command} --silent --show-error\n`)
    return JSON.parse((await shell).stdout)
  }
  await page.locator('#received > .curl').getByText('Скопировать как curl').click()
  await page.locator('#received > .curl').getByRole('button', { name: 'Копировать всё' }).click()
  const command = await clipboard(page)
  expect(command).not.toContain('the-shop-knows-it')
  expect(await paste(command, 'the-shop-knows-it')).toEqual({ status: 200, id, duplicate: true })
  expect(await paste(command, 'another')).toMatchObject({ status: 401 })

  const step = page.locator('details.step').filter({ hasText: 'Сделка: готово' })
  await step.locator('summary').first().click()
  await step.getByText('Скопировать как curl').click()
  await step.locator('.curl').getByRole('button', { name: 'Копировать всё' }).click()
  const { access_token } = await parom.sandbox.credentials()
  const { leads } = (await paste(await clipboard(page), access_token))._embedded
  expect(leads).toMatchObject([{ id: expect.any(Number) }])
  await page.context().close()
})

it('counts down to the next try', async () => {
  const busy = { effect: 'status', status: 503, commit: false, times: 1, body: { retry_after: 60 } }
  await parom.sandbox.faults([{ method: 'POST', path: '/api/v4/leads', ...busy }])
  const id = await send(anOrder({ comment: 'ждёт' }))
  await expect.poll(async () => (await parom.inbox.find(id))?.reason).toBe('crm_unavailable')
  const { page, alarms } = await openOrder(id)
  const left = page.locator('[data-countdown]')
  const seconds = async () => Number(/через (\d+)\sс/.exec((await left.textContent()) ?? '')?.[1])
  await expect.poll(seconds).toBeGreaterThan(20)
  const before = await seconds()
  await expect.poll(seconds, { timeout: 5_000 }).toBeLessThan(before)
  expect(alarms).toEqual([])
  await parom.sandbox.faults([])
  await page.context().close()
})

it('the plan is put into the page, and a person without scripts gets it as a page', async () => {
  const { page, alarms } = await openOrder(await delivered(anOrder({ comment: evil })))
  await page.getByRole('link', { name: 'Показать план' }).click()
  await page.locator('#plan-here').getByText('Запросы в amoCRM').waitFor()
  expect(new URL(page.url()).pathname).toMatch(/transactions\/[\w-]+$/)
  expect(await page.locator('#plan-here').textContent()).toContain(evil)
  expect(alarms).toEqual([])
  await page.context().close()
})
