import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { pino } from 'pino'
import { expect, it } from 'vitest'
import usersFile from '../../config/users.ts'
import { openDatabase } from '../../src/database/open.ts'
import { createThrottle, type Limit } from '../../src/people/throttle.ts'
import { newcomer, newcomerAt, register, withUsers } from '../support/api-accounts.ts'
import { callApi } from '../support/api-shops.ts'
import { configWithUsers } from '../support/config.ts'
import { onEachDatabase } from '../support/databases.ts'
import { startWithFragileDatabase } from '../support/fragile-database.ts'
import { createClock, startParom } from '../support/parom.ts'

const minute = 60_000
const wrong = { signedIn: false, message: 'Неправильный логин (электронная почта) и/или пароль.' }

/** A Parom behind a proxy on this machine, that says where each request is from. */
async function startBehindProxy(databaseUrl: string) {
  const config = configWithUsers([...usersFile])
  const file = join(config.folder, 'local/app.config.ts')
  writeFileSync(file, readFileSync(file, 'utf8').replace('trusted_proxies: []', "trusted_proxies: ['loopback']"))
  const env = { CONFIG_DIR: config.folder }
  const parom = await startParom({ databaseUrl, registration: 'open', env, clock: createClock() })
  const close = async () => {
    await parom.close()
    config.remove()
  }
  const callFrom = (address: string, path: string, body: unknown, token?: string) =>
    callApi(parom.url, path, body, { headers: { 'x-forwarded-for': address }, ...(token ? { token } : {}) })
  return { ...parom, callFrom, close }
}

/** That one has to wait so many minutes, in words and for machines. */
function toWait(minutes: number, failed: object) {
  return ({ status, body, headers }: Awaited<ReturnType<typeof callApi>>) => {
    const seconds = Number(headers.get('retry-after'))
    expect(Math.ceil(seconds / 60)).toBe(minutes)
    expect([status, body]).toEqual([400, { ...failed, message: expect.stringContaining(`через ${seconds} с`) }])
  }
}

/** So many come as the limit counts, without the work that each of them would be. */
async function come(databaseUrl: string, limit: Limit, times: number, now: () => number) {
  const { db, close } = openDatabase(databaseUrl)
  const throttle = createThrottle(db, now)
  for (let time = 0; time < times; time++) await throttle.secondsToWait(limit)
  await close()
}

