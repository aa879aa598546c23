import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { AmocrmAccess } from './admin/amocrm-connection.ts'
import { inspectConnection } from './amocrm/account.ts'
import { createAmocrmClient } from './amocrm/client.ts'
import { type Connection, createConnection } from './amocrm/connection.ts'
import { AmocrmError } from './amocrm/errors.ts'
import { createHttp } from './amocrm/http.ts'
import { leadUrl } from './amocrm/leads.ts'
import { createMirror } from './amocrm/mirror.ts'
import type { Lane } from './amocrm/traffic.ts'
import { createTurns } from './amocrm/turns.ts'
import { createApp } from './app.ts'
import type { Config } from './config/load.ts'
import { type Translate, translateOf } from './config/translate.ts'
import { migrate } from './database/migrate.ts'
import { type Database, openDatabase } from './database/open.ts'
import { createDeliverer } from './delivery/deliver.ts'
import { createWorker, type WorkerLog } from './delivery/worker.ts'
import { createInbox, type Inbox } from './inbox/inbox.ts'
import type { Log } from './log.ts'

interface ServerOptions {
  log: Log
  /** Unix ms. */
  now?: () => number
  /** 0 to 1, for the jitter of retries. */
  random?: () => number
  /** Ms after which a request to the CRM counts as lost, and how many a second it may get: less patience and more haste for tests. */
  crm?: { timeoutMs?: number; requestsPerSecond?: Record<Lane, number> }
}

/** Builds every part once and starts it; tests start the very same. Disposing stops the parts in reverse. */
export async function startServer(
  config: Config,
  { log, now = Date.now, random = Math.random, crm = {} }: ServerOptions,
) {
  const database = openDatabase(config.app.databaseUrl)
  const stopping = new AbortController()
  const account = createAccount(config, database, { ...crm, stop: stopping.signal, now })
  const { connection, amocrm } = account
  const inbox = createInbox(database.db, now)
  const translate = translateOf(config)
  const http = createServer(patience, createApp({ config, database, inbox, amocrm, translate, log, now }))
  try {
    await migrate(database)
    await openConnection(config, amocrm)
    await listen(http, config.app.port, config.app.host)
  } catch (error) {
    await database.close()
    throw error
  }

  const worker = startDelivery({ config, inbox, account, translate, log, now, random })
  const freshness = keepFresh(connection, log)
  inbox.onQueued(worker.wake)
  if (config.idleKeys.length > 0) log.warn({ keys: config.idleKeys }, 'these keys of request.mapper have no effect yet')
  if (config.app.https && config.app.trusted_proxies.length === 0) {
    log.warn('PUBLIC_URL is https, but trusted_proxies is empty: behind a proxy nobody will be able to sign in')
  }

  async function close() {
    const closed = new Promise((resolve) => http.close(resolve))
    http.closeIdleConnections()
    const impatience = setTimeout(() => {
      stopping.abort()
      http.closeAllConnections()
    }, stopPatienceMs)
    await Promise.all([worker.stop(), freshness.stop(), closed])
    clearTimeout(impatience)
    await connection.settled()
    await database.close()
  }
  const { port } = http.address() as AddressInfo
  const url = `http://${config.app.host}:${port}${config.app.basePath}`
  const wake = () => {
    worker.wake()
    freshness.wake()
  }
  const isConnected = async () => (await connection.status()).state !== 'none'
  return { url, inbox, wake, isConnected, close, [Symbol.asyncDispose]: close }
}

type CrmOptions = NonNullable<ServerOptions['crm']> & { stop: AbortSignal; now: () => number }

/** The way to the amoCRM account, for the delivery and for people. */
function createAccount(config: Config, { db }: Database, { stop, now, ...crm }: CrmOptions) {
  const account = config.amo.domain
  const turns = createTurns({ db, account, stop, now, ...peoplesPace(crm) })
  const http = createHttp({ monotonicNow: () => performance.now(), stop, turns, ...crm })
  const connection = createConnection({ ...connectionSettings(config), account, db, http, stop, now })
  const inTurn = async () => {
    const access = await connection.access()
    if (!(await turns.delivery.use()))
      throw new AmocrmError('rate_limited', 'not sent: another process delivers by now')
    return access
  }
  return {
    connection,
    turn: turns.delivery,
    delivery: createAmocrmClient({ http, connection: { ...connection, access: inTurn }, lane: 'delivery' }),
    amocrm: { connection, http, client: createAmocrmClient({ http, connection, lane: 'people' }) },
  }
}

