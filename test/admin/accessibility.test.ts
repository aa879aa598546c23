import type { Browser, BrowserContextOptions } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDatabase } from '../../src/database/open.ts'
import { violationsOf } from '../support/axe.ts'
import { startBrowser } from '../support/browser.ts'
import { freshMariadb } from '../support/databases.ts'
import { storeFailed } from '../support/failed-orders.ts'
import { anOrder, asForm } from '../support/orders.ts'
import { addresses } from '../support/page-routes.ts'
import { startParom } from '../support/parom.ts'
import { createVisitor, formWith } from '../support/visitor.ts'

let parom: Awaited<ReturnType<typeof startParom>>
let browser: Browser
/** Where each page with a parameter in its path has something to show. */
const real: Record<string, string> = {}

beforeAll(async () => {
  const databaseUrl = await freshMariadb()
  parom = await startParom({ databaseUrl })
  browser = await startBrowser()
  const send = async (fields: Record<string, string>) => (await parom.post(asForm(anOrder(fields)))).body.id
  const delivered = await send({ order_id: '10512', comment: 'Позвоните 🙂' })
  await parom.reaches(delivered, 'delivered')
  await parom.post('token=wrong', { 'content-type': 'application/xml' })
  await parom.sandbox.faults([{ path: '/api/v4/leads', method: 'POST', effect: 'status', status: 400 }])
  const dead = await send({ order_id: '10513' })
  await parom.reaches(dead, 'dead')
  await parom.sandbox.faults([])
  const admin = createVisitor(parom.url)
  await admin.signIn()
  const { _csrf = '' } = formWith('_csrf', /./, (await admin.visit('/app/runs')).text)
  const database = openDatabase(databaseUrl)
  await storeFailed(database, 2)
  await database.close()
  const { token = '' } = formWith('token', /./, (await admin.visit('/app/mapping/bench?case=clean')).text)
  const test = await admin.submit('/app/mapping/tests', { _csrf, token, source: 'lk', order: asForm(anOrder({})) })
  const invited = await admin.submit('/app/people', { _csrf, login: 'olga', name: 'Ольга', roles: 'operator' })
  await admin.submit('/app/sources', { _csrf, name: 'Ромашка', email: 'romashka@shop.example' })
  const run = formWith('token', /./, (await admin.visit('/app/runs/new?state=dead')).text)
  Object.assign(real, {
    '/app/transactions/:id': `/app/transactions/${dead}`,
    '/app/transactions/:id/plan': `/app/transactions/${delivered}/plan`,
    '/app/runs/new': '/app/runs/new?state=dead',
    '/app/runs/:id': (await admin.submit('/app/runs', run)).location,
    '/app/mapping/tests/:id': test.location,
    '/app/people/:login': '/app/people/olga',
    '/app/sources/:source': '/app/sources/api-ro',
    '/invitations/:token': /\/invitations\/[\w-]+/.exec(invited.text)?.[0],
    '/readme/docs/:name': '/readme/docs/mapping.md',
  })
  real['another order'] = `/app/transactions/${delivered}`
})
afterAll(async () => {
  await browser.close()
  await parom.close()
})

/** Those that only lead to others, files, and a part of a page. */
const noPages = [
  '/',
  ...[
    '/app/checklist',
    '/app/transactions/redeliveries',
    '/app/transactions/export',
    '/app/transactions/views',
    '/app/transactions/views/:id',
  ],
  ...['/app/delivery/pause', '/app/delivery/resume', '/app/runs/:id/:deed', '/app/mapping/lists'],
  ...['/app/mapping/tests', '/app/mapping/tests/:id/cleanings', '/app/alerts/tests', '/app/doctor/checks'],
  ...['/api/auth/token', '/api/auth/check', '/api/auth/disconnect', '/api/auth/disconnected'],
  ...['/api/docs/openapi.json', '/readme/docs/:folder/:name'],
  ...['/app/transactions/:id/body', '/app/transactions/:id/text', '/app/audit.csv', '/app/transactions/news', '/login'],
]
const pages = addresses.flatMap(([method, path]) => (method === 'get' && !noPages.includes(path) ? [path] : []))
/** What a page shows with this in its address. */
const furtherPages = [
  ...['/app/transactions?state=dead', '/app/transactions?state=rejected', 'another order'],
  ...['/app/mapping/bench?case=unknown_product', '/no-such-page'],
]
/** Other words on the same pages: some of each kind. */
const inEnglish = [
  '/app',
  '/app/transactions',
  'another order',
  '/app/runs/:id',
  '/app/mapping',
  '/app/alerts',
  '/app/audit',
  '/app/sources',
  '/app/sources/:source',
  '/api/docs',
]
const wide = { viewport: { width: 1280, height: 900 }, colorScheme: 'light' } as const
const phone = { viewport: { width: 360, height: 740 }, colorScheme: 'dark' } as const

describe.each<[string, (BrowserContextOptions & typeof wide) | typeof phone, 'ru' | 'en']>([
  ['a wide window, light', wide, 'ru'],
  ['a phone, dark', phone, 'ru'],
  ['a phone, in English', phone, 'en'],
])('in %s', (_window, options, language) => {
  it('no page has violations, and none is wider than the window', async () => {
    const context = await browser.newContext({ ...options, baseURL: parom.url })
    await context.addCookies([{ name: 'parom-language', value: language, url: parom.url }])
    const page = await context.newPage()
    const found: Record<string, unknown> = {}
    const look = async (path: string) => {
      const violations = await violationsOf(page, language === 'ru' ? [] : sameInEveryLanguage)
      const width = await page.evaluate<number>('document.documentElement.scrollWidth')
      if (violations.length > 0 || width > options.viewport.width) found[path] = { violations, width }
    }
    await page.goto('/login')
    await look('/login')
    await page.fill('#login', 'admin')
    await page.fill('#password', 'admin')
    await page.click('.sign-in button')
    for (const path of language === 'ru' ? [...pages, ...furtherPages] : inEnglish) {
      const address = real[path] ?? path
      const answer = await page.goto(address)
      expect([path, answer?.status(), new URL(page.url()).pathname]).toEqual([
        path,
        path === '/no-such-page' ? 404 : 200,
        address.replace(/\?.*/, ''),
      ])
      await look(path)
    }
    expect(found).toEqual({})
  }, 180_000)
})

/** And slow. */
const sameInEveryLanguage = ['color-contrast']
