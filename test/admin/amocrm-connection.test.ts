import { createHmac } from 'node:crypto'
import { Writable } from 'node:stream'
import { hashSync } from '@node-rs/argon2'
import { pino } from 'pino'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startBrowser } from '../support/browser.ts'
import { configWithUsers } from '../support/config.ts'
import { onEachDatabase } from '../support/databases.ts'
import { freePort } from '../support/mariadb.ts'
import { sampleOrder } from '../support/orders.ts'
import { startParom, startTestSandbox } from '../support/parom.ts'
import { createVisitor } from '../support/visitor.ts'

type Visitor = ReturnType<typeof createVisitor>

onEachDatabase('/api/auth', (database) => {
  let sandbox: Awaited<ReturnType<typeof startTestSandbox>>
  let parom: Awaited<ReturnType<typeof startParom>>
  let credentials: Record<'client_id' | 'client_secret' | 'redirect_uri' | 'code' | 'access_token', string>
  let printed: string
  let admin: Visitor
  beforeEach(async () => {
    sandbox = await startTestSandbox()
    credentials = await sandbox.credentials()
    printed = ''
    parom = await start()
    admin = createVisitor(parom.url)
    await admin.signIn()
  })
  afterEach(async () => {
    await parom.close()
    await sandbox.close()
  })

  const users = configWithUsers([
    { login: 'admin', name: 'Анна', password: hashSync('admin'), roles: ['admin'] },
    { login: 'operator', name: 'Олег', password: hashSync('operator'), roles: ['operator'] },
  ])

  afterAll(users.remove)

  /** Not connected, with an integration to connect through. */
  async function start(env: Record<string, string> = {}) {
    return startParom({
      databaseUrl: await database.fresh(),
      sandbox,
      env: {
        CONFIG_DIR: users.folder,
        AMO_ACCESS_TOKEN: '',
        AMO_CLIENT_ID: credentials.client_id,
        AMO_CLIENT_SECRET: credentials.client_secret,
        AMO_REDIRECT_URI: credentials.redirect_uri,
        AMO_AUTH_URL: sandbox.url,
        ...env,
      },
      log: pino(
        { level: 'trace' },
        new Writable({
          write: (chunk, _encoding, done) => {
            printed += chunk
            done()
          },
        }),
      ),
    })
  }

  const stateOn = (page: string) => /data-state="([^"]+)"/.exec(page)?.[1] ?? ''
  const csrfOn = (page: string) => /name="_csrf" value="([^"]+)"/.exec(page)?.[1] ?? ''
  const shownText = (page: string) => page.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ')

  /** What amoCRM's redirect brings back. */
  async function comeBack(visitor: Visitor, query: Record<string, string> = {}) {
    const state = stateOn((await visitor.visit('/api/auth')).text)
    const sent = { code: credentials.code, referer: new URL(sandbox.url).host, state, platform: '1', ...query }
    return visitor.visit(`/api/auth?${new URLSearchParams(sent)}`)
  }

  async function post(action: string, fields: Record<string, string> = {}) {
    return admin.submit(`/api/auth/${action}`, { _csrf: csrfOn((await admin.visit('/api/auth')).text), ...fields })
  }

  it('connects by the code that amoCRM sends back, and the orders that waited go out', async () => {
    const { body } = await parom.post(sampleOrder)
    await parom.reaches(body.id, 'held')
    expect(shownText((await admin.visit('/app/transactions')).text)).toContain(
      'Паром не подключён к amoCRM, заказы ждут',
    )

    const { status, location } = await comeBack(admin)
    expect([status, location]).toEqual([303, '/api/auth?done'])
    const page = shownText((await admin.visit('/api/auth?done')).text)
    for (const part of ['Готово: amoCRM отвечает', 'Связь есть', 'администратор', 'через интеграцию (OAuth)'])
      expect(page).toContain(part)
    await parom.reaches(body.id, 'delivered')
    expect(shownText((await admin.visit('/app/transactions')).text)).not.toContain('заказы ждут')
  })

  it('keeps codes, tokens and secrets out of the log and of every page', async () => {
    await comeBack(admin)
    await post('token', { access_token: credentials.access_token })
    const pages = (await admin.visit('/api/auth')).text + (await admin.visit('/app/transactions')).text
    for (const secret of [credentials.code, credentials.client_secret, credentials.access_token]) {
      expect(printed).not.toContain(secret)
      expect(pages).not.toContain(secret)
    }
  })

  it('shows the addresses that belong into the integration, and the button with what it needs', async () => {
    const { text, headers } = await admin.visit('/api/auth')
    expect(text).toContain(`<code class="copy">${credentials.redirect_uri}</code>`)
    expect(text).toContain(`src="${sandbox.url}/auth/button.min.js"`)
    expect(text).toContain(`data-client-id="${credentials.client_id}"`)
    expect(headers.get('content-security-policy')).toContain(`script-src 'self' ${sandbox.url}`)
  })

  describe('takes nothing', () => {
    afterEach(async () => {
      expect((await admin.visit('/api/auth')).text).toContain('Паром не подключён к amoCRM')
      expect(await sandbox.requests()).toEqual([])
    })

    it('from somebody who is not signed in', async () => {
      const someone = createVisitor(parom.url)
      const { status, location } = await someone.visit(`/api/auth?code=${credentials.code}&state=x&referer=y`)
      expect(status).toBe(302)
      expect(location).toBe('/login?return_page=%2Fapi%2Fauth')
    })

    it('from an operator', async () => {
      const operator = createVisitor(parom.url)
      await operator.signIn('operator', 'operator')
      const page = await operator.visit('/api/auth')
      expect([page.status, shownText(page.text)]).toEqual([403, expect.stringContaining('нужны другие права')])
      expect((await operator.submit('/api/auth/token', { access_token: credentials.access_token })).status).toBe(403)
    })

    it.each(['', 'made-up'])('with the state %j', async (state) => {
      const { status, text } = await comeBack(admin, { state })
      expect([status, shownText(text)]).toEqual([400, expect.stringContaining('Начните подключение с этой страницы')])
    })

    it('with the state of another session', async () => {
      const other = createVisitor(parom.url)
      await other.signIn()
      const state = stateOn((await other.visit('/api/auth')).text)
      expect((await comeBack(admin, { state })).status).toBe(400)
    })

    it('from a host that is none of the CRM’s', async () => {
      const { status, text } = await comeBack(admin, { referer: 'evil.example' })
      expect([status, shownText(text)]).toEqual([400, expect.stringContaining('«evil.example» не принадлежит amoCRM')])
    })

    it('when somebody declined', async () => {
      const { status, text } = await comeBack(admin, { error: 'access_denied' })
      expect([status, shownText(text)]).toEqual([400, expect.stringContaining('В amoCRM отказали в доступе')])
    })

    it('without the token of the form', async () => {
      for (const action of ['token', 'check', 'disconnect'])
        expect((await admin.submit(`/api/auth/${action}`, { access_token: credentials.access_token })).status).toBe(403)
    })

    it('that is no token', async () => {
      for (const access_token of ['', 'короткий', 'кириллица'.repeat(20), 'слово '.repeat(20)])
        expect(shownText((await post('token', { access_token })).text)).toContain('не похоже на токен')
    })
  })

  it('takes a state once', async () => {
    const state = stateOn((await admin.visit('/api/auth')).text)
    const back = `/api/auth?${new URLSearchParams({ code: credentials.code, referer: new URL(sandbox.url).host, state })}`
    expect((await admin.visit(back)).status).toBe(303)
    expect((await admin.visit(back)).status).toBe(400)
  })

  it('takes a way back that is opened twice at once for one', async () => {
    await sandbox.faults([{ path: '/oauth2/access_token', effect: 'delay', delay_ms: 500 }])
    const state = stateOn((await admin.visit('/api/auth')).text)
    const back = `/api/auth?${new URLSearchParams({ code: credentials.code, referer: new URL(sandbox.url).host, state })}`
    const first = admin.visit(back)
    await expect.poll(async () => (await sandbox.requests()).length).toBe(1)
    expect((await admin.visit(back)).status).toBe(400)
    expect((await first).status).toBe(303)
  })

  it('says until when amoCRM wants to be left alone, and keeps nobody waiting', async () => {
    await post('token', { access_token: credentials.access_token })
    await sandbox.faults([
      { path: '/api/v4/*', effect: 'status', status: 429, headers: { 'Retry-After': '300' }, times: 1 },
    ])
    await expect.poll(async () => (await sandbox.requests()).some(({ status }) => status === 429)).toBe(true)
    const refused = await post('check')
    expect([refused.status, shownText(refused.text)]).toEqual([
      502,
      expect.stringContaining('Подождите до времени ниже'),
    ])
    expect(shownText((await admin.visit('/app/transactions')).text)).toContain('amoCRM просит слать реже: заказы ждут')
    const asked = (await sandbox.requests()).length
    const second = await parom.post(`${sampleOrder}&order_id=2`)
    parom.advance(200_000)
    expect(await parom.inbox.find(second.body.id)).toMatchObject({ attempts: 0 })
    expect(await sandbox.requests()).toHaveLength(asked)
  })

  it('says what to compare when amoCRM does not trade the code', async () => {
    const { status, text } = await comeBack(admin, { code: 'made-up' })
    expect([status, shownText(text)]).toEqual([502, expect.stringContaining('Проверьте ID, секретный ключ')])
  })

  it('takes a long-lived token that amoCRM takes, and leaves the connection alone for another', async () => {
    expect(
      (
        await post('token', {
          access_token: ` Bearer ${credentials.access_token.slice(0, 90)}\n${credentials.access_token.slice(90)}\n`,
        })
      ).location,
    ).toBe('/api/auth?done')
    const refused = await post('token', { access_token: 'x'.repeat(200) })
    expect([refused.status, shownText(refused.text)]).toEqual([502, expect.stringContaining('не приняла токен')])
    expect(shownText(refused.text)).toContain('Связь есть')
    const { body } = await parom.post(sampleOrder)
    await parom.reaches(body.id, 'delivered')
  })

  it('takes a long-lived token of an account that was renamed meanwhile', async () => {
    await comeBack(admin)
    const account_host = `localhost:${new URL(sandbox.url).port}`
    await sandbox.settings({ account_host })
    const { body } = await parom.post(sampleOrder)
    await parom.reaches(body.id, 'delivered')
    expect((await post('token', { access_token: credentials.access_token })).location).toBe('/api/auth?done')
    expect(shownText((await admin.visit('/api/auth')).text)).toContain(`Аккаунт теперь на ${account_host}`)
  })

  it('offers a way to the consent page that needs no window of its own', async () => {
    expect((await admin.visit('/api/auth')).text).toMatch(/href="[^"]*\/oauth\?[^"]*mode=post_message"/)
  })

  it('notices that the rights have changed', async () => {
    await comeBack(admin)
    expect((await admin.visit('/api/auth')).text).toContain('<small>администратор</small>')
    await sandbox.faults([{ path: '/api/v4/users/*', effect: 'status', status: 403 }])
    await post('check')
    expect((await admin.visit('/api/auth')).text).not.toContain('<small>администратор</small>')
  })

  it('disconnects when asked, and orders wait', async () => {
    await comeBack(admin)
    expect((await post('disconnect')).status).toBe(303)
    expect((await admin.visit('/api/auth')).text).toContain('Паром не подключён к amoCRM')
    const { body } = await parom.post(sampleOrder)
    expect(await parom.reaches(body.id, 'held')).toMatchObject({ reason: 'not_connected' })
  })

  it('tells why the connection is lost and what to do, and is mended by a check once it can be', async () => {
    await post('token', { access_token: credentials.access_token })
    await sandbox.faults([{ path: '/api/v4/*', effect: 'status', status: 402 }])
    const { body } = await parom.post(sampleOrder)
    await parom.reaches(body.id, 'held')
    const page = shownText((await admin.visit('/api/auth')).text)
    for (const part of ['Связь потеряна', 'аккаунт amoCRM не оплачен', 'Оплатите аккаунт', 'HTTP 402'])
      expect(page).toContain(part)
    expect(shownText((await post('check')).text)).toContain('amoCRM не пускает')
    await sandbox.faults([])
    expect((await post('check')).status).toBe(303)
    await parom.reaches(body.id, 'delivered')
  })

  it('notices at once when somebody switches the integration off in amoCRM', async () => {
    await comeBack(admin)
    await sandbox.settings({ disconnect_url: `${parom.url}/api/auth/disconnected` })
    await sandbox.disconnect()
    await expect.poll(async () => shownText((await admin.visit('/api/auth')).text)).toContain('Связь потеряна')
    const { body } = await parom.post(sampleOrder)
    await parom.reaches(body.id, 'held')
  })

  it('notices a signed call that the integration was switched off, if it is true', async () => {
    await comeBack(admin)
    const { client_id, client_secret } = credentials
    const { id } = (await sandbox.state()).account
    const signature = createHmac('sha256', client_secret).update(`${client_id}|${id}`).digest('hex')
    const call = (query: object) => fetch(`${parom.url}/api/auth/disconnected?${new URLSearchParams({ ...query })}`)
    for (const query of [
      {},
      { account_id: `${id}`, client_uuid: client_id },
      {
        account_id: `${id}`,
        client_uuid: client_id,
        signature: signature.replace(/^./, (c) => (c === 'a' ? 'b' : 'a')),
      },
      { account_id: '1', client_uuid: client_id, signature },
    ])
      expect((await call(query)).status).toBe(403)

    const asked = (await sandbox.requests()).length
    expect((await call({ account_id: `${id}`, client_uuid: client_id, signature })).status).toBe(200)
    await expect.poll(async () => (await sandbox.requests()).length).toBeGreaterThan(asked)
    expect((await admin.visit('/api/auth')).text).toContain('Связь есть')

    await sandbox.faults([{ effect: 'status', status: 401 }])
    expect((await call({ account_id: `${id}`, client_uuid: client_id, signature })).status).toBe(200)
    await expect.poll(async () => (await admin.visit('/api/auth')).text).toContain('Связь потеряна')
  })
})

