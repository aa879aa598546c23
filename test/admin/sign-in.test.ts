import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { localPage } from '../../src/admin/sign-in.ts'
import { onEachDatabase } from '../support/databases.ts'
import { startParom } from '../support/parom.ts'
import { createVisitor } from '../support/visitor.ts'

onEachDatabase('signing in', (database) => {
  let parom: Awaited<ReturnType<typeof startParom>>
  beforeAll(async () => {
    parom = await startParom({ databaseUrl: await database.fresh() })
  })
  afterAll(() => parom.close())
  const visitor = () => createVisitor(parom.url)

  it('sends whoever is not signed in to the form, and back to where he wanted to go', async () => {
    const someone = visitor()
    for (const path of ['/app', '/app/transactions', '/app/transactions/1?x=1']) {
      const { status, location } = await someone.visit(path)
      expect([status, location]).toEqual([302, `/login?return_page=${encodeURIComponent(path)}`])
    }
    const { status, location } = await someone.signIn('admin', 'admin', '/app/transactions?state=dead')
    expect([status, location]).toEqual([303, '/app/transactions?state=dead'])
    expect((await someone.visit('/app/transactions')).status).toBe(200)
  })

  it('tells a program without a session 401 in JSON', async () => {
    const { status, text } = await visitor().visit('/app/transactions', { headers: { accept: 'application/json' } })
    expect([status, JSON.parse(text)]).toEqual([401, { status: 401, error: 'unauthorized' }])
  })

  it.each([
    ['admin', 'wrong'],
    ['admin', ''],
    ['nobody', 'admin'],
    ['', ''],
    ['<script>', "' OR 1=1"],
  ])('refuses %j with %j in one and the same way', async (login, password) => {
    const someone = visitor()
    const { status, text } = await someone.signIn(login, password)
    expect(status).toBe(401)
    expect(text).toContain('Неверный логин или пароль')
    expect(text).not.toContain('<script>')
    expect((await someone.visit('/app/transactions')).status).toBe(302)
  })

  it('gives another session id with the sign-in, in a cookie that scripts cannot read', async () => {
    const someone = visitor()
    const { headers } = await someone.visit('/login')
    expect(headers.getSetCookie()[0]).toMatch(/^parom=.*; Path=\/; .*HttpOnly; SameSite=Lax$/)
    const before = someone.cookies.get('parom')
    await someone.signIn()
    expect(someone.cookies.get('parom')).not.toBe(before)
  })

  it('refuses a form without its token, or with that of another session', async () => {
    const someone = visitor()
    const foreign = /name="_csrf" value="([^"]+)"/.exec((await visitor().visit('/login')).text)?.[1] ?? ''
    for (const _csrf of ['', 'x', 'я'.repeat(64), foreign]) {
      const { status, text } = await someone.submit('/login', { login: 'admin', password: 'admin', _csrf })
      expect(status).toBe(403)
      expect(text).toContain('Страница устарела')
    }
    await someone.signIn()
    expect((await someone.submit('/logout', { _csrf: foreign })).status).toBe(403)
    expect((await someone.visit('/app/transactions')).status).toBe(200)
  })

  it('signs out', async () => {
    const someone = visitor()
    await someone.signIn()
    expect(await someone.signOut()).toMatchObject({ status: 303, location: '/login' })
    expect((await someone.visit('/app/transactions')).status).toBe(302)
    expect((await someone.visit('/logout')).status).toBe(404)
  })

  it('keeps people signed in as long as they come by within twelve hours, and no longer', async () => {
    const someone = visitor()
    await someone.signIn()
    parom.clock.advance(11 * 3600_000)
    expect((await someone.visit('/app/transactions')).status).toBe(200)
    parom.clock.advance(11 * 3600_000)
    expect((await someone.visit('/app/transactions')).status).toBe(200)
    parom.clock.advance(12 * 3600_000 + 1)
    expect((await someone.visit('/app/transactions')).status).toBe(302)
  })

  it('keeps people signed in over a restart', async () => {
    const databaseUrl = await database.fresh()
    const before = await startParom({ databaseUrl })
    const someone = createVisitor(before.url)
    await someone.signIn()
    await before.close()
    const after = await startParom({ databaseUrl })
    const same = createVisitor(after.url)
    for (const [name, value] of someone.cookies) same.cookies.set(name, value)
    expect((await same.visit('/app/transactions')).status).toBe(200)
    await after.close()
  })

  it('makes whoever guesses wait after ten tries at once, even with the right password', async () => {
    const own = await startParom({ databaseUrl: await database.fresh() })
    const guesses = Array.from({ length: 30 }, (_, number) => createVisitor(own.url).signIn('admin', `guess ${number}`))
    const statuses = (await Promise.all(guesses)).map(({ status }) => status)
    expect(statuses.filter((status) => status === 401)).toHaveLength(10)
    const { status, headers, text } = await createVisitor(own.url).signIn('admin', 'admin')
    expect(status).toBe(429)
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
    expect(text).toContain('Слишком много попыток')
    await own.close()
  })

  it('makes an address wait that tries one login after the other', async () => {
    const own = await startParom({ databaseUrl: await database.fresh() })
    const form = createVisitor(own.url)
    const _csrf = /name="_csrf" value="([^"]+)"/.exec((await form.visit('/login')).text)?.[1] ?? ''
    const guess = (number: number) => form.submit('/login', { login: `user ${number}`, password: 'x', _csrf })
    for (let number = 0; number < 100; number++) expect((await guess(number)).status).toBe(401)
    expect((await guess(100)).status).toBe(429)
    await own.close()
  })

  it('answers an unknown page with 404, in the language of whoever asks', async () => {
    expect(await visitor().visit('/nowhere')).toMatchObject({
      status: 404,
      text: expect.stringContaining('Страница не найдена'),
    })
    const { status, text } = await visitor().visit('/api/nowhere')
    expect([status, JSON.parse(text)]).toEqual([404, { status: 404, error: 'not_found', message: 'Такого адреса нет' }])
  })

  it('sends headers that keep other sites and scripts out', async () => {
    const { headers } = await visitor().visit('/login')
    expect(headers.get('content-security-policy')).toMatch(/default-src 'none';.*frame-ancestors 'none'/)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('x-powered-by')).toBeNull()
    expect(headers.get('strict-transport-security')).toBeNull()
    expect(headers.get('cache-control')).toBe('no-store')
  })
})

