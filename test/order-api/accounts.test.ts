import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isGood, newcomer, newcomerAt, register, withUsers } from '../support/api-accounts.ts'
import { addShop, callApi } from '../support/api-shops.ts'
import { onEachDatabase } from '../support/databases.ts'
import { createClock, startParom } from '../support/parom.ts'

const token = expect.stringMatching(/^\d+\|[\w-]{40}$/)
const unauthenticated = { status: 400, body: { message: 'Unauthenticated' } }
const about = (field: string) => expect.stringMatching(new RegExp(`^Поле ${field}: `))

onEachDatabase('accounts of the order API', (database) => {
  let databaseUrl: string
  let parom: Awaited<ReturnType<typeof startParom>>
  const clock = createClock()
  beforeAll(async () => {
    databaseUrl = await database.fresh()
    parom = await startParom({ databaseUrl, clock, registration: 'open' })
  })
  afterAll(() => parom.close())

  let shops = 0
  /** A shop that has just registered. */
  async function aShop() {
    const email = `shop${++shops}@many.example`
    clock.advance(60 * 60_000)
    return { email, token: await register(parom.url, newcomerAt(email)) }
  }
  const call = (path: string, body?: unknown, options = {}) => callApi(parom.url, path, body, options)
  const signIn = (email: string, password = newcomer.password) => call('login', { email, password })

  describe('signing in', () => {
    it.each([
      ['another password', { password: 'верёвка и пыло' }],
      ['the password in capitals', { password: newcomer.password.toUpperCase() }],
      ['an e-mail that nobody has', { email: 'nobody@romashka.example' }],
      ["the document's own e-mail", { email: 'Ваша электронная почта' }],
      ['a password far too long', { password: 'a'.repeat(10_000) }],
    ])('with %s says no more than that one of both is wrong', async (_what, change) => {
      const { email } = await aShop()
      const message = 'Неправильный логин (электронная почта) и/или пароль.'
      const { status, body } = await call('login', { email, password: newcomer.password, ...change })
      expect([status, body]).toEqual([400, { signedIn: false, message }])
    })

    it.each([
      ['no e-mail', { password: 'x' }, about('email')],
      ['no password', { email: 'x' }, about('password')],
      ['a password that is no text', { email: 'x', password: { $gt: '' } }, about('password')],
      ['nothing', {}, [about('email'), about('password')]],
    ])('with %s is refused, and says so', async (_what, body, message) => {
      expect(await call('login', body)).toMatchObject({ status: 400, body: { signedIn: false, message } })
    })

    it('gives ever another token, and leaves those before', async () => {
      const shop = await aShop()
      const { body } = await signIn(shop.email.toUpperCase())
      expect(body).toEqual({ signedIn: true, token })
      expect(body.token).not.toBe(shop.token)
      for (const each of [shop.token, body.token]) expect(await isGood(parom.url, each)).toBe(true)
    })

    it('is not for who is blocked, or has set no password', async () => {
      const { email } = await aShop()
      await withUsers(databaseUrl, async (users) => {
        const user = await users.findByEmail(email)
        await users.block(user?.source ?? '', 'admin')
      })
      await addShop(databaseUrl, { email: 'without@password.example' })
      for (const each of [email, 'without@password.example'])
        expect(await signIn(each)).toMatchObject({ status: 400, body: { signedIn: false } })
    })
  })

  describe('signing out', () => {
    it('ends all tokens of the shop, and nobody else’s', async () => {
      const [shop, other] = [await aShop(), await aShop()]
      const { body } = await signIn(shop.email)
      const { status, body: answer } = await call('logout', undefined, { token: body.token })
      expect([status, answer]).toEqual([200, { signedOut: true }])
      for (const each of [shop.token, body.token]) {
        expect(await isGood(parom.url, each)).toBe(false)
        expect(await call('logout', undefined, { token: each })).toMatchObject(unauthenticated)
      }
      expect(await isGood(parom.url, other.token)).toBe(true)
    })

    it('needs no body, and minds none', async () => {
      for (const body of [undefined, {}, '{"a', 'x'.repeat(100_000)]) {
        const { token } = await aShop()
        expect(await call('logout', body, { token })).toMatchObject({ status: 200, body: { signedOut: true } })
      }
    })
  })

  describe('another password', () => {
    const next = 'мыло и верёвка'
    const wanted = { old_password: newcomer.password, password: next, password_confirmation: next }

    it('ends all tokens and gives a new one; the old password is over', async () => {
      const { email, token: before } = await aShop()
      const { status, body } = await call(
        'change-password',
        { email: email.toUpperCase(), ...wanted },
        { token: before },
      )
      expect([status, body]).toEqual([201, { passwordChanged: true, token }])
      expect(await isGood(parom.url, before)).toBe(false)
      expect(await isGood(parom.url, body.token)).toBe(true)
      expect((await signIn(email)).status).toBe(400)
      expect((await signIn(email, next)).status).toBe(201)
    })

    it.each([
      ['no e-mail', { email: undefined }, about('email')],
      ["another one's e-mail", { email: newcomer.email }, about('email')],
      ['no old password', { old_password: undefined }, about('old_password')],
      ['a wrong old password', { old_password: next }, about('old_password')],
      ['a short password', { password: 'x', password_confirmation: 'x' }, about('password')],
      ['another second password', { password_confirmation: newcomer.password }, about('password_confirmation')],
      ['nothing', null, [about('email'), about('old_password'), about('password'), about('password_confirmation')]],
    ])('with %s is refused, and leaves all as it was', async (_what, change, message) => {
      const { email, token } = await aShop()
      const body = change === null ? {} : { email, ...wanted, ...change }
      const answer = await call('change-password', body, { token })
      expect(answer).toMatchObject({ status: 400, body: { passwordChanged: false, message } })
      expect(await isGood(parom.url, token)).toBe(true)
      expect((await signIn(email)).status).toBe(201)
    })

    it('of who has none is set by his code', async () => {
      const email = `${++shops}@without.example`
      const { token } = await addShop(databaseUrl, { email })
      expect(await call('change-password', { email, ...wanted }, { token })).toMatchObject({
        status: 400,
        body: { passwordChanged: false, message: about('old_password') },
      })
    })

    it('asked for twice at once is changed once', async () => {
      const { email, token } = await aShop()
      const passwords = ['первый пароль', 'второй пароль']
      const bodies = passwords.map((each) => ({ email, ...wanted, password: each, password_confirmation: each }))
      const answers = await Promise.all(bodies.map((body) => call('change-password', body, { token })))
      const changed = answers.findIndex(({ status }) => status === 201)
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
      expect((await signIn(email, passwords[changed])).status).toBe(201)
      expect((await signIn(email, passwords[1 - changed])).status).toBe(400)
    })
  })

  it.each(['logout', 'change-password'])('%s is for a token that works, and is asked for it first', async (path) => {
    const shop = await aShop()
    const blocked = await addShop(databaseUrl, { email: `blocked-${path}@shop.example` })
    await withUsers(databaseUrl, (users) => users.block(blocked.source, 'admin'))
    const [id] = shop.token.split('|')
    const bad = ['', '1', '1Dg4PfVhaEcve36Z56dk8ab', `${id}|${'x'.repeat(40)}`, `0${shop.token.slice(0, -1)}`]
    for (const token of [undefined, ...bad, blocked.token, `${shop.token} ${shop.token}`])
      for (const body of [{}, '{"'])
        expect(await call(path, body, { token })).toMatchObject({
          status: 400,
          body: { message: 'Unauthenticated' },
        })
    const headers = { authorization: `Basic ${shop.token}`, 'x-webhook-token': shop.token }
    expect(await call(`${path}?token=${shop.token}`, {}, { headers })).toMatchObject(unauthenticated)
  })

  describe('the test', () => {
    const open = { serviceAvailable: true, onlineRegistrationAvailable: true }
    const test = (options = {}) => call('test', undefined, { method: 'GET', ...options })

    it('tells who asks whether orders can be sent', async () => {
      const { token } = await aShop()
      const { status, body } = await test({ token })
      expect([status, body]).toEqual([200, { isAuthenticated: true, ...open }])
    })

    it.each([undefined, '', 'x', '1|x', `1|${'x'.repeat(40)}`, 'x'.repeat(5000)])(
      'takes a bad token for none: %s',
      async (token) => {
        const { status, body } = await test({ token })
        expect([status, body]).toEqual([200, { isAuthenticated: false, ...open }])
      },
    )
  })

  it.each([
    ['register', { signedUp: false }],
    ['login', { signedIn: false }],
    ['change-password', { passwordChanged: false }],
  ])('%s answers as JSON whatever is sent', async (path, failed) => {
    const { token } = await aShop()
    const options = { token }
    const message = expect.any(String)
    for (const body of [
      '',
      '{',
      '[]',
      '[1]',
      '"x"',
      'null',
      '5',
      '\ufeff',
      '\ud800',
      'a=b',
      `{"a":"${'x'.repeat(17_000)}"}`,
    ]) {
      const { status, body: answer } = await call(path, body, options)
      expect([body.slice(0, 20), status, answer]).toEqual([body.slice(0, 20), 400, { ...failed, message }])
    }
    for (const headers of [
      { 'content-encoding': 'gzip' },
      { 'content-type': 'multipart/form-data' },
      { 'content-type': 'text/html; charset=utf-16' },
      { 'content-type': 'application/x-www-form-urlencoded' },
    ])
      expect((await call(path, '{}', { token, headers })).status).toBe(400)
    expect(await call(path, { __proto__: null, constructor: 1, hasOwnProperty: 1 }, options)).toMatchObject({
      status: 400,
    })
  })

  it('takes JSON under whatever name, and multipart', async () => {
    const { email } = await aShop()
    const fields = { email, password: newcomer.password }
    for (const type of ['text/plain', 'application/vnd.api+json', 'application/json; charset=utf-8'])
      expect(await call('login', fields, { headers: { 'content-type': type } })).toMatchObject({ status: 201 })
    const form = new FormData()
    for (const [name, value] of Object.entries(fields)) form.set(name, value)
    expect((await fetch(`${parom.url}/api/login`, { method: 'POST', body: form })).status).toBe(201)
  })

  it.each([
    ['register', 'POST', { signedUp: false }],
    ['login', 'POST', { signedIn: false }],
    ['logout', 'POST', { signedOut: false }],
    ['change-password', 'POST', { passwordChanged: false }],
    ['test', 'GET, HEAD', {}],
  ])('%s takes %s only, with or without a slash or capitals', async (path, allowed, failed) => {
    const wrong = allowed === 'POST' ? ['GET', 'PUT', 'DELETE', 'OPTIONS'] : ['POST', 'PUT', 'OPTIONS']
    for (const method of wrong) {
      const { status, body, headers } = await call(path, undefined, { method })
      expect([status, body]).toEqual([405, { ...failed, message: expect.stringContaining(allowed.slice(0, 3)) }])
      expect(headers.get('allow')).toBe(allowed)
    }
    const method = allowed.slice(0, 4).replace(',', '')
    for (const form of [`${path}/`, path.toUpperCase(), `${path}?x=1`])
      expect((await call(form, undefined, { method })).status).toBe(method === 'GET' ? 200 : 400)
    expect((await fetch(`${parom.url}/api/${path}`, { method: 'HEAD' })).status).toBe(method === 'GET' ? 200 : 405)
  })
})
