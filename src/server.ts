import { createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { createWatch } from './alerts/watch.ts'
import { atOnce } from './amocrm/batches.ts'
import type { ConnectionStatus } from './amocrm/connection-status.ts'
import { keepFresh } from './amocrm/keep-fresh.ts'
import { createAccount, openAccount } from './amocrm/open-account.ts'
import type { Lane } from './amocrm/traffic.ts'
import { createListener } from './app.ts'
import { accountSettingsOf } from './config/account-settings.ts'
import type { Config } from './config/load.ts'
import { createInstances } from './database/instances.ts'
import { migrate } from './database/migrate.ts'
import { openDatabase } from './database/open.ts'
import { createWaitingReader } from './delivery/read-waiting.ts'
import { scheduleCheckups } from './doctor/schedule.ts'
import type { Admitting } from './inbox/accept-refused.ts'
import { createInbox } from './inbox/inbox.ts'
import { startRunJob } from './inbox/run-job.ts'
import { createRuns } from './inbox/runs.ts'
import { keepFigures } from './keep-figures.ts'
import { createLive, type Live } from './live.ts'
import type { Log } from './log.ts'
import { createOrderCodes } from './order-api/order-codes.ts'
import { createApiTokens } from './order-api/tokens.ts'
import { createApiUsers } from './order-api/users.ts'
import { linkPath } from './people/links.ts'
import { startDelivery } from './start-delivery.ts'
import { createUpkeep } from './upkeep.ts'

interface ServerOptions {
  log: Log
  /** Unix ms. */
  now?: () => number
  /** 0 to 1, for the jitter of retries. */
  random?: () => number
  /** Ms after which a request to the CRM counts as lost, how many a second it may get, and how many orders go together: less patience and more haste for tests. */
  crm?: { timeoutMs?: number; requestsPerSecond?: Record<Lane, number>; ordersAtOnce?: number }
  /** Reads the settings as they are now; throws ConfigError. */
  loadAnew?: () => Promise<Config>
  /** False: only people check the settings against the account. */
  checksItself?: boolean
}

const { version }: { version: string } = createRequire(import.meta.url)('../package.json')

/** What goes on beside the requests until the server stops. */
interface Job {
  wake?: () => void
  stop: () => Promise<void>
}

/** Builds every part once and starts it; tests start the very same. Disposing stops the parts in reverse. */
export async function startServer(
  config: Config,
  {
    log,
    now = Date.now,
    random = Math.random,
    crm = {},
    checksItself = true,
    loadAnew = async () => config,
  }: ServerOptions,
) {
  const database = openDatabase(config.app.databaseUrl)
  const stopping = new AbortController()
  const { db } = database
  const account = createAccount(accountSettingsOf(config), { ...crm, db, stop: stopping.signal, now })
  const { connection, amocrm } = account
  const host = config.amo.domain
  const inbox = createInbox(database, now)
  const orderApi = {
    users: createApiUsers(db, now),
    tokens: createApiTokens(db, now),
    codes: createOrderCodes(db, now),
  }
  const watch = createWatch({
    db,
    account: host,
    settings: () => watchSettingsOf(live.current(), ownAddress()),
    connection,
    file: databaseFile(config.app.databaseUrl),
    log,
    now,
  })
  const instances = createInstances({
    ...{ db, host: inbox.host, version, traffic: account.traffic, now },
    settings: () => live.current().route.version,
  })
  const upkeep = createUpkeep({ live: () => live, instances, db, account: host, log, now })
  const admitting: Admitting = {
    read: (...request) => live.current().admitting.read(...request),
    get sources() {
      return live.current().admitting.sources
    },
  }
  const runs = createRuns({ db, inbox, account: host, admitting, now })
  const live = createLive(config, { database, account, inbox, log, now }, { listenerOf, loadAnew })
  const http = createServer(patience, live.listener)
  try {
    await migrate(database)
    await openAccount(amocrm, config.amo.access_token || null, config.amo.startSandbox)
    await listen(http, config.app.port, config.app.host)
  } catch (error) {
    await database.close()
    throw error
  }

  const { ordersAtOnce = atOnce } = crm
  const route = () => live.current().route
  const worker = startDelivery({ inbox, account, host, route, ordersAtOnce, log, now, random })
  const isReady = async () => canAsk(await connection.status()) && account.turn.keep()
  const { checkups } = live
  const jobs: Job[] = [
    worker,
    startRunJob({ runs, log }),
    keepFresh(connection, log),
    keepFigures({ inbox, instances, log }),
    createWaitingReader({
      inbox,
      rules: () => live.current().rules,
      now,
      broken: (err) => log.warn({ err }, 'orders that wait cannot be read, and so not be searched for yet'),
    }),
    checksItself ? scheduleCheckups({ checkups, isReady, log, now, random }) : checkups,
    watch.start(),
    upkeep.start(),
  ]
  inbox.onQueued(worker.wake)
  inbox.onNotKept((count, err) =>
    log.warn(
      { count, ...(err ? { err } : {}) },
      'refused requests were not kept: they were too many, or the store is out of order',
    ),
  )

  function listenerOf(settled: Live) {
    const standing = { database, inbox, orderApi, instances, runs, amocrm, alerts: watch, upkeep, log, now }
    return createListener({ ...standing, ...settled, mirror: settled.peoplesMirror })
  }

  function ownAddress() {
    const { port } = http.address() as AddressInfo
    return `http://${config.app.host}:${port}${config.app.basePath}`
  }

  async function close() {
    const closed = new Promise((resolve) => http.close(resolve))
    // Those that were busy when it began, too, as soon as they have their answer.
    const farewell = setInterval(() => http.closeIdleConnections(), 100)
    const impatience = setTimeout(() => {
      stopping.abort()
      http.closeAllConnections()
    }, stopPatienceMs)
    await Promise.all([...jobs.map((job) => job.stop()), closed])
    clearTimeout(impatience)
    clearInterval(farewell)
    await connection.settled()
    await database.close()
  }
  const url = ownAddress()
  const wake = () => {
    for (const job of jobs) job.wake?.()
  }
  const isConnected = async () => (await connection.status()).state !== 'none'
  /** By which the first administrator comes in, below BASE_PATH; null when somebody decides about people. */
  const firstLinkPath = async () => {
    const token = await live.current().firstLink.token()
    return token && linkPath(token)
  }
  return { url, inbox, wake, isConnected, firstLinkPath, close, [Symbol.asyncDispose]: close }
}

function watchSettingsOf({ config, translate }: Live, ownAddress: string) {
  const { app, alerts } = config
  const { language, timeZone, app_name: appName, publicBase } = app
  return { ...alerts, translate, language, timeZone, appName, base: publicBase ?? ownAddress }
}

/** Null where the database is elsewhere. */
function databaseFile(url: string) {
  const [, file = null] = /^sqlite:(?!:memory:)(.+)/.exec(url) ?? []
  return file
}

function canAsk({ state, pausedUntil }: ConnectionStatus) {
  return (state === 'connected' || state === 'expiring') && pausedUntil === null
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