describe('an installation behind https', () => {
  it('has a Secure cookie that is bound to its host, behind a proxy that it knows', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'parom-config-'))
    cpSync(join(import.meta.dirname, '../../config'), folder, { recursive: true })
    const file = join(folder, 'local/app.config.ts')
    writeFileSync(file, readFileSync(file, 'utf8').replace('trusted_proxies: []', "trusted_proxies: ['loopback']"))
    const env = { PUBLIC_URL: 'https://crm.example.ru', BASE_PATH: 'integra', CONFIG_DIR: folder }
    const parom = await startParom({ databaseUrl: 'sqlite::memory:', env })
    const { headers } = await createVisitor(parom.url).visit('/login', { headers: { 'x-forwarded-proto': 'https' } })
    expect(headers.getSetCookie()[0]).toMatch(/^__Host-parom=.*; Path=\/; .*HttpOnly; Secure; SameSite=Lax$/)
    expect(headers.get('strict-transport-security')).toMatch(/^max-age=\d+$/)
    await parom.close()
    rmSync(folder, { recursive: true })
  })

  it('believes no proxy that it does not know, and says that http will not do', async () => {
    const env = { PUBLIC_URL: 'https://crm.example.ru', BASE_PATH: 'integra' }
    const parom = await startParom({ databaseUrl: 'sqlite::memory:', env })
    const { headers } = await createVisitor(parom.url).visit('/login', { headers: { 'x-forwarded-proto': 'https' } })
    expect(headers.getSetCookie()).toEqual([])
    const { status, text } = await createVisitor(parom.url).signIn()
    expect(status).toBe(403)
    expect(text).toContain('по https: https://crm.example.ru/integra')
    await parom.close()
  })
})

describe('an installation below a folder', () => {
  it('leads from its folder in capitals, where browsers send no cookie, to its own', async () => {
    const parom = await startParom({ databaseUrl: 'sqlite::memory:', env: { BASE_PATH: 'integra' } })
    const { status, location } = await createVisitor(new URL(parom.url).origin).visit('/INTEGRA/login?password=set')
    expect([status, location]).toEqual([302, '/integra/login?password=set'])
    await parom.close()
  })
})

describe('the page to return to', () => {
  it.each([
    ['/app/transactions?state=dead', '', '/app/transactions?state=dead'],
    ['/integra/app', '/integra', '/integra/app'],
    ['/integra', '/integra', '/integra'],
    ['/elsewhere', '/integra', null],
    ['/integraX', '/integra', null],
    ['//evil.example/', '', null],
    ['//', '', null],
    ['//[', '', null],
    ['/\\evil.example', '', null],
    ['/\t/evil.example', '', null],
    ['https://evil.example/', '', null],
    ['javascript:alert(1)', '', null],
    ['/..//evil.example', '', null],
    ['/integra/../../evil', '/integra', null],
    ['', '', null],
    [undefined, '', null],
    [['/app'], '', null],
  ])('%j below «%s» is %j', (page, basePath, expected) => expect(localPage(page, basePath)).toBe(expected))
})
