import { afterAll, beforeAll, expect, it } from 'vitest'
import { invite, isGood, newcomer, newcomerAt, withUsers } from '../support/api-accounts.ts'
import { callApi } from '../support/api-shops.ts'
import { onEachDatabase } from '../support/databases.ts'
import { createClock, startParom } from '../support/parom.ts'

const token = expect.stringMatching(/^\d+\|[\w-]{40}$/)
const about = (field: string) => expect.stringMatching(new RegExp(`^Поле ${field}: `))
/** Of 190 characters. */
const longEmail = `${'a'.repeat(190 - '@romashka.example'.length)}@romashka.example`

onEachDatabase('registering for the order API', (database) => {
  let databaseUrl: string
  let parom: Awaited<ReturnType<typeof startParom>>
  const clock = createClock()
  beforeAll(async () => {
    databaseUrl = await database.fresh()
    parom = await startParom({ databaseUrl, clock, registration: 'open' })
  })
  afterAll(() => parom.close())

  const call = (path: string, body?: unknown, options = {}) => callApi(parom.url, path, body, options)
  const signIn = (email: string) => call('login', { email, password: newcomer.password })

  it('gives a token that works, and a login', async () => {
    const { status, body, headers } = await call('register', newcomer)
    expect([status, body]).toEqual([201, { signedUp: true, token }])
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('set-cookie')).toBeNull()
    expect(await isGood(parom.url, body.token)).toBe(true)
    expect(await signIn(newcomer.email)).toMatchObject({ status: 201 })
    const user = await withUsers(databaseUrl, (users) => users.findByEmail(newcomer.email))
    expect(user).toMatchObject({ source: 'api-sh', name: 'Ромашка', created_by: '', password: /^\$argon2id\$/ })
  })

  it('takes an e-mail in any letters for the same, and a form as well as JSON', async () => {
    expect(await call('register', { ...newcomerAt('  Mixed@Case.Example '), name: '  Лютик ' })).toMatchObject({
      status: 201,
    })
    const user = await withUsers(databaseUrl, (users) => users.findByEmail('mixed@case.example'))
    expect(user).toMatchObject({ email: 'mixed@case.example', name: 'Лютик' })
    expect(await call('register', newcomerAt('MIXED@case.example'))).toMatchObject({
      status: 400,
      body: { signedUp: false, message: about('email') },
    })
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const form = new URLSearchParams({ email: 'MiXeD@case.example', password: newcomer.password })
    expect(await call('login', `${form}`, { headers })).toMatchObject({ status: 201 })
  })

  it.each([
    ['no name', { name: undefined }, about('name')],
    ['a blank name', { name: '  ' }, about('name')],
    ['a name that is a number', { name: 5 }, about('name')],
    ['a name too long', { name: 'я'.repeat(191) }, about('name')],
    ['a name of several lines', { name: 'Ромашка\nLeads' }, about('name')],
    ['no e-mail', { email: undefined }, about('email')],
    ["the document's own e-mail", { email: 'Ваша электронная почта' }, about('email')],
    ['an e-mail without a domain', { email: 'shop' }, about('email')],
    ['an e-mail too long', { email: `a${longEmail}` }, about('email')],
    ['a list of e-mails', { email: ['a@b.example'] }, about('email')],
    ['no password', { password: undefined }, about('password')],
    ['a short password', { password: 'короткий1', password_confirmation: 'короткий1' }, about('password')],
    ['a long password', { password: 'aй7'.repeat(400), password_confirmation: 'aй7'.repeat(400) }, about('password')],
    ['a password that is a number', { password: 8172635401 }, about('password')],
    ['a common password', { password: 'Qwerty12345', password_confirmation: 'Qwerty12345' }, about('password')],
    ['the e-mail as password', { password: newcomer.email, password_confirmation: newcomer.email }, about('password')],
    ['no second password', { password_confirmation: undefined }, about('password_confirmation')],
    ['another second password', { password_confirmation: 'верёвка и дыло' }, about('password_confirmation')],
    ['an invitation that is a number', { invitation: 5 }, about('invitation')],
    ['an invitation that is none', { invitation: 'x'.repeat(43), email: 'a@b.example' }, about('invitation')],
    ['a taken e-mail', {}, about('email')],
    ['nothing', null, [about('name'), about('email'), about('password'), about('password_confirmation')]],
    [
      'a bad e-mail and passwords that differ',
      { email: 'shop', password_confirmation: 'x' },
      [about('email'), about('password_confirmation')],
    ],
  ])('with %s is refused, and says so', async (_what, change, message) => {
    clock.advance(60 * 60_000)
    const body = change === null ? {} : { ...newcomer, ...change }
    expect(await call('register', body)).toMatchObject({ status: 400, body: { signedUp: false, message } })
  })

  it('takes what is just long enough', async () => {
    const password = 'ёлки-палки'
    const most = { name: 'я'.repeat(190), email: longEmail, password, password_confirmation: password }
    expect(await call('register', { ...most, invitation: '' })).toMatchObject({ status: 201 })
  })

  it('of whom an administrator has added needs his code, which counts once', async () => {
    const email = 'added@shop.example'
    const code = await invite(databaseUrl, email, clock.now)
    expect(await call('register', newcomerAt(email))).toMatchObject({
      status: 400,
      body: { message: about('email') },
    })
    const wanted = { ...newcomerAt('own@shop.example'), invitation: code }
    // Of another one.
    expect(await call('register', { ...wanted, email: newcomer.email })).toMatchObject({
      status: 400,
      body: { signedUp: false, message: about('email') },
    })
    expect(await call('register', wanted)).toMatchObject({ status: 201, body: { signedUp: true, token } })
    expect(await signIn('own@shop.example')).toMatchObject({ status: 201 })
    const again = { ...wanted, email: 'other@shop.example' }
    expect(await call('register', again)).toMatchObject({ status: 400, body: { message: about('invitation') } })
  })

  it('with a code that is over, or of a blocked user, is refused', async () => {
    const over = await invite(databaseUrl, 'over@shop.example', clock.now)
    clock.advance(8 * 24 * 60 * 60_000)
    const blocked = await invite(databaseUrl, 'blocked@shop.example', clock.now)
    await withUsers(databaseUrl, async (users) => {
      const user = await users.findByEmail('blocked@shop.example')
      await users.block(user?.source ?? '', 'admin')
    })
    for (const invitation of [over, blocked])
      expect(await call('register', { ...newcomerAt('late@shop.example'), invitation })).toMatchObject({
        status: 400,
        body: { signedUp: false, message: about('invitation') },
      })
  })

  it('of many at once makes one of each e-mail, each with letters of its own', async () => {
    clock.advance(60 * 60_000)
    const emails = Array.from({ length: 9 }, (_, at) => `crowd@crowd${at % 3}.example`)
    const answers = await Promise.all(emails.map((email) => call('register', newcomerAt(email))))
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 201, ...Array(6).fill(400)])
    const users = await withUsers(databaseUrl, ({ list }) => list())
    const sources = users.filter(({ email }) => email.startsWith('crowd@')).map(({ source }) => source)
    expect(new Set(sources).size).toBe(3)
  })
})

