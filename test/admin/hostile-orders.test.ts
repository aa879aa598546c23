import { decodeHTML } from 'entities'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { sendTelegram } from '../../src/alerts/channels/telegram.ts'
import { describe as inWords } from '../../src/alerts/texts.ts'
import { type Database, openDatabase } from '../../src/database/open.ts'
import { createMessageId } from '../../src/inbox/message-id.ts'
import { botToken, startHttpSink } from '../support/alert-sinks.ts'
import { startBrowser } from '../support/browser.ts'
import { freshMariadb } from '../support/databases.ts'
import { hostileTexts, orderOf } from '../support/hostile.ts'
import { asForm } from '../support/orders.ts'
import { startParom } from '../support/parom.ts'
import { createVisitor, formWith } from '../support/visitor.ts'

let parom: Awaited<ReturnType<typeof startParom>>
let browser: Browser
let sink: Awaited<ReturnType<typeof startHttpSink>>
let database: Database
let admin: ReturnType<typeof createVisitor>
const ids: string[] = []

beforeAll(async () => {
  const databaseUrl = await freshMariadb()
  sink = await startHttpSink()
  const telegram = { token: botToken, chats: ['-1001'], api: sink.url }
  parom = await startParom({ databaseUrl, alerts: { channels: { telegram } } })
  database = openDatabase(databaseUrl)
  browser = await startBrowser()
  admin = createVisitor(parom.url)
  await admin.signIn()
  for (const text of hostileTexts) ids.push((await parom.post(asForm(orderOf(text)))).body.id)
  await vi.waitFor(
    async () => {
      const messages = await Promise.all(ids.map((id) => parom.inbox.find(id)))
      expect(messages.filter((message) => message?.state === 'pending')).toHaveLength(0)
    },
    { timeout: 120_000, interval: 1000 },
  )
}, 180_000)
afterAll(async () => {
  await browser.close()
  await database.close()
  await parom.close()
  await sink.close()
})

/** Signed in, and told of everything that a text has done. */
async function openBrowser() {
  const context = await browser.newContext({ baseURL: parom.url })
  const page = await context.newPage()
  const happened: string[] = []
  await page.exposeFunction('pwned', (number: number) => happened.push(`pwned(${number})`))
  page.on('dialog', (dialog) => dialog.dismiss().then(() => happened.push('a dialog')))
  page.on('console', (message) => /Content Security Policy/.test(message.text()) && happened.push(message.text()))
  page.on('request', (request) => request.url().startsWith(parom.url) || happened.push(request.url()))
  await page.goto('/login')
  await page.fill('#login', 'admin')
  await page.fill('#password', 'admin')
  await page.click('.sign-in button')
  return { page, happened }
}

/** The text of a page as its reader sees it, and the elements in it that could do something. */
function readPage(page: Page, html: string) {
  return page.evaluate<{ text: string; foreign: string[] }>(`(${readDocument})(${JSON.stringify(html)})`)
}

const readDocument = `(html) => {
  const { body } = new DOMParser().parseFromString(html, 'text/html')
  const isForeign = (element) =>
    element.matches('script:not([src^="/public/"]):not([type="application/json"]), iframe, object, embed, base, meta, link, style') ||
    [...element.attributes].some(({ name, value }) => /^on|^style$/.test(name) || /^\\s*(javascript|data):/i.test(value))
  const typed = [...body.querySelectorAll('input, textarea')].map((element) => element.value)
  return {
    text: [body.textContent, ...typed].join(' '),
    foreign: [...body.querySelectorAll('*')].filter(isForeign).map((element) => element.outerHTML.slice(0, 200)),
  }
}`

/** What there is to read on some pages, once it is known that nothing of it could do something. */
async function readAll(page: Page, pages: string[]) {
  const read = await Promise.all(pages.map((html) => readPage(page, html)))
  expect(read.flatMap(({ foreign }) => foreign)).toEqual([])
  return read.map(({ text }) => text)
}

const missingIn = (text: string, texts = hostileTexts) => texts.filter((each) => !text.includes(each))