onEachDatabase('guessing the passwords of shops', (database) => {
  it('is slowed down from one address, from one to one shop, and to one shop from wherever', async () => {
    const parom = await startBehindProxy(await database.fresh())
    const { callFrom, clock } = parom
    const isToWait = (minutes: number) => toWait(minutes, { signedIn: false })
    const { email, password } = newcomer
    await register(parom.url)
    const guess = (address: string, name = email) => callFrom(address, 'login', { email: name, password: 'guess' })

    for (const name of [email, 'nobody@shop.example']) {
      for (let number = 0; number < 10; number++)
        expect((await guess('10.0.0.1', name)).body, `${name} ${number}`).toEqual(wrong)
      isToWait(15)(await guess('10.0.0.1', name))
    }
    isToWait(15)(await callFrom('10.0.0.1', 'login', { email: email.toUpperCase(), password }))
    expect((await callFrom('10.0.0.2', 'login', { email, password })).status).toBe(201)

    clock.advance(15 * minute)
    const crowd = await Promise.all(Array.from({ length: 110 }, (_, at) => guess('10.0.0.3', `${at}@shop.example`)))
    expect(crowd.filter(({ headers }) => headers.has('retry-after'))).toHaveLength(10)

    // Ten of them are made already.
    for (let number = 0; number < 41; number++) expect((await guess(`10.1.${number}.1`)).body).toEqual(wrong)
    isToWait(1)(await guess('10.2.0.1'))
    clock.advance(minute)
    expect((await guess('10.2.0.2')).body).toEqual(wrong)
    isToWait(2)(await guess('10.2.0.3'))
    await parom.close()
  })

  it('does not keep a shop out where it has signed in before', async () => {
    const parom = await startBehindProxy(await database.fresh())
    const { callFrom, clock } = parom
    const { email, password } = newcomer
    await register(parom.url)
    const signIn = (address: string) => callFrom(address, 'login', { email, password })
    expect((await signIn('10.0.0.1')).status).toBe(201)
    clock.advance(30 * 24 * 60 * minute)
    for (let number = 0; number < 51; number++)
      await callFrom(`10.1.${number}.1`, 'login', { email, password: 'guess' })
    toWait(1, { signedIn: false })(await signIn('10.2.0.1'))
    expect((await signIn('10.0.0.1')).status).toBe(201)
    // Nor does it make the others wait less.
    clock.advance(minute)
    expect((await callFrom('10.2.0.1', 'login', { email, password: 'guess' })).body).toEqual(wrong)
    toWait(2, { signedIn: false })(await signIn('10.2.0.1'))
    await parom.close()
  })

  it('is not what a shop does that signs in many times at once', async () => {
    const parom = await startParom({ databaseUrl: await database.fresh(), registration: 'open' })
    await register(parom.url)
    const { email, password } = newcomer
    const answers = await Promise.all(
      Array.from({ length: 16 }, () => callApi(parom.url, 'login', { email, password })),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]))
    await parom.close()
  })

  it('by changing them, and registering in crowds, is slowed down too', async () => {
    const databaseUrl = await database.fresh()
    const parom = await startBehindProxy(databaseUrl)
    const { callFrom, clock } = parom
    const token = await register(parom.url)
    const next = { email: newcomer.email, password: 'мыло и верёвка', password_confirmation: 'мыло и верёвка' }
    const change = (old_password: string) => callFrom('10.0.0.1', 'change-password', { ...next, old_password }, token)
    for (let number = 0; number < 10; number++) expect((await change('guess')).headers.has('retry-after')).toBe(false)
    toWait(15, { passwordChanged: false })(await change(newcomer.password))
    clock.advance(15 * minute)
    expect((await change(newcomer.password)).status).toBe(201)

    const enter = (number: number, address: string) =>
      callFrom(address, 'register', newcomerAt(`s${number}@shop.example`))
    for (let number = 0; number < 100; number++) expect((await enter(number, '10.3.0.1')).status).toBe(201)
    toWait(15, { signedUp: false })(await enter(100, '10.3.0.1'))
    // A taken e-mail does not count among all.
    for (let number = 0; number < 20; number++) await enter(0, `10.4.${number}.1`)
    await come(databaseUrl, { of: ['api registrations'], most: 500, window: 60 * minute }, 398, clock.now)
    expect((await enter(100, '10.5.0.1')).status).toBe(201)
    toWait(45, { signedUp: false })(await enter(101, '10.6.0.1'))
    await parom.close()
  })
})