function peoplesPace({ requestsPerSecond }: NonNullable<ServerOptions['crm']>) {
  return requestsPerSecond && { peoplePerSecond: requestsPerSecond.people }
}

/** The sandbox gives a new token at every start; a connection to it that works is kept, as people made it. */
async function openConnection({ amo }: Config, { connection, client }: AmocrmAccess) {
  await connection.open(null)
  const isKept =
    amo.startSandbox &&
    (await inspectConnection(client, connection).then(
      () => true,
      () => false,
    ))
  if (!isKept) await connection.open(amo.access_token || null)
}

function connectionSettings({ app, amo }: Config) {
  return {
    configuredUrl: amo.baseUrl,
    isUrlFixed: amo.base_url !== undefined,
    integration: { clientId: amo.client_id, clientSecret: amo.client_secret, redirectUri: amo.redirectUri },
    siteUrl: amo.auth_url,
    appKeys: [app.app_key, ...app.previous_app_keys],
  }
}

interface DeliveryParts extends Required<Pick<ServerOptions, 'log' | 'now' | 'random'>> {
  config: Config
  inbox: Inbox
  account: ReturnType<typeof createAccount>
  translate: Translate
}

function startDelivery({ config, inbox, account, translate, log, now, random }: DeliveryParts) {
  const { connection, turn, delivery: amocrm } = account
  const partnerFieldId = config.amo.contact_cf_partner_id
  const mirror = createMirror({ client: amocrm, partnerFieldId, ttl: config.system.cache, now })
  const rules = { forms: config.requestMapper.forms, amoFields: config.amoFields }
  const { deliver, forget } = createDeliverer({ inbox, amocrm, mirror, rules, translate, now })
  return createWorker({
    inbox,
    account: config.amo.domain,
    deliver,
    connection: {
      probe: () => inspectConnection(amocrm, connection),
      lost: connection.lost,
      isMended: async () => ['connected', 'expiring'].includes((await connection.status()).state),
      isPaused: async () => (await connection.status()).pausedUntil !== null,
      regained: forget,
      works: connection.works,
    },
    turn,
    now,
    random,
    log: describeDeliveries(log, connection),
  })
}

const lookAtTokensEveryMs = 60_000

/** Renews the tokens in time, whether there are orders or not. */
function keepFresh(connection: Connection, log: Log) {
  let running = Promise.resolve()
  const wake = () => {
    running = running.then(connection.refreshIfDue).catch((err: unknown) => {
      log.error({ err }, 'the tokens of amoCRM could not be renewed')
    })
  }
  const timer = setInterval(wake, lookAtTokensEveryMs)
  wake()
  return {
    wake,
    async stop() {
      clearInterval(timer)
      await running
    },
  }
}

/** How long a stop waits for requests under way, the shops' and ours; a lead that is cut off is looked for at the next start. */
const stopPatienceMs = 8000

/** Ms. Who sends slowly holds up nobody else, but does not stay for ever either. */
const patience = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 5_000,
  keepAliveTimeout: 65_000,
}

function listen(http: Server, port: number, host: string) {
  return new Promise<void>((resolve, reject) => {
    http.once('error', reject)
    http.listen(port, host, () => {
      http.off('error', reject)
      resolve()
    })
  })
}

function describeDeliveries(log: Log, connection: Connection): WorkerLog {
  return {
    delivered: (message, lead, ms) =>
      log.info({ message, lead, ms, url: leadUrl(connection.baseUrl(), lead) }, 'order delivered'),
    failed: (message, outcome, reason, error) => log.warn({ message, outcome, reason, error }, 'order not delivered'),
    held: (reason, error) => log.error({ reason, error }, 'amoCRM does not let us in: orders are kept until it does'),
    resumed: () => log.info('amoCRM lets us in again: what was kept goes out'),
    broken: (err) => log.error({ err }, 'the delivery is disturbed'),
  }
}
