import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspectConnection } from './amocrm/account.ts'
import { atOnce } from './amocrm/batches.ts'
import type { AmocrmClient } from './amocrm/client.ts'
import type { Connection } from './amocrm/connection.ts'
import type { ConnectionStatus } from './amocrm/connection-status.ts'
import { leadUrl } from './amocrm/leads.ts'
import { createMirror, type Mirror } from './amocrm/mirror.ts'
import { type Account, createAccount, openAccount } from './amocrm/open-account.ts'
import type { Lane } from './amocrm/traffic.ts'
import { createListener } from './app.ts'
import { accountSettingsOf, mirrorSettingsOf } from './config/account-settings.ts'
import type { Config } from './config/load.ts'
import { mappingVersion, rulesOf } from './config/rules.ts'
import { translateOf } from './config/translate.ts'
import { migrate } from './database/migrate.ts'
import { openDatabase } from './database/open.ts'
import { createLinkCheck } from './delivery/check-links.ts'
import { createDeliverer } from './delivery/deliver.ts'
import { createWorker, type WorkerLog } from './delivery/worker.ts'
import { createCheckups } from './doctor/checkups.ts'
import { scheduleCheckups } from './doctor/schedule.ts'
import { createInbox, type Inbox } from './inbox/inbox.ts'
import type { Log } from './log.ts'
import type { Rules } from './mapping/request.mapper.ts'

interface ServerOptions {
  log: Log
  /** Unix ms. */
  now?: () => number
  /** 0 to 1, for the jitter of retries. */
  random?: () => number
  /** Ms after which a request to the CRM counts as lost, how many a second it may get, and how many orders go together: less patience and more haste for tests. */
  crm?: { timeoutMs?: number; requestsPerSecond?: Record<Lane, number>; ordersAtOnce?: number }
  /** False: only people check the settings against the account. */
  checksItself?: boolean
}

/** Builds every part once and starts it; tests start the very same. Disposing stops the parts in reverse. */
export async function startServer(
  config: Config,
  { log, now = Date.now, random = Math.random, crm = {}, checksItself = true }: ServerOptions,
) {
  const database = openDatabase(config.app.databaseUrl)
  const stopping = new AbortController()
  const { db } = database
  const account = createAccount(accountSettingsOf(config), { ...crm, db, stop: stopping.signal, now })
  const { connection, amocrm } = account
  const inbox = createInbox(database, now, mappingVersion(config))
  const translate = translateOf(config)
  const rules = rulesOf(config, translate)
  const mirrorOf = (client: AmocrmClient) => createMirror({ ...mirrorSettingsOf(config), client, db, now })
  const mirror = mirrorOf(account.delivery)
  // The delivery needs the very contacts that a checkup counts, and reads them faster.
  const countedIn = async (client: AmocrmClient) => ((await account.turn.keep()) ? mirror : mirrorOf(client))
  const checkups = createCheckups({ config, rules, db, amocrm, mirrorOf: countedIn, log, now })
  const http = createServer(
    patience,
    createListener({ config, database, inbox, amocrm, checkups, translate, log, now }),
  )
  try {
    await migrate(database)
    await openAccount(amocrm, config.amo.access_token || null, config.amo.startSandbox)
    await listen(http, config.app.port, config.app.host)
  } catch (error) {
    await database.close()
    throw error
  }

  const { ordersAtOnce = atOnce } = crm
  const worker = startDelivery({ config, inbox, account, mirror, rules, ordersAtOnce, log, now, random })
  const freshness = keepFresh(connection, log)
  const isReady = async () => canAsk(await connection.status()) && account.turn.keep()
  const schedule = checksItself ? scheduleCheckups({ checkups, isReady, log, now, random }) : null
  inbox.onQueued(worker.wake)
  inbox.onNotKept((count, err) =>
    log.warn(
      { count, ...(err ? { err } : {}) },
      'refused requests were not kept: they were too many, or the store is out of order',
    ),
  )
  if (config.idleKeys.length > 0)
    log.warn({ keys: config.idleKeys }, 'these keys of request.mapper have no effect: their form makes no such card')
  if (config.app.https && config.app.trusted_proxies.length === 0) {
    log.warn('PUBLIC_URL is https, but trusted_proxies is empty: behind a proxy nobody will be able to sign in')
  }

  async function close() {
    const closed = new Promise((resolve) => http.close(resolve))
    // Those that were busy when it began, too, as soon as they have their answer.
    const farewell = setInterval(() => http.closeIdleConnections(), 100)
    const impatience = setTimeout(() => {
      stopping.abort()
      http.closeAllConnections()
    }, stopPatienceMs)
    await Promise.all([worker.stop(), freshness.stop(), (schedule ?? checkups).stop(), closed])
    clearTimeout(impatience)
    clearInterval(farewell)
    await connection.settled()
    await database.close()
  }
  const { port } = http.address() as AddressInfo
  const url = `http://${config.app.host}:${port}${config.app.basePath}`
  const wake = () => {
    worker.wake()
    freshness.wake()
    schedule?.wake()
  }
  const isConnected = async () => (await connection.status()).state !== 'none'
  return { url, inbox, wake, isConnected, close, [Symbol.asyncDispose]: close }
}

interface DeliveryParts extends Required<Pick<ServerOptions, 'log' | 'now' | 'random'>> {
  config: Config
  inbox: Inbox
  account: Account
  mirror: Mirror
  rules: Rules
  ordersAtOnce: number
}

function startDelivery({ config, inbox, account, mirror, rules, ordersAtOnce, log, now, random }: DeliveryParts) {
  const { connection, turn, delivery: amocrm } = account
  const { translate } = rules
  const partnerFieldId = config.amo.contact_cf_partner_id
  const { deliver, findMarker, forget } = createDeliverer({
    inbox,
    amocrm,
    mirror,
    partnerFieldId,
    rules,
    translate,
    now,
  })
  return createWorker({
    inbox,
    account: config.amo.domain,
    deliver,
    tidyUp: createLinkCheck({ inbox, client: amocrm, account: config.amo.domain }),
    ordersAtOnce,
    connection: {
      probe: () => inspectConnection(amocrm, connection),
      lost: connection.lost,
      isMended: async () => ['connected', 'expiring'].includes((await connection.status()).state),
      isPaused: async () => {
        const { pausedUntil, stopped } = await connection.status()
        return pausedUntil !== null || stopped !== null
      },
      async opened(afterLoss) {
        if (afterLoss) await forget()
        await findMarker().catch((err: unknown) =>
          log.warn({ err }, 'the field that marks our leads could not be made yet'),
        )
      },
      works: connection.works,
    },
    turn,
    now,
    random,
    log: describeDeliveries(log, connection),
  })
}

function canAsk({ state, pausedUntil }: ConnectionStatus) {
  return (state === 'connected' || state === 'expiring') && pausedUntil === null
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
