import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Nginx, siteName, startNginx } from '../support/nginx.ts'
import { anOrder, asForm, sampleOrder } from '../support/orders.ts'
import { addresses } from '../support/page-routes.ts'
import { startParom } from '../support/parom.ts'
import { createVisitor } from '../support/visitor.ts'

const folder = mkdtempSync(join(tmpdir(), 'parom-behind-nginx-'))
const socket = join(folder, '1.sock')
const form = { 'content-type': 'application/x-www-form-urlencoded' }
const token = 'token-that-no-log-may-hold'
const mebibyte = 1024 * 1024

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.each([
  { file: 'parom.conf', base: '', env: {}, trusted: ['loopback'] },
  { file: 'parom-subpath.conf', base: '/integra', env: { BASE_PATH: 'integra' }, trusted: ['loopback'] },
  { file: 'parom-sockets.conf', base: '', env: { HOST: `unix:${socket}` }, trusted: ['socket'] },
])('behind nginx with $file', ({ file, base, env, trusted }) => {
  let parom: Awaited<ReturnType<typeof startParom>>
  let nginx: Nginx
  const site = `https://${siteName}${base}`
  const visitorFrom = (address: string) => createVisitor(site, nginx.from(address))
  const post = (path: string, body: string, headers: Record<string, string> = form) =>
    nginx.from('127.0.0.5')(`${site}${path}`, { method: 'POST', headers, body })

  beforeAll(async () => {
    parom = await startParom({
      databaseUrl: 'sqlite::memory:',
      env: { PUBLIC_URL: `https://${siteName}`, WEBHOOK_TOKEN: token, ...env },
      trustedProxies: trusted,
    })
    const address = 'HOST' in env ? env.HOST : new URL(parom.url).host
    nginx = await startNginx(file, { '127.0.0.1:3000': address, 'unix:/run/parom/1.sock': address })
  })
  afterAll(async () => {
    await nginx.close()
    await parom.close()
  })

  it('serves every page, and its redirects stay on the site and in its folder', async () => {
    const someone = visitorFrom('127.0.0.5')
    const { status, location, headers } = await someone.signIn()
    expect({ status, location }).toEqual({ status: 303, location: `${base}/app` })
    expect(headers.getSetCookie().join()).toMatch(/^__Host-parom=[^;]+; Path=\/; .*HttpOnly; Secure; SameSite=Lax/)
    const ofAmocrm = '/api/auth/disconnected'
    const pages = addresses.filter(([method, path]) => method === 'get' && !path.includes(':') && path !== ofAmocrm)
    const answers = await Promise.all(
      pages.map(async ([, path]) => {
        const answer = await someone.visit(path)
        const isHere = !answer.location || answer.location.startsWith(`${base}/`)
        return { path, isThere: answer.status < 400, isHere }
      }),
    )
    expect(answers.filter(({ isThere, isHere }) => !isThere || !isHere)).toEqual([])
    expect((await visitorFrom('127.0.0.5').visit('/login')).headers.get('strict-transport-security')).toContain(
      'max-age',
    )
  })

  it('knows visitors and shops by their own address, whatever they say', async () => {
    const liar = createVisitor(site, (url, { headers, ...init }) =>
      nginx.from('127.0.0.6')(url, {
        ...init,
        headers: {
          ...Object.fromEntries(new Headers(headers)),
          'x-forwarded-for': '203.0.113.9',
          'x-forwarded-host': 'evil',
        },
      }),
    )
    await liar.signIn()
    const { text } = await liar.visit('/app/sessions')
    expect(text).toContain('127.0.0.6')
    expect(text).not.toContain('203.0.113.9')
    const { id } = (await (await post(`/api/order/create?token=${token}`, asForm(anOrder()))).json()) as { id: string }
    expect(await parom.inbox.find(id)).toMatchObject({ address: '127.0.0.5' })
  })

  it('takes orders up to the limit, and Parom itself refuses larger ones', async () => {
    const large = (bytes: number) => `${sampleOrder}&x=${'x'.repeat(bytes - sampleOrder.length - 3)}`
    const whole = await post(`/api/order/create?token=${token}`, large(mebibyte))
    expect(whole.status).toBe(200)
    const refused = await post(`/api/order/create?token=${token}`, large(mebibyte + 1))
    expect(await refused.json()).toMatchObject({ status: 413, error: 'too_large' })
    const stranger = await post('/api/create-order', '{}', { 'content-type': 'application/json' })
    expect({ status: stranger.status, body: await stranger.json() }).toMatchObject({
      status: 400,
      body: { message: 'Unauthenticated' },
    })
  })

  it('shows at once in the list what comes in', async () => {
    const someone = visitorFrom('127.0.0.5')
    await someone.signIn()
    const news = async () => {
      const { text } = await someone.visit('/app/transactions/news?after=00000000-0000-0000-0000-000000000000')
      return Number(/data-count="(\d+)"/.exec(text)?.[1] ?? 0)
    }
    const before = await news()
    await post(`/api/order/create?token=${token}`, asForm(anOrder({ comment: 'ещё один' })))
    expect(await news()).toBe(before + 1)
  })

  it('tells strangers nothing of its health, and presses no page that holds a secret', async () => {
    const ask = async (address: string, path: string) =>
      nginx.from(address)(`${site}${path}`, { headers: { 'accept-encoding': 'gzip' } })
    expect((await ask('127.0.0.1', '/health/ready')).status).toBe(200)
    for (const path of ['/health/ready', '/health/live', '/metrics', '/Metrics'])
      expect({ path, status: (await ask('127.0.0.5', path)).status }).toEqual({ path, status: 403 })
    expect((await ask('127.0.0.5', '/public/parom.css')).headers.get('content-encoding')).toBe('gzip')
    expect((await ask('127.0.0.5', '/login')).headers.get('content-encoding')).toBe(null)
  })

  it('gives a request one id in both logs', async () => {
    const { headers } = await nginx.from('127.0.0.5')(`${site}/login`)
    const id = headers.get('x-request-id') ?? ''
    expect(id).toMatch(/^[\da-f]{32}$/)
    await vi.waitFor(() => expect(nginx.logs()).toContain(` ${id}\n`))
  })

  it('leads from http to https', async () => {
    if (base) return
    const answer = await fetch(`http://127.0.0.1:${nginx.httpPort}/app?x=1`, { redirect: 'manual' })
    expect(answer.status).toBe(308)
    expect(answer.headers.get('location')).toMatch(/^https:\/\/[^/]+\/app\?x=1$/)
  })

  it('writes no token into a log, not even when Parom is gone', async () => {
    await visitorFrom('127.0.0.5').visit(`/invitations/${token}?token=${token}`)
    await parom.close()
    expect((await post(`/api/order/create?token=${token}`, asForm(anOrder()))).status).toBe(502)
    await vi.waitFor(() => expect(nginx.logs()).toContain(`"POST ${base}/api/order/create" 502`))
    const lines = nginx.logs()
    expect(lines).toContain(`"GET ${base}/invitations/..."`)
    expect(lines).not.toContain(token)
  })
})

it('gives /metrics of each process on a socket an address of its own, and nothing else', async () => {
  const path = join(folder, 'metrics.sock')
  const env = { HOST: `unix:${path}`, PUBLIC_URL: `https://${siteName}`, METRICS_TOKEN: `${token}-of-prometheus` }
  const parom = await startParom({ databaseUrl: 'sqlite::memory:', env })
  const nginx = await startNginx('parom-metrics.conf', { '/run/parom/1.sock': path, '/run/parom/2.sock': path })
  const ask = async (port: number, of: string, headers: Record<string, string> = {}) => {
    const answer = await fetch(`http://127.0.0.1:${port}${of}`, { headers })
    return { status: answer.status, tells: (await answer.text()).includes('parom_build_info{') }
  }
  const authorization = `Bearer ${env.METRICS_TOKEN}`
  for (const port of [nginx.port, nginx.httpPort]) {
    expect(await ask(port, '/metrics', { authorization })).toEqual({ status: 200, tells: true })
    expect(await ask(port, '/metrics')).toEqual({ status: 401, tells: false })
    expect(await ask(port, '/login')).toEqual({ status: 404, tells: false })
  }
  await nginx.close()
  await parom.close()
})