/** The page and those that come after it. */
async function walk(path: string) {
  const pages: string[] = []
  for (let next: string | undefined = path; next; ) {
    const { status, text } = await admin.visit(next)
    expect(status, next).toBe(200)
    pages.push(text)
    next = /<a href="([^"]+)" rel="next"/.exec(text)?.[1]?.replaceAll('&amp;', '&')
  }
  return pages
}

async function asJson(path: string) {
  return JSON.parse((await admin.visit(path, { headers: { accept: 'application/json' } })).text)
}

async function exportAs(format: string) {
  const { _csrf = '' } = formWith('_csrf', /./, (await admin.visit('/app/runs')).text)
  return admin.submit('/app/transactions/export', { _csrf, format })
}

/** Rows of `;`, quotes and CRLF, as a spreadsheet reads them. */
function rowsOf(csv: string) {
  const rows: string[][] = [[]]
  for (const [, quoted, plain, end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^;"\r\n]*))(;|\r\n|$)/g)) {
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain ?? '')
    if (end === '\r\n') rows.push([])
    if (end === '') return rows.filter(({ length }) => length > 1)
  }
  return rows
}

/** What an order says with the text: entities are what they mean, and what nobody sees is left out. */
const asRead = hostileTexts.map((text) => decodeHTML(text.replace(/\p{Cf}|\p{Zl}/gu, '')).trim())

