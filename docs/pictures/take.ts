import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { request } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { hash } from '@node-rs/argon2'
import { pino } from 'pino'
import { chromium, type Page } from 'playwright-core'
import { loadConfig } from '../../src/config/load.ts'
import { startSandbox } from '../../src/sandbox/server.ts'
import { startServer } from '../../src/server.ts'
import { findProgram } from '../../test/support/programs.ts'

/**
 * `node docs/pictures/take.ts` takes the pictures of docs/connect-amocrm.*: of our own pages, with the sandbox as the CRM,
 * at an address as a shop's own would be.
 */
const site = 'https://crm.example.ru'
const mostBytes = 150 * 1024

const folder = mkdtempSync(join(tmpdir(), 'parom-pictures-'))
const sandbox = await startSandbox({ port: 0 })
const integration = await tellSandbox('integrations', { name: 'Паром', redirect_uri: `${site}/api/auth` })
const { server, port } = await startParom()
const front = await startFront(port)
const browser = await chromium.launch({
  executablePath: findProgram('chromium') ?? 'chromium',
  args: ['--no-sandbox', `--host-resolver-rules=MAP crm.example.ru:443 127.0.0.1:${front.port}`],
})
try {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 860 },
    colorScheme: 'light',
    locale: 'ru-RU',
    ignoreHTTPSErrors: true,
  })
  await takeAll(await context.newPage())
} finally {
  await browser.close()
  front.close()
  await server.close()
  await sandbox.close()
  rmSync(folder, { recursive: true })
}

async function takeAll(page: Page) {
  await page.goto(`${site}/login`)
  await page.fill('#login', 'admin')
  await page.fill('#password', 'admin')
  await page.click('.sign-in button')
  await page.waitForURL('**/app')
  await page.goto(`${site}/api/auth`)
  await take(page, 'auth-before')
  await page.locator('main details summary').last().click()
  await take(page, 'auth-token', 940)

  await page.goto(`${site}/api/auth`)
  await page.locator('.connect a').click()
  await take(page, 'consent')
  await page.getByRole('button', { name: 'Разрешить' }).click()
  await page.waitForURL('**/api/auth**')
  await take(page, 'auth-connected')

  await postOrder()
  await page.goto(`${site}/app/transactions`)
  await page.locator('tbody a').first().click()
  await take(page, 'first-order', 700)
  await page.goto(`${site}/app/doctor`)
  await page.getByRole('button', { name: 'Проверить сейчас' }).click()
  await page.getByText('Проверено').waitFor()
  await page.goto(`${site}/app/doctor`)
  await take(page, 'doctor')
  do await page.goto(`${site}/app/mapping`)
  while (await page.getByText('Списки читаются').isVisible())
  await take(page, 'mapping', 680)

  await tellSandbox('disconnect', { client_id: integration['client_id'] })
  await page.goto(`${site}/api/auth`)
  await page.getByRole('button', { name: 'Проверить', exact: true }).click()
  await page.goto(`${site}/api/auth`)
  await take(page, 'auth-lost')
}

async function take(page: Page, name: string, height = 860) {
  await page.setViewportSize({ width: 1280, height })
  await sleep(400)
  const path = join(import.meta.dirname, `${name}.png`)
  await page.screenshot({ path })
  const { size } = statSync(path)
  console.log(`${name}.png  ${Math.round(size / 1024)} KiB`)
  if (size > mostBytes) throw new Error(`${name}.png is larger than ${mostBytes} bytes`)
}

async function startParom() {
  const config = await loadConfig({
    ENV_TYPE: 'local',
    PORT: '0',
    PUBLIC_URL: site,
    DATABASE_URL: `sqlite:${join(folder, 'parom.db')}`,
    AMO_BASE_URL: sandbox.url,
    AMO_AUTH_URL: sandbox.url,
    AMO_CLIENT_ID: integration['client_id'] ?? '',
    AMO_CLIENT_SECRET: integration['client_secret'] ?? '',
  })
  const [admin] = config.users
  if (!admin) throw new Error('config/users.ts has nobody')
  const users = [{ ...admin, login: 'admin', password: await hash('admin') }]
  const server = await startServer(
    { ...config, app: { ...config.app, trusted_proxies: ['loopback'] }, users },
    { log: pino({ level: 'silent' }) },
  )
  return { server, port: Number(new URL(server.url).port) }
}

/** As nginx stands before it. */
async function startFront(target: number) {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const subject = ['-subj', '/CN=crm.example.ru', '-days', '2']
  const files = ['-keyout', key, '-out', cert]
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...files, ...subject], { stdio: 'ignore' })
  const front = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (req, res) => {
    const headers = { ...req.headers, 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.7' }
    const { method, url: path } = req
    const passed = request({ port: target, host: '127.0.0.1', method, path, headers }, (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(res)
    })
    passed.on('error', () => res.destroy())
    req.pipe(passed)
  })
  await once(front.listen(0, '127.0.0.1'), 'listening')
  return { port: (front.address() as AddressInfo).port, close: () => front.close().closeAllConnections() }
}

async function tellSandbox(path: string, body: object) {
  const response = await fetch(`${sandbox.url}/__sandbox/${path}`, { method: 'POST', body: JSON.stringify(body) })
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  return response.json() as Promise<Record<string, string>>
}

async function postOrder() {
  const sample = join(import.meta.dirname, '../../test/fixtures/orders/opencart-sample/_webhook.txt')
  const response = await fetch(`http://127.0.0.1:${port}/api/order/create`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: readFileSync(sample),
  })
  const { id } = (await response.json()) as { id: string }
  while ((await server.inbox.find(id))?.state !== 'delivered') await sleep(200)
}
