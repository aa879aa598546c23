import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import usersFile from '../../config/users.ts'
import { migrate } from '../../src/database/migrate.ts'
import { type Database, openDatabase } from '../../src/database/open.ts'
import { createThrottle, type Limit, networkOf } from '../../src/people/throttle.ts'
import { configWithUsers } from '../support/config.ts'
import { freshMariadb, onEachDatabase } from '../support/databases.ts'
import { createClock, startParom } from '../support/parom.ts'
import { createVisitor } from '../support/visitor.ts'

const minute = 60_000
const day = 24 * 60 * minute

onEachDatabase('counted tries', (database) => {
  let url: string
  let opened: Database
  let now: number
  beforeEach(async () => {
    url = await database.fresh()
    opened = openDatabase(url)
    await migrate(opened)
    now = 1_800_000_000_000
  })
  afterEach(() => opened.close())

  const throttle = () => createThrottle(opened.db, () => now)
  const limit: Limit = { of: ['login', 'x'], most: 3, window: 15 * minute }
  const growing: Limit = { ...limit, window: day, growing: { first: minute, longest: 15 * minute } }
  const triesInARow = async (count: number, of: Limit) => {
    const waits: number[] = []
    for (let number = 0; number < count; number++) waits.push(await throttle().secondsToWait(of))
    return waits
  }

  it('are no more than is taken, also when they come at once to several processes', async () => {
    // Two connections of one process to SQLite would wait for each other.
    const other = database.name === 'SQLite' ? opened : openDatabase(url)
    const throttles = [throttle(), createThrottle(other.db, () => now)]
    const tries = Array.from({ length: 6 }, () => throttles.map((each) => each.secondsToWait(limit)))
    const waits = await Promise.all(tries.flat())
    expect(waits.filter((seconds) => seconds === 0)).toHaveLength(3)
    expect(Math.max(...waits)).toBe(15 * 60)
    if (other !== opened) await other.close()
  })

  it('count anew once the window is over, or what was tried has come off', async () => {
    expect(await triesInARow(4, limit)).toEqual([0, 0, 0, 900])
    now += 5 * minute
    expect(await throttle().secondsToWait(limit)).toBe(600)
    now += 10 * minute
    expect(await triesInARow(4, limit)).toEqual([0, 0, 0, 900])
    await throttle().forget(limit)
    expect(await throttle().secondsToWait(limit)).toBe(0)
    await throttle().giveBack(limit)
    expect(await triesInARow(4, limit)).toEqual([0, 0, 0, 900])
  })

  it('are told apart by what they are of', async () => {
    const other: Limit = { ...limit, of: ['login x'] }
    expect(await triesInARow(4, limit)).toEqual([0, 0, 0, 900])
    expect(await throttle().secondsToWait(other)).toBe(0)
  })

  it('that are over are cleared away little by little, whoever comes, and none that still counts', async () => {
    const names = Array.from({ length: 120 }, (_, at) => `over ${at}`)
    const rowOf = (name: string, until: number) => ({ name, count: 1, until, next_at: 0 })
    const rows = [...names.map((name) => rowOf(name, now)), rowOf('counts', now + 1)]
    await opened.db.insertInto('tries').values(rows).execute()
    const left = async () => {
      const kept = (await opened.db.selectFrom('tries').select('name').execute()).map(({ name }) => name)
      return { over: kept.filter((name) => name.startsWith('over')).length, others: kept.length }
    }
    await throttle().secondsToWait(limit)
    expect(await left()).toMatchObject({ over: 70 })
    await throttle().forget(limit)
    expect(await left()).toEqual({ over: 70, others: 71 })
    for (const whose of ['a', 'b']) await throttle().secondsToWait({ ...limit, of: ['login', whose] })
    expect(await left()).toEqual({ over: 0, others: 3 })
  })

  it('beyond the limit make each next one wait longer, and nobody for ever', async () => {
    expect(await triesInARow(5, growing)).toEqual([0, 0, 0, 0, 60])
    const waits: number[] = []
    for (let number = 0; number < 7; number++) {
      const seconds = await throttle().secondsToWait(growing)
      // Who comes too early makes the wait no longer.
      expect(await throttle().secondsToWait(growing)).toBe(seconds)
      waits.push(seconds)
      now += seconds * 1000
      expect(await throttle().secondsToWait(growing)).toBe(0)
    }
    expect(waits).toEqual([60, 120, 240, 480, 900, 900, 900])
    now += day
    expect(await triesInARow(4, growing)).toEqual([0, 0, 0, 0])
  })
})

