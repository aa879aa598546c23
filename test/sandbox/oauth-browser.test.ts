import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startBrowser } from '../support/browser.ts'
import { addIntegration, administrator, listen } from './access.ts'
import { type Client, connect } from './client.ts'

let browser: Browser
let amo: Client
let shop: Awaited<ReturnType<typeof openShop>>
let page: Page
let complaints: string[]

beforeAll(async () => {
  browser = await startBrowser()
  amo = await connect()
  shop = await openShop(amo.sandbox.url)
})

beforeEach(async () => {
  const context = await browser.newContext()
  complaints = []
  context.on('console', (message) => complaints.push(message.text()))
  context.on('weberror', (error) => complaints.push(error.error().message))
  page = await context.newPage()
  page.setDefaultTimeout(15_000)
})

afterEach(() => page.context().close())

afterAll(async () => {
  await browser.close()
  await amo.sandbox.close()
  await shop[Symbol.asyncDispose]()
})

describe('the button', () => {
  it('is drawn as its script tag says, on a page that allows no inline styles [RU:button]', async () => {
    await shopPage(tag({ title: 'Войти <через> amoCRM', color: 'green', 'class-name': 'big round' }))
    const button = page.getByRole('button', { name: 'Войти <через> amoCRM' })
    expect(await button.getAttribute('class')).toBe('big round')
    const color = await page.evaluate('getComputedStyle(document.querySelector("button")).backgroundColor')
    expect(color).toBe('rgb(46, 125, 79)')
    await shopPage(tag({ title: 'Кратко', compact: 'true' }) + tag({ title: 'Вторая' }, 'kommo_oauth'))
    expect(await page.getByRole('button', { name: 'Кратко' }).textContent()).not.toContain('Кратко')
    expect(await page.getByRole('button').count()).toBe(2)
    expect(complaints).toEqual([])
  })

  it('has the page go on with a code when access is allowed in the popup [RU:step-by-step]', async () => {
    const { client_id } = await ownIntegration()
    await shopPage(tag({ 'client-id': client_id, state: 'щ 1', mode: 'popup' }))
    const popup = await pressButton()
    await Promise.all([popup.waitForEvent('close'), popup.getByRole('button', { name: 'Разрешить' }).click()])
    await page.waitForURL('**/auth?*')
    expect(parametersOf(page)).toEqual({
      code: expect.stringMatching(/^def502/),
      referer: new URL(amo.sandbox.url).host,
      state: 'щ 1',
      client_id,
      platform: '1',
    })
    expect(complaints).toEqual([])
  })

  it('has the popup go on itself with post_message [RU:step-by-step]', async () => {
    const { client_id } = await ownIntegration()
    await shopPage(tag({ 'client-id': client_id, mode: 'post_message' }))
    const popup = await pressButton()
    await popup.getByRole('button', { name: 'Разрешить' }).click()
    await popup.waitForURL('**/auth?*')
    expect(parametersOf(popup)).toMatchObject({ client_id, code: expect.any(String) })
    expect(page.url()).toBe(`${shop.url}/`)
  })

  for (const mode of ['popup', 'post_message']) {
    it(`tells its error callback once of a refusal and leaves the page where it is: ${mode} [RU:button]`, async () => {
      const { client_id } = await ownIntegration()
      await shopPage(tag({ 'client-id': client_id, mode, 'error-callback': 'onRefusal' }))
      const popup = await pressButton()
      await Promise.all([popup.waitForEvent('framenavigated'), page.getByRole('button').click()])
      await Promise.all([popup.waitForEvent('close'), popup.getByRole('button', { name: 'Отказать' }).click()])
      await page.waitForFunction('document.title')
      expect(JSON.parse(await page.title())).toEqual([{ client_id, error: 'access_denied' }])
      expect(page.url()).toBe(`${shop.url}/`)
    })
  }

  it('without an error callback has the page go on with the error [KM:oauth-20]', async () => {
    const { client_id } = await ownIntegration()
    await shopPage(tag({ 'client-id': client_id, state: 's' }))
    const popup = await pressButton()
    await popup.getByRole('button', { name: 'Отказать' }).click()
    await page.waitForURL('**/auth?*')
    expect(parametersOf(page)).toEqual({ error: 'access_denied', client_id, state: 's' })
  })

  it('makes an external integration, which hears its keys first [RU:oauth-external-integrations]', async () => {
    const addresses = { redirect_uri: `${shop.url}/auth`, secrets_uri: `${shop.url}/secrets` }
    const words = { name: 'Внешняя', description: 'Описание', scopes: 'crm,notifications', logo: '', state: 'x' }
    await shopPage(tag({ ...addresses, ...words }))
    const popup = await pressButton()
    expect(await popup.getByRole('heading', { level: 1 }).textContent()).toBe('Внешняя')
    shop.heard.length = 0
    await popup.getByRole('button', { name: 'Разрешить' }).click()
    await page.waitForURL('**/auth?*')
    const { client_id } = parametersOf(page)
    const [secrets, auth] = shop.heard
    expect(secrets).toMatchObject({ method: 'POST', path: '/secrets' })
    expect(JSON.parse(secrets?.body ?? '')).toMatchObject({ client_id, state: 'x' })
    expect(auth?.path).toContain('/auth?code=')
  })
})