onEachDatabase('accounts of shops', (database) => {
  it('leave nothing secret in the log, but who it was', async () => {
    const lines: string[] = []
    const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) })
    const databaseUrl = await database.fresh()
    const parom = await startParom({ databaseUrl, registration: 'open', log })
    const { email, password } = newcomer
    const token = await register(parom.url)
    await callApi(parom.url, `login?password=${encodeURIComponent(password)}`, { email, password })
    await callApi(parom.url, 'login', { email, password: 'guess of somebody' })
    await callApi(parom.url, 'login', { email: 'nobody@shop.example', password: 'guess of somebody' })
    const change = {
      email,
      old_password: password,
      password: 'мыло и верёвка',
      password_confirmation: 'мыло и верёвка',
    }
    await callApi(parom.url, 'change-password', { ...change, old_password: 'guess of somebody' }, { token })
    const { body } = await callApi(parom.url, 'change-password', change, { token })
    await callApi(parom.url, 'logout', undefined, { token: body.token })
    await parom.close()

    const told = lines.map((line) => JSON.parse(line)).filter(({ level, msg }) => level === 30 && /shop/.test(msg))
    expect(told.map(({ source, msg, network }) => [source, msg, ...(network ? [network] : [])])).toEqual([
      ['api-sh', 'shop registered'],
      ['api-sh', 'shop signed in'],
      ['api-sh', 'shop could not sign in', '127.0.0.0/24'],
      [undefined, 'shop could not sign in', '127.0.0.0/24'],
      ['api-sh', 'shop could not change its password', '127.0.0.0/24'],
      ['api-sh', 'shop changed its password'],
      ['api-sh', 'shop signed out'],
    ])
    const logged = lines.join('\n')
    for (const secret of [
      email,
      'nobody@',
      password,
      'guess of',
      'мыло',
      encodeURIComponent(password),
      token,
      body.token,
    ])
      expect(logged).not.toContain(secret.split('|').at(-1))
  })

  it('cost as much to refuse a shop that is not there, is blocked or has no password', async () => {
    const databaseUrl = await database.fresh()
    const parom = await startParom({ databaseUrl, registration: 'open' })
    const [known, blocked, without] = ['known@shop.example', 'blocked@shop.example', 'without@shop.example'] as const
    for (const email of [known, blocked]) await register(parom.url, newcomerAt(email))
    await withUsers(databaseUrl, async (users) => {
      await users.block((await users.findByEmail(blocked))?.source ?? '', 'admin')
      await users.add({ name: 'x', email: without, password: null, by: 'admin' })
    })
    const emails = [known, blocked, without, 'nobody@shop.example']
    /** The least that a try took, in microseconds of computing: whatever goes on besides can only add to it. */
    const costs = new Map<string, number>()
    for (let round = 0; round < 9; round++)
      for (const email of emails) {
        const before = process.cpuUsage()
        expect((await callApi(parom.url, 'login', { email, password: 'guess' })).body).toEqual(wrong)
        const { user, system } = process.cpuUsage(before)
        costs.set(email, Math.min(costs.get(email) ?? Number.POSITIVE_INFINITY, user + system))
      }
    // Without a hash it is a fraction.
    expect(Math.min(...costs.values())).toBeGreaterThan(Math.max(...costs.values()) / 2)
    await parom.close()
  })

  it('say 503 and when to come again while the store is down, and go on when it is back', async () => {
    const { parom, takeAway, giveBack, close } = await startWithFragileDatabase(database.name, await database.fresh(), {
      registration: 'open',
    })
    const token = await register(parom.url)
    takeAway()
    const { email, password } = newcomer
    for (const [path, failed] of [
      ['register', { signedUp: false }],
      ['login', { signedIn: false }],
      ['logout', { signedOut: false }],
      ['change-password', { passwordChanged: false }],
    ] as const) {
      const { status, body, headers } = await callApi(parom.url, path, newcomer, { token })
      expect([path, status, body]).toEqual([path, 503, { ...failed, message: expect.stringContaining('повторите') }])
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
    }
    const start = performance.now()
    const { status, body } = await callApi(parom.url, 'test', undefined, { token, method: 'GET' })
    const nothing = { isAuthenticated: false, serviceAvailable: false, onlineRegistrationAvailable: true }
    expect([status, body]).toEqual([200, nothing])
    expect(performance.now() - start).toBeLessThan(4000)
    giveBack()
    await expect.poll(async () => (await callApi(parom.url, 'login', { email, password })).status).toBe(201)
    await close()
  })

  it('answer any body with 201 or 400, in JSON', async () => {
    const clock = createClock()
    const parom = await startParom({ databaseUrl: await database.fresh(), registration: 'open', clock })
    const token = await register(parom.url)
    const fields = ['name', 'email', 'password', 'password_confirmation', 'old_password', 'invitation', '__proto__']
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.emailAddress(), fc.constantFrom(...Object.values(newcomer)))
    const value = fc.oneof({ weight: 3, arbitrary: text }, fc.jsonValue())
    const object = fc.dictionary(fc.constantFrom(...fields), value).map((body) => JSON.stringify(body))
    const good = fc
      .record({ name: text, email: fc.emailAddress(), password: fc.string({ unit: 'binary', minLength: 10 }) })
      .map((body) => JSON.stringify({ ...body, password_confirmation: body.password }))
    const body = fc.oneof(object, good, fc.json(), fc.string({ unit: 'binary', minLength: 1 }))
    const types = fc.constantFrom('application/json', 'text/plain', 'application/x-www-form-urlencoded', 'multipart/x')
    const paths = fc.constantFrom('register', 'login', 'change-password')
    await fc.assert(
      fc.asyncProperty(paths, body, types, async (path, sent, type) => {
        clock.advance(60 * minute)
        // The answer is read as JSON.
        const { status, body } = await callApi(parom.url, path, sent, { token, headers: { 'content-type': type } })
        expect([201, 400]).toContain(status)
        if (status === 400) expect(JSON.stringify(body.message)).toMatch(/^("|\[").+/)
      }),
      { numRuns: 300 },
    )
    await parom.close()
  })
})

it('count by the address that a trusted proxy tells, and no other', async () => {
  const parom = await startParom({ databaseUrl: 'sqlite::memory:', registration: 'open' })
  for (let number = 0; number < 11; number++) {
    const headers = { 'x-forwarded-for': `10.0.0.${number}` }
    const answer = await callApi(parom.url, 'login', { email: 'x@y.example', password: 'guess' }, { headers })
    expect(answer.headers.has('retry-after')).toBe(number === 10)
  }
  await parom.close()
})
