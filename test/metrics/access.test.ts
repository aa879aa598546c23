import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { startParom } from '../support/parom.ts'
import { scrape } from '../support/scrape.ts'

const token = 'token-of-prometheus'
const project = join(import.meta.dirname, '../../config')

async function start(env: Record<string, string>) {
  const parom = await startParom({ databaseUrl: 'sqlite::memory:', env })
  onTestFinished(() => parom.close())
  return parom.url
}

/** Settings of an installation that is none of `local`. */
function elsewhere() {
  const folder = mkdtempSync(join(tmpdir(), 'parom-config-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  cpSync(project, folder, { recursive: true })
  cpSync(join(project, 'local'), join(folder, 'shop'), { recursive: true })
  return { ENV_TYPE: 'shop', CONFIG_DIR: folder, WEBHOOK_TOKEN: 'token-of-the-cabinet' }
}

it('metrics are for who shows their token, and below the folder of the installation', async () => {
  const url = await start({ METRICS_TOKEN: token, BASE_PATH: 'integra' })
  for (const wrong of [undefined, 'x', `${token}x`, token.slice(1), token.toUpperCase()]) {
    const { response, text } = await scrape(url, wrong)
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="metrics"')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(text).not.toContain('parom_')
  }
  expect((await fetch(`${url}/metrics?token=${token}`)).status).toBe(401)
  const { response, value, counts } = await scrape(url, token)
  expect(response.status).toBe(200)
  expect(value('parom_build_info', { database: 'sqlite', node: process.versions.node })).toBe(1)
  expect(counts('parom_http_requests_total')).toEqual({ 'metrics 401': 6 })
})

it('metrics are open in local where nobody has set a token', async () => {
  const { response, value } = await scrape(await start({}))
  expect(response.status).toBe(200)
  expect(value('parom_build_info')).toBe(1)
})

it('metrics are closed elsewhere until somebody sets one, and the answer names the key', async () => {
  const { response, text } = await scrape(await start(elsewhere()), token)
  expect(response.status).toBe(403)
  expect(text).toContain('metrics_token')
  expect(text).not.toContain('parom_')
})

it('a token of metrics is no shorter than 16 characters', async () => {
  const where = elsewhere()
  const file = join(where.CONFIG_DIR, 'shop/app.config.ts')
  writeFileSync(file, readFileSync(file, 'utf8').replace('metrics_token: null', "metrics_token: 'fifteen-letters'"))
  await expect(loadConfig(where)).rejects.toThrow('app.config.ts → metrics_token (или переменная METRICS_TOKEN)')
  await expect(loadConfig({ ...where, METRICS_TOKEN: 'x' })).rejects.toThrow('переменная METRICS_TOKEN: ожидается')
  expect((await loadConfig({ ...where, METRICS_TOKEN: token })).app.metrics_token).toBe(token)
})