describe('the consent page in a browser', () => {
  it('goes on in its own window when no page opened it [RU:step-by-step]', async () => {
    const { client_id } = await ownIntegration()
    for (const mode of ['popup', 'post_message', '']) {
      await page.goto(`${amo.sandbox.url}/oauth?client_id=${client_id}&mode=${mode}`)
      await page.getByRole('button', { name: 'Разрешить' }).click()
      await page.waitForURL('**/auth?*')
      expect(parametersOf(page)).toMatchObject({ client_id, code: expect.any(String) })
    }
    expect(complaints).toEqual([])
  })

  it('offers at first only administrators, then anybody, by keyboard too [RU:scopes]', async () => {
    await amo.admin('/reset', { users: [administrator, { id: 504143, name: 'Ирина', is_admin: false }] })
    const { client_id } = await ownIntegration()
    await page.goto(`${amo.sandbox.url}/oauth?client_id=${client_id}`)
    expect(await page.getByRole('radio', { name: /Ирина/ }).isDisabled()).toBe(true)
    await page.getByRole('button', { name: 'Разрешить' }).click()
    await page.waitForURL('**/auth?*')

    await page.goto(`${amo.sandbox.url}/oauth?client_id=${client_id}`)
    await page.keyboard.press('Tab')
    await page.keyboard.press('ArrowDown')
    expect(await page.getByRole('radio', { name: /Ирина/ }).isChecked()).toBe(true)
    await page.keyboard.press('Enter')
    await page.waitForURL('**/auth?*')
    expect((await amo.admin('/state')).body.users).toHaveLength(2)
  })

  it('cannot be answered by a form of another site [contract]', async () => {
    await page.goto(`${shop.url}/forged`)
    await page.getByRole('button').click()
    await page.waitForURL('**/oauth')
    expect(await page.textContent('body')).toContain('с другого сайта')
  })
})

const ownIntegration = () => addIntegration(amo, { redirect_uri: `${shop.url}/auth` })

function tag(data: Record<string, string>, className = 'amocrm_oauth') {
  const attributes = Object.entries(data).map(([name, value]) => ` data-${name}="${value.replaceAll('<', '&lt;')}"`)
  return `<script class="${className}" charset="utf-8"${attributes.join('')} src="${amo.sandbox.url}/auth/button.min.js"></script>`
}

async function shopPage(content: string) {
  shop.show(content)
  await page.goto(`${shop.url}/`)
}

async function pressButton() {
  const [popup] = await Promise.all([page.waitForEvent('popup'), page.getByRole('button').click()])
  await popup.waitForLoadState()
  return popup
}

const parametersOf = (at: Page) => Object.fromEntries(new URL(at.url()).searchParams)

/** The site of an integration, with a policy as strict as one can have. */
async function openShop(sandbox: string) {
  let content = ''
  const policy = `default-src 'none'; script-src 'self' ${sandbox}; style-src 'self' ${sandbox}`
  const pages: Record<string, () => string> = {
    '/': () => `<!doctype html><title></title><script src="/page.js"></script><body>${content}`,
    '/auth': () => '<!doctype html><title>Готово</title>',
    '/secrets': () => '',
    '/forged': () => `<!doctype html><form method="post" action="${sandbox}/oauth"><button>Приз</button></form>`,
  }
  const server = await listen(({ url = '' }) => {
    const path = url.split('?')[0] ?? ''
    const script =
      'const all = []; window.onRefusal = (refusal) => { all.push(refusal); document.title = JSON.stringify(all) }'
    if (path === '/page.js') return { status: 200, body: script, headers: { 'content-type': 'text/javascript' } }
    const body = pages[path]?.()
    if (body === undefined) return { status: 204 }
    return { status: 200, body, headers: { 'content-security-policy': policy } }
  })
  const show = (changed: string) => {
    content = changed
  }
  return { ...server, show }
}