/** What begins as a formula does stands behind an apostrophe, also behind another sign that may part cells. */
const inCell = (text: string) => text.replace(/(^|[,;][\s"]*)(?=[=+\-@＝＋－＠])/g, "$1'")

it('five hundred texts stand on the pages of their orders as they were typed', async () => {
  expect(hostileTexts).toHaveLength(500)
  const { page } = await openBrowser()
  for (const [index, id] of ids.entries()) {
    const paths = ['', ...(index % 5 === 0 ? ['/plan'] : [])].map((part) => `/app/transactions/${id}${part}`)
    if (index % 10 === 1) paths.push(`/app/mapping/bench?message=${id}`)
    const pages = await Promise.all(paths.map(async (path) => (await admin.visit(path)).text))
    for (const text of await readAll(page, pages)) expect(text).toContain(hostileTexts[index])
  }
}, 240_000)

it('lists and exports give them as they were typed, and no formula to a spreadsheet', async () => {
  const { transactions } = await asJson('/app/transactions?limit=500')
  const numbers = new Map(transactions.map(({ id, order_number }: Record<string, string>) => [id, order_number]))
  expect(ids.map((id) => numbers.get(id))).toEqual(asRead)

  const json = await exportAs('json')
  expect(json.headers.get('content-type')).toMatch(/^application\/json/)
  const exported = new Map(JSON.parse(json.text).map((order: Record<string, string>) => [order['id'], order]))
  expect(ids.map((id) => exported.get(id))).toMatchObject(asRead.map((order_number) => ({ order_number })))

  const csv = await exportAs('csv')
  expect(csv.headers.get('content-type')).toMatch(/^text\/csv/)
  const rows = new Map(rowsOf(csv.text).map((cells) => [cells.at(-1), cells]))
  expect(ids.map((id) => rows.get(id)?.[5])).toEqual(asRead.map(inCell))
  expect([...rows.values()].flat().filter((cell) => /^[=+\-@\t\r\n＝＋－＠]/.test(cell))).toEqual([])
}, 60_000)

it('they are texts in the filters, in the names of views and in the audit log', async () => {
  const { page } = await openBrowser()
  const rows = hostileTexts.map((text) => ({ id: createMessageId(Date.now()), text, at: Date.now() }))
  const named = rows.filter((_, index) => index % 21 === 0)
  const views = named.map(({ id, text, at }) => ({ id, login: 'admin', name: text, query: '', created_at: at }))
  await database.db.insertInto('saved_views').values(views).execute()
  const list = await readAll(page, [(await admin.visit('/app/transactions')).text])
  expect(
    missingIn(
      list.join(),
      named.map(({ text }) => text),
    ),
  ).toEqual([])
  for (const { text } of named) {
    const filters = new URLSearchParams({ q: text, form: text, source: text, partner: text })
    expect(missingIn((await readAll(page, await walk(`/app/transactions?${filters}`))).join(), [text])).toEqual([])
  }
  const said = rows.map(({ id, text: login, at }) => {
    return { id, at, login, action: 'exported', target: login, became: JSON.stringify({ filter: { form: login } }) }
  })
  await database.db.insertInto('audit').values(said).execute()
  expect(missingIn((await readAll(page, await walk('/app/audit'))).join())).toEqual([])
  const written = rowsOf((await admin.visit('/app/audit.csv')).text)
  for (const column of [1, 3])
    expect(missingIn(written.map((cells) => cells[column]).join('\n'), hostileTexts.map(inCell))).toEqual([])
}, 60_000)

it('they are texts among runs, problems and what failed', async () => {
  const { page } = await openBrowser()
  // Where a line ends, a cause ends, too.
  const shown = hostileTexts.map((text) => text.replace('\u2028', ''))
  for (const [index, id] of ids.entries()) {
    const error = `POST /api/v4/leads: HTTP 400; «${shown[index]}» (custom_fields_values.0): NotSupportedChoice`
    const failed = { state: 'dead', reason: 'crm_rejected', error } as const
    await database.db.updateTable('messages').set(failed).where('id', '=', id).execute()
  }
  expect(missingIn((await readAll(page, await walk('/app/problems'))).join(), shown)).toEqual([])
  const { problems } = await asJson('/app/problems')
  expect(missingIn(problems.map(({ detail }: { detail: string }) => detail).join('\n'), shown)).toEqual([])

  const runs = hostileTexts.map((text) => ({
    ...{ id: createMessageId(Date.now()), account: 'sandbox.amocrm.ru', name: text, created_at: Date.now() },
    ...{ created_by: text, scope: JSON.stringify({ filter: { form: text } }), state: 'done' as const, failed: 500 },
  }))
  await database.db.insertInto('runs').values(runs).execute()
  expect(missingIn((await readAll(page, await walk('/app/runs'))).join())).toEqual([])
  const [{ id: run_id } = expect.fail()] = runs
  const items = ids.map((message_id) => ({ run_id, message_id, outcome: 'failed' as const }))
  await database.db.insertInto('run_items').values(items).execute()
  expect(missingIn((await readAll(page, await walk(`/app/runs/${run_id}`))).join(), asRead)).toEqual([])
}, 60_000)

it('Telegram is told them as they are, each in its line', async () => {
  await vi.waitFor(() => {
    parom.advance(1000)
    expect(asRead.some((text) => sink.messages[0]?.text.includes(inAlert(text)))).toBe(true)
  })
  const told = sink.messages.length
  const telegram = { token: botToken, api: sink.url }
  const words = { translate: (key: string) => key, language: 'ru', timeZone: 'UTC', base: parom.url } as const
  const trouble = { rule: 'needs_person', kind: 'raised', at: 0, since: 0 } as const
  for (const text of hostileTexts) {
    const translate = (key: string, params = {}) => `${key} ${Object.values(params).join()}`
    const message = inWords({ ...trouble, details: { count: 1, orders: [text] } }, { ...words, translate })
    await sendTelegram(telegram, '-1001', message)
  }
  for (const [index, message] of sink.messages.slice(told).entries()) {
    expect(Object.keys(message).toSorted()).toEqual(['chat_id', 'link_preview_options', 'text'])
    expect(message.text.split('\n')).toHaveLength(3)
    expect(message.text).toContain(inAlert(hostileTexts[index] ?? '?'))
  }
}, 60_000)

/** On one line, without what nobody sees, and cut where it is long. */
function inAlert(text: string) {
  const line = text.replace(/[\p{C}\p{Z}]+/gu, ' ').trim()
  return line.length > 60 ? line.slice(0, 59) : line
}

it('a browser that opens the list and some of the orders does nothing of what they say', async () => {
  const { page, happened } = await openBrowser()
  await page.goto('/app/transactions?limit=500')
  expect(await page.locator('tbody tr').count()).toBeGreaterThanOrEqual(500)
  const html = await page.content()
  expect((await readPage(page, html)).foreign).toEqual([])
  for (const id of ids.filter((_, index) => index % 21 === 0)) await page.goto(`/app/transactions/${id}`)
  expect(happened).toEqual([])
}, 120_000)
