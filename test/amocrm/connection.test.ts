import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkToken } from '../../src/amocrm/account.ts'
import { createAmocrmClient } from '../../src/amocrm/client.ts'
import { createConnection, HostRefusedError } from '../../src/amocrm/connection.ts'
import { createHttp } from '../../src/amocrm/http.ts'
import { migrate } from '../../src/database/migrate.ts'
import { type Database, isUniqueViolation, openDatabase } from '../../src/database/open.ts'
import { inHaste } from '../support/amocrm.ts'
import { onEachDatabase } from '../support/databases.ts'
import { freePort } from '../support/mariadb.ts'
import { anOrder, asForm } from '../support/orders.ts'
import { createClock, postOrder, startTestSandbox } from '../support/parom.ts'
import { startProcess as startServerProcess } from '../support/process.ts'

const hour = 60 * 60_000
const day = 24 * hour
const appKey = randomBytes(32).toString('base64')
const account = { method: 'GET', path: '/api/v4/account' } as const

onEachDatabase('the connection to amoCRM', (database) => {
  let sandbox: Awaited<ReturnType<typeof startTestSandbox>>
  let credentials: {
    client_id: string
    client_secret: string
    redirect_uri: string
    code: string
    access_token: string
  }
  let clock: ReturnType<typeof createClock>
  let databaseUrl: string
  let opened: Database[]
  let host: string
  beforeEach(async () => {
    sandbox = await startTestSandbox()
    credentials = await sandbox.credentials()
    host = new URL(sandbox.url).host
    clock = createClock()
    databaseUrl = await database.fresh()
    opened = []
  })
  afterEach(async () => {
    for (const each of opened) await each.close()
    await sandbox.close()
  })

  /** What a process has of the connection. */
  async function startProcess({
    appKeys = [appKey],
    token = null as string | null,
    requestsPerSecond = inHaste,
    stop = new AbortController().signal,
    integration = {},
  } = {}) {
    const own = openDatabase(databaseUrl)
    opened.push(own)
    await migrate(own)
    const http = createHttp({
      monotonicNow: () => performance.now(),
      stop,
      requestsPerSecond,
      timeoutMs: 2000,
    })
    const { client_id, client_secret, redirect_uri } = credentials
    const connection = createConnection({
      db: own.db,
      account: 'sandbox.amocrm.ru',
      configuredUrl: sandbox.url,
      isUrlFixed: false,
      integration: { clientId: client_id, clientSecret: client_secret, redirectUri: redirect_uri, ...integration },
      siteUrl: sandbox.url,
      appKeys,
      http,
      stop,
      now: clock.now,
    })
    await connection.open(token)
    const client = createAmocrmClient({ http, connection, lane: 'delivery' })
    const people = createAmocrmClient({ http, connection, lane: 'people' })
    return { connection, client, people, db: own.db, ask: () => client.request(account) }
  }

  async function connected() {
    const process = await startProcess()
    await process.connection.connectWithCode(credentials.code, host)
    return process
  }

  const tokenRequests = async () =>
    (await sandbox.requests()).filter(({ path }) => path === '/oauth2/access_token').length

  /** Both sides' time: tokens age here and there. */
  async function pass(ms: number) {
    clock.advance(ms)
    await sandbox.advance(ms)
  }

  it('is made with a code, and keeps no token that can be read', async () => {
    const { connection, db, ask } = await connected()
    expect(await ask()).toMatchObject({ subdomain: 'sandbox' })
    expect(await connection.status()).toMatchObject({ state: 'connected', kind: 'oauth', baseUrl: sandbox.url })
    const row = JSON.stringify(await db.selectFrom('connections').selectAll().execute())
    const { token } = await connection.access()
    expect(row).not.toContain(token)
    expect(row).toMatch(/"access_token":"v1\.[0-9a-f]{8}\./)
  })

  it('sends the code to no host but the CRM’s', async () => {
    const { connection } = await startProcess()
    await expect(connection.connectWithCode(credentials.code, 'evil.example')).rejects.toThrow(HostRefusedError)
    expect(await sandbox.requests()).toEqual([])
    expect(await connection.status()).toMatchObject({ state: 'none' })
  })

  it('is refreshed before its token is over, once a day, and not oftener', async () => {
    const { connection, ask } = await connected()
    for (const [passed, requests] of [
      [21 * hour, 1],
      [hour, 2],
      [21 * hour, 2],
      [hour, 3],
    ] as const) {
      await pass(passed)
      await connection.refreshIfDue()
      expect(await tokenRequests()).toBe(requests)
    }
    expect(await ask()).toMatchObject({ subdomain: 'sandbox' })
  })

  it('is refreshed at the first request after a long sleep', async () => {
    const { ask } = await connected()
    await pass(30 * day)
    expect(await ask()).toMatchObject({ subdomain: 'sandbox' })
    expect((await sandbox.requests()).map(({ status }) => status)).toEqual([200, 200, 200])
  })

  it('is refreshed by a request of people too, who have one place only', async () => {
    await connected()
    const { people } = await startProcess({ requestsPerSecond: { delivery: 6, people: 1 } })
    await pass(30 * day)
    expect(await people.request(account)).toMatchObject({ subdomain: 'sandbox' })
    await sandbox.advance(25 * hour)
    expect(await people.request(account)).toMatchObject({ subdomain: 'sandbox' })
  })

  it('is refreshed once when the CRM calls a token over that should be good, and the request is repeated', async () => {
    const { ask } = await connected()
    await sandbox.advance(25 * hour)
    expect(await Promise.all([ask(), ask(), ask()])).toMatchObject(Array(3).fill({ subdomain: 'sandbox' }))
    expect(await tokenRequests()).toBe(2)
  })

  it('is refreshed by one process only, though many find it due at the same instant', async () => {
    const { connection, ask } = await connected()
    const others = await Promise.all([startProcess(), startProcess(), startProcess()])
    await pass(23 * hour)
    await Promise.all([
      connection.refreshIfDue(),
      ...others.flatMap((other) => [other.connection.refreshIfDue(), other.ask()]),
    ])
    expect(await tokenRequests()).toBe(2)
    await pass(25 * hour)
    expect(await Promise.all([ask(), ...others.map((other) => other.ask())])).toHaveLength(4)
    expect(await tokenRequests()).toBe(3)
  })

  it('keeps one valid pair when two servers start at the same instant and both find it due', async () => {
    await sandbox.settings({ access_token_ttl_s: 1 })
    await connected()
    await sandbox.settings({ access_token_ttl_s: 86400 })
    const { client_id, client_secret, redirect_uri } = credentials
    const env = {
      ENV_TYPE: 'local',
      APP_KEY: appKey,
      DATABASE_URL: databaseUrl,
      AMO_BASE_URL: sandbox.url,
      AMO_CLIENT_ID: client_id,
      AMO_CLIENT_SECRET: client_secret,
      AMO_REDIRECT_URI: redirect_uri,
      LOG_LEVEL: 'silent',
    }
    const ports = await Promise.all([freePort(), freePort()])
    const servers = await Promise.all(ports.map((port) => startServerProcess({ ...env, PORT: String(port) })))
    for (const [index, port] of ports.entries()) {
      const { body } = await postOrder(`http://127.0.0.1:${port}`, asForm(anOrder({ order_id: String(index) })))
      expect(body.status).toBe(200)
    }
    await expect.poll(async () => (await sandbox.state()).leads.length, { timeout: 8_000 }).toBe(2)
    expect(await tokenRequests()).toBe(2)
    expect((await sandbox.requests()).filter(({ status }) => status === 401)).toEqual([])
    for (const server of servers) await server.kill('SIGTERM')
  })

  it('outlives a refresh whose answer was lost, by sending the same token again', async () => {
    await sandbox.settings({ refresh_grace: 'until_new_used' })
    const { connection, ask } = await connected()
    await pass(23 * hour)
    await sandbox.faults([{ path: '/oauth2/access_token', effect: 'lost_answer', times: 1 }])
    await connection.refreshIfDue()
    expect(await ask()).toMatchObject({ subdomain: 'sandbox' })
    expect(await connection.status()).toMatchObject({ state: 'connected' })
  })

  it('is lost, and says so, when the token of a lost answer is not taken again', async () => {
    const { connection, ask } = await connected()
    await pass(25 * hour)
    await sandbox.faults([{ path: '/oauth2/access_token', effect: 'lost_answer', times: 1 }])
    await expect(ask()).rejects.toMatchObject({ kind: 'unauthorized', message: expect.stringContaining('revoked') })
    expect(await connection.status()).toMatchObject({
      state: 'lost',
      lost: { reason: 'crm_unauthorized', error: expect.stringContaining('revoked'), at: expect.any(Number) },
    })
    const asked = (await sandbox.requests()).length
    await expect(ask()).rejects.toMatchObject({ kind: 'unauthorized' })
    expect(await sandbox.requests()).toHaveLength(asked)
  })

  it('keeps its token while the token endpoint is down, and tries again later', async () => {
    const { connection, ask } = await connected()
    await pass(23 * hour)
    await sandbox.faults([{ path: '/oauth2/access_token', effect: 'status', status: 502, html: true }])
    await expect(connection.refreshIfDue()).rejects.toMatchObject({ kind: 'unavailable' })
    expect(await ask()).toMatchObject({ subdomain: 'sandbox' })
    await sandbox.faults([])
    await connection.refreshIfDue()
    await pass(2 * hour)
    expect(await ask()).toMatchObject({ subdomain: 'sandbox' })
  })

  it('never takes a call that was not sent, for want of a new token, for one that may have happened', async () => {
    const { ask } = await connected()
    await sandbox.faults([{ path: '/oauth2/access_token', effect: 'status', status: 502 }])
    await sandbox.advance(25 * hour)
    await expect(ask()).rejects.toMatchObject({ kind: 'unavailable', mayHaveHappened: false })
    clock.advance(25 * hour)
    await expect(ask()).rejects.toMatchObject({ kind: 'unavailable', mayHaveHappened: false })
  })

  it('waits for a database that is busy before it uses a new token', async () => {
    const { connection, db, ask } = await connected()
    await pass(23 * hour)
    const locked = Promise.withResolvers<void>()
    const unlock = Promise.withResolvers<void>()
    await sandbox.faults([{ path: '/oauth2/access_token', effect: 'delay', delay_ms: 300, times: 1 }])
    const refreshing = connection.refreshIfDue()
    await expect.poll(tokenRequests).toBe(2)
    const other = openDatabase(databaseUrl)
    opened.push(other)
    const holding = other.db.transaction().execute(async (transaction) => {
      await transaction.updateTable('connections').set({ quiet_until: null }).execute()
      locked.resolve()
      await unlock.promise
    })
    await locked.promise
    const before = await db.selectFrom('connections').select('version').executeTakeFirstOrThrow()
    setTimeout(unlock.resolve, 1500)
    await Promise.all([refreshing, holding])
    const after = await db.selectFrom('connections').select('version').executeTakeFirstOrThrow()
    expect(after.version).toBe(before.version + 1)
    expect(await ask()).toMatchObject({ subdomain: 'sandbox' })
  })

  describe.each([401, 404])('follows an account that was renamed, its old host answering %i', (old_host_status) => {
    const rename = async () => {
      const account_host = `localhost:${new URL(sandbox.url).port}`
      await sandbox.settings({ account_host, old_host_status })
      return `http://${account_host}`
    }

    it('when a request finds out', async () => {
      const { connection, ask } = await connected()
      const baseUrl = await rename()
      expect(await ask()).toMatchObject({ subdomain: expect.any(String) })
      expect(await connection.status()).toMatchObject({ state: 'connected', baseUrl })
      const other = await startProcess()
      expect(await other.ask()).toMatchObject({ subdomain: expect.any(String) })
      expect((await sandbox.requests()).filter(({ status }) => status === old_host_status).length).toBeLessThanOrEqual(
        2,
      )
    })

    it('when a refresh finds out', async () => {
      const { connection, ask } = await connected()
      await pass(23 * hour)
      const baseUrl = await rename()
      await connection.refreshIfDue()
      expect(await connection.status()).toMatchObject({ state: 'connected', baseUrl })
      expect(await ask()).toMatchObject({ subdomain: expect.any(String) })
    })

    it('with a long-lived token', async () => {
      const { connection, ask } = await startProcess({ token: credentials.access_token })
      const baseUrl = await rename()
      expect(await ask()).toMatchObject({ subdomain: expect.any(String) })
      expect(await connection.status()).toMatchObject({ state: 'connected', baseUrl })
    })
  })

  it('takes over from a process that died in the middle of a refresh', async () => {
    const { connection, db } = await connected()
    await pass(23 * hour)
    await db
      .updateTable('connections')
      .set({ lease_owner: 'dead', lease_until: clock.now() + 500 })
      .execute()
    await connection.refreshIfDue()
    expect(await tokenRequests()).toBe(2)
  })

  it('stays readable after a change of APP_KEY that names the former key, and says when it does not', async () => {
    await connected()
    const newKey = randomBytes(32).toString('base64')
    const rotated = await startProcess({ appKeys: [newKey, appKey] })
    expect(await rotated.ask()).toMatchObject({ subdomain: 'sandbox' })
    const afterwards = await startProcess({ appKeys: [newKey] })
    expect(await afterwards.ask()).toMatchObject({ subdomain: 'sandbox' })
    const foreign = await startProcess({ appKeys: [randomBytes(32).toString('base64')] })
    await expect(foreign.ask()).rejects.toMatchObject({ kind: 'not_connected' })
    expect(await foreign.connection.status()).toMatchObject({ state: 'lost', lost: { reason: 'not_connected' } })
  })

  it('takes AMO_ACCESS_TOKEN over once: what is connected later is not undone by a restart', async () => {
    const token = credentials.access_token
    const { connection, ask } = await startProcess({ token })
    expect(await ask()).toMatchObject({ subdomain: 'sandbox' })
    expect(await connection.status()).toMatchObject({ kind: 'long_lived', until: expect.any(Number) })
    await connection.connectWithCode(credentials.code, host)
    const restarted = await startProcess({ token })
    expect(await restarted.connection.status()).toMatchObject({ kind: 'oauth' })
    const other = await startProcess({ token: (await sandbox.credentials()).access_token })
    expect(await other.connection.status()).toMatchObject({ kind: 'long_lived' })
  })

  it('says in time that a long-lived token ends', async () => {
    const { connection, ask } = await startProcess({ token: credentials.access_token })
    const { until } = await connection.status()
    await pass((until ?? 0) - clock.now() - 13 * day)
    expect(await connection.status()).toMatchObject({ state: 'expiring' })
    await pass(14 * day)
    await expect(ask()).rejects.toMatchObject({ kind: 'unauthorized' })
  })

  it('sends nothing for an hour after it was locked out, from no process', async () => {
    const { ask } = await connected()
    const other = await startProcess()
    await sandbox.faults([{ path: '/api/v4/*', effect: 'status', status: 403, html: true }])
    await expect(ask()).rejects.toMatchObject({ kind: 'blocked' })
    const asked = (await sandbox.requests()).length
    clock.advance(hour - 1000)
    await expect(ask()).rejects.toMatchObject({ kind: 'blocked' })
    await expect(other.ask()).rejects.toMatchObject({ kind: 'blocked' })
    expect(await sandbox.requests()).toHaveLength(asked)
    await sandbox.faults([])
    clock.advance(2000)
    expect(await other.ask()).toMatchObject({ subdomain: 'sandbox' })
  })

  it('has no token after it was ended', async () => {
    const { connection, db, ask } = await connected()
    await connection.disconnect()
    await expect(ask()).rejects.toMatchObject({ kind: 'not_connected' })
    expect(await connection.status()).toMatchObject({ state: 'none' })
    expect(await db.selectFrom('connections').select(['access_token', 'refresh_token']).execute()).toEqual([
      { access_token: null, refresh_token: null },
    ])
  })

  describe('keeps a new pair', () => {
    /** A refresh whose answer takes a while. */
    async function slowRefresh(connection: Awaited<ReturnType<typeof startProcess>>['connection']) {
      await pass(23 * hour)
      const before = await tokenRequests()
      await sandbox.faults([{ path: '/oauth2/access_token', effect: 'delay', delay_ms: 500, times: 1 }])
      const done = connection.refreshIfDue()
      await expect.poll(tokenRequests).toBe(before + 1)
      return { done }
    }

    it('though another process follows the account to a new host meanwhile', async () => {
      const { connection, ask } = await connected()
      const other = await startProcess()
      const { done } = await slowRefresh(connection)
      const account_host = `localhost:${new URL(sandbox.url).port}`
      await sandbox.settings({ account_host, old_host_status: 404 })
      await other.ask()
      await done
      expect(await connection.status()).toMatchObject({ state: 'connected', baseUrl: `http://${account_host}` })
      await pass(25 * hour)
      expect(await ask()).toMatchObject({ subdomain: expect.any(String) })
    })

    it('though another process starts with a new APP_KEY meanwhile', async () => {
      const { connection } = await connected()
      const { done } = await slowRefresh(connection)
      const other = await startProcess({ appKeys: [randomBytes(32).toString('base64'), appKey] })
      await done
      await pass(25 * hour)
      expect(await other.ask()).toMatchObject({ subdomain: 'sandbox' })
    })

    it('though it is told to stop meanwhile', async () => {
      await connected()
      const stopping = new AbortController()
      const { connection } = await startProcess({ stop: stopping.signal })
      const { done } = await slowRefresh(connection)
      stopping.abort()
      await done
      await connection.settled()
      const other = await startProcess()
      expect(await other.ask()).toMatchObject({ subdomain: 'sandbox' })
      expect(await tokenRequests()).toBe(2)
    })

    it.each([{ expires_in: '86400' }, { expires_in: 1e300 }, {}])('that says of its life %j', async (life) => {
      const { connection } = await connected()
      await pass(23 * hour)
      const body = { token_type: 'Bearer', access_token: 'new', refresh_token: 'newer', ...life }
      await sandbox.faults([{ path: '/oauth2/access_token', effect: 'status', status: 200, body }])
      await connection.refreshIfDue()
      expect(await connection.access()).toMatchObject({ token: 'new' })
    })

    it('when its turn in the traffic comes after its lease is over', async () => {
      const { connection, ask } = await connected()
      const other = await startProcess()
      await sandbox.faults([
        { path: '/api/v4/*', effect: 'status', status: 429, headers: { 'Retry-After': '3' }, times: 1 },
      ])
      await expect(ask()).rejects.toMatchObject({ kind: 'rate_limited' })
      await pass(23 * hour)
      const waiting = connection.refreshIfDue()
      await expect.poll(async () => (await leaseOf(other.db)).lease_owner).not.toBeNull()
      clock.advance(121_000)
      const { done } = await slowRefresh(other.connection)
      await Promise.all([waiting, done])
      expect(await tokenRequests()).toBe(2)
      expect(await connection.status()).toMatchObject({ state: 'connected' })
    })
  })

  const leaseOf = (db: Database['db']) =>
    db.selectFrom('connections').select(['lease_owner', 'lease_until']).executeTakeFirstOrThrow()

  it('waits for nobody’s refresh once it is told to stop', async () => {
    const { db } = await connected()
    const stopping = new AbortController()
    const { connection } = await startProcess({ stop: stopping.signal })
    await pass(23 * hour)
    await db
      .updateTable('connections')
      .set({ lease_owner: 'other', lease_until: clock.now() + 100_000 })
      .execute()
    const refreshing = connection.refreshIfDue()
    stopping.abort()
    await expect(refreshing).rejects.toMatchObject({ kind: 'unavailable', mayHaveHappened: false })
  })

  it('does not wait for a lease that only a wrong clock can have given', async () => {
    const { connection, db } = await connected()
    await pass(23 * hour)
    await db
      .updateTable('connections')
      .set({ lease_owner: 'other', lease_until: clock.now() + hour })
      .execute()
    await connection.refreshIfDue()
    expect(await tokenRequests()).toBe(2)
  })

  it.each([
    { clientSecret: 'mistyped' },
    { clientId: 'another', clientSecret: 'another' },
    { clientId: '', clientSecret: '' },
  ])('outlives a start with the settings %j', async (integration) => {
    await connected()
    const mistaken = await startProcess({ integration })
    await pass(25 * hour)
    await expect(mistaken.ask()).rejects.toMatchObject({ kind: 'unauthorized' })
    const asked = (await sandbox.requests()).length
    await expect(mistaken.ask()).rejects.toMatchObject({ kind: 'unauthorized' })
    await mistaken.connection.refreshIfDue()
    expect(await sandbox.requests()).toHaveLength(asked)
    const right = await startProcess()
    expect(await right.ask()).toMatchObject({ subdomain: 'sandbox' })
    expect(await right.connection.status()).toMatchObject({ state: 'connected' })
  })

  it.each([true, false])('asks for no token for an hour after a 403 (HTML: %s) to that', async (html) => {
    const { connection } = await connected()
    await pass(23 * hour)
    await sandbox.faults([{ path: '/oauth2/access_token', effect: 'status', status: 403, html }])
    await expect(connection.refreshIfDue()).rejects.toMatchObject({ status: 403 })
    expect(await connection.status()).toMatchObject({ state: 'lost', lost: { reason: 'crm_forbidden' } })
    const asked = (await sandbox.requests()).length
    clock.advance(hour - 1000)
    await connection.refreshIfDue()
    expect(await sandbox.requests()).toHaveLength(asked)
  })

  it('is silent after a 403 to a code or to a token that was pasted', async () => {
    const { connection, ask } = await connected()
    await sandbox.faults([{ path: '/oauth2/access_token', effect: 'status', status: 403, times: 1 }])
    await expect(connection.connectWithCode('code', host)).rejects.toMatchObject({ status: 403 })
    await expect(ask()).rejects.toMatchObject({ kind: 'blocked' })
    await connection.unlock()
    await ask()
    await sandbox.faults([{ path: '/api/v4/account', effect: 'status', status: 403, html: true, times: 1 }])
    const http = createHttp({ monotonicNow: () => performance.now(), stop: new AbortController().signal })
    await expect(checkToken(http, connection, 'a token')).rejects.toMatchObject({ kind: 'blocked' })
    await expect(ask()).rejects.toMatchObject({ kind: 'blocked' })
  })

  it('stays silent after a 403, though a call that was under way comes back well', async () => {
    const { connection, ask } = await connected()
    await connection.lockedOut('HTTP 403')
    const found = { account_id: 1, account_name: 'x', user_id: 1, user_name: 'x', is_admin: 1 }
    await connection.alive(found)
    const asked = (await sandbox.requests()).length
    await expect(ask()).rejects.toMatchObject({ kind: 'blocked' })
    expect(await sandbox.requests()).toHaveLength(asked)
    expect(await connection.status()).toMatchObject({ state: 'lost', lost: { reason: 'crm_forbidden' } })
  })

  it('is opened by two processes that start at the same instant on an empty database', async () => {
    const migrated = openDatabase(databaseUrl)
    opened.push(migrated)
    await migrate(migrated)
    await expect(Promise.all([startProcess(), startProcess(), startProcess()])).resolves.toHaveLength(3)
    const again = { account: 'sandbox.amocrm.ru', version: 0, kind: 'none', configured_url: sandbox.url } as const
    const refused = await migrated.db
      .insertInto('connections')
      .values(again)
      .execute()
      .catch((error: unknown) => error)
    expect(isUniqueViolation(refused)).toBe(true)
  })

  it('is made anew with AMO_ACCESS_TOKEN when what is stored does not open any more', async () => {
    const token = credentials.access_token
    await startProcess({ token })
    const { ask } = await startProcess({ token, appKeys: [randomBytes(32).toString('base64')] })
    expect(await ask()).toMatchObject({ subdomain: 'sandbox' })
  })

  it('is not called lost for all by a process that has another APP_KEY', async () => {
    const { connection } = await connected()
    const foreign = await startProcess({ appKeys: [randomBytes(32).toString('base64')] })
    await foreign.connection.lost('not_connected', 'there is no access token')
    expect(await connection.status()).toMatchObject({ state: 'connected' })
  })

  it('is lost once a long-lived token is over, asked or not', async () => {
    const { connection } = await startProcess({ token: credentials.access_token })
    const { until } = await connection.status()
    clock.advance((until ?? 0) - clock.now() + 1)
    expect(await connection.status()).toMatchObject({
      state: 'lost',
      lost: { reason: 'crm_unauthorized', at: until },
    })
  })
})