it.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '::ffff:192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:DB8:1:2::9', '2001:db8:1:2'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
  ['', ''],
  ['unknown', 'unknown'],
])('tries from %s count as those of %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})

onEachDatabase('guessing', (database) => {
  it('goes on neither at another process nor after a restart', async () => {
    const databaseUrl = await database.fresh()
    const clock = createClock()
    const parom = await startParom({ databaseUrl, clock })
    for (let number = 0; number < 10; number++)
      expect((await createVisitor(parom.url).signIn('admin', `guess ${number}`)).status).toBe(401)
    const twin = await startParom({ databaseUrl, clock, sandbox: parom.sandbox })
    expect((await createVisitor(twin.url).signIn()).status).toBe(429)
    await twin.close()
    const again = await startParom({ databaseUrl, clock, sandbox: parom.sandbox })
    expect((await createVisitor(again.url).signIn()).status).toBe(429)
    clock.advance(15 * minute)
    expect((await createVisitor(again.url).signIn()).status).toBe(303)
    await again.close()
    await parom.close()
  })

  it('from ever other addresses of one IPv6 network has to wait as from one', async () => {
    const config = configWithUsers([...usersFile])
    const file = join(config.folder, 'local/app.config.ts')
    writeFileSync(file, readFileSync(file, 'utf8').replace('trusted_proxies: []', "trusted_proxies: ['loopback']"))
    const parom = await startParom({ databaseUrl: await database.fresh(), env: { CONFIG_DIR: config.folder } })
    const guess = (number: number, network = '2001:db8:1:2') =>
      fetch(`${parom.url}/invitations/guess`, { headers: { 'x-forwarded-for': `${network}::${number.toString(16)}` } })
    for (let number = 0; number < 100; number++) expect((await guess(number)).status).toBe(404)
    expect((await guess(100)).status).toBe(429)
    expect((await guess(100, '2001:db8:1:3')).status).toBe(404)
    await parom.close()
    config.remove()
  })
})

// Each guess is hashed; that both databases count alike is shown above.
it('guessing slowly, from many addresses, has to wait longer and longer; whoever has signed in from his own has not', async () => {
  const config = configWithUsers([...usersFile])
  const file = join(config.folder, 'local/app.config.ts')
  writeFileSync(file, readFileSync(file, 'utf8').replace('trusted_proxies: []', "trusted_proxies: ['loopback']"))
  const parom = await startParom({
    databaseUrl: await freshMariadb(),
    env: { CONFIG_DIR: config.folder },
  })

  /** Of somebody at that address, behind the proxy. */
  async function signIn(address: string, login: string, password: string) {
    const visitor = createVisitor(parom.url)
    const headers = { 'x-forwarded-for': address, 'content-type': 'application/x-www-form-urlencoded' }
    const { text } = await visitor.visit('/login', { headers })
    const _csrf = /name="_csrf" value="([^"]+)"/.exec(text.slice(text.indexOf('<main')))?.[1] ?? ''
    const body = new URLSearchParams({ login, password, _csrf }).toString()
    const { status, headers: answer } = await visitor.visit('/login', { method: 'POST', headers, body })
    return [status, Number(answer.get('retry-after'))]
  }

  const waitOf = async (address: string, login: string, password: string) => {
    const [status, seconds = 0] = await signIn(address, login, password)
    // Meanwhile the clock goes on.
    return [status, Math.ceil(seconds / 60)]
  }

  expect(await signIn('10.9.9.9', 'admin', 'admin')).toEqual([303, 0])
  for (const login of ['admin', 'nobody']) {
    for (let number = 0; number <= 50; number++)
      expect(await signIn(`10.0.${number}.1`, login, 'guess'), `${login} ${number}`).toEqual([401, 0])
    expect(await waitOf('10.1.0.1', login, 'guess')).toEqual([429, 1])
    parom.clock.advance(minute)
    expect(await signIn('10.1.0.2', login, 'guess')).toEqual([401, 0])
    expect(await waitOf('10.1.0.3', login, 'guess')).toEqual([429, 2])
  }
  expect(await waitOf('10.1.0.4', 'admin', 'admin')).toEqual([429, 1])
  expect(await signIn('10.9.9.9', 'admin', 'admin')).toEqual([303, 0])
  await parom.close()
  config.remove()
})