onEachDatabase('registration', (database) => {
  it.each([
    { registration: 'open', anybody: 201, invited: 201, isAvailable: true },
    { registration: 'invitation', anybody: 400, invited: 201, isAvailable: true },
    { registration: 'closed', anybody: 400, invited: 400, isAvailable: false },
  ] as const)('that is $registration lets in whom it says, below a folder too', async (expected) => {
    const { registration } = expected
    const databaseUrl = await database.fresh()
    const parom = await startParom({ databaseUrl, registration, env: { BASE_PATH: 'integra' } })
    expect(parom.url).toContain('/integra')
    const invitation = await invite(databaseUrl, 'invited@shop.example')
    const register = (change: object) => callApi(parom.url, 'register', { ...newcomer, ...change })

    const anybody = await register({})
    expect(anybody.status).toBe(expected.anybody)
    const invited = await register({ email: 'invited@shop.example', invitation })
    expect(invited.status).toBe(expected.invited)
    const { body } = await callApi(parom.url, 'test', undefined, { method: 'GET' })
    expect(body.onlineRegistrationAvailable).toBe(expected.isAvailable)

    if (registration === 'invitation') expect(anybody.body.message).toContain('invitation')
    if (registration !== 'closed') return parom.close()
    const message = 'Регистрация закрыта. Доступ даёт администратор'
    for (const { body } of [anybody, invited, await register({ name: undefined })])
      expect(body).toEqual({ signedUp: false, message })
    await parom.close()
  })
})