describe('the button at /api/auth', () => {
  it('leads through amoCRM’s consent page and back, in a window of its own', async () => {
    const port = await freePort()
    const sandbox = await startTestSandbox()
    const redirect_uri = `http://127.0.0.1:${port}/api/auth`
    await sandbox.settings({ redirect_uri })
    const { client_id, client_secret } = await sandbox.credentials()
    const parom = await startParom({
      databaseUrl: 'sqlite::memory:',
      sandbox,
      env: {
        PORT: String(port),
        AMO_ACCESS_TOKEN: '',
        AMO_CLIENT_ID: client_id,
        AMO_CLIENT_SECRET: client_secret,
        AMO_AUTH_URL: sandbox.url,
      },
    })
    const browser = await startBrowser()
    try {
      const page = await browser.newPage()
      const complaints: string[] = []
      page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
      await page.goto(`${parom.url}/login?return_page=/api/auth`)
      await page.fill('#login', 'admin')
      await page.fill('#password', 'admin')
      await page.click('main button')
      const popup = page.waitForEvent('popup')
      await page.click('text=Войти через amoCRM')
      await (await popup).click('text=Разрешить')
      await page.waitForURL('**/api/auth?done')
      expect(await page.innerText('main')).toContain('Готово: amoCRM отвечает')
      expect(complaints).toEqual([])
    } finally {
      await browser.close()
      await parom.close()
      await sandbox.close()
    }
  })
})
