import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readAccount } from './amocrm/account.ts'
import { createAmocrmClient } from './amocrm/client.ts'
import { leadUrl } from './amocrm/leads.ts'
import { createMirror } from './amocrm/mirror.ts'
import { createApp } from './app.ts'
import type { Config } from './config/load.ts'
import { type Translate, translateOf } from './config/translate.ts'
import { migrate } from './database/migrate.ts'
import { openDatabase } from './database/open.ts'
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
  crm?: { timeoutMs?: number; requestsPerSecond?: number }
}

/** Builds every part once and starts it; tests start the very same. Disposing stops the parts in reverse. */
export async function startServer(
  config: Config,
  { log, now = Date.now, random = Math.random, crm = {} }: ServerOptions,
) {
  const database = openDatabase(config.app.databaseUrl)
  const http = createServer(patience)
  try {
    await migrate(database)
    await listen(http, config.app.port, config.app.host)
  } catch (error) {
    await database.close()
    throw error
  }

  const inbox = createInbox(database.db, now)
  const translate = translateOf(config)
  http.on('request', createApp({ config, database, inbox, translate, log, now }))

  const stopping = new AbortController()
  const worker = startDelivery({ config, inbox, translate, log, now, random, crm: { ...crm, stop: stopping.signal } })
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
    await Promise.all([worker.stop(), closed])
    clearTimeout(impatience)
    await database.close()
  }
  const { port } = http.address() as AddressInfo
  const url = `http://${config.app.host}:${port}${config.app.basePath}`
  return { url, inbox, wake: worker.wake, close, [Symbol.asyncDispose]: close }
}

interface DeliveryParts extends Required<Pick<ServerOptions, 'log' | 'now' | 'random'>> {
  config: Config
  inbox: Inbox
  translate: Translate
  crm: ServerOptions['crm'] & { stop: AbortSignal }
}

function startDelivery({ config, inbox, translate, log, now, random, crm }: DeliveryParts) {
  const amocrm = createAmocrmClient({
    baseUrl: config.amo.baseUrl,
    accessToken: () => config.amo.access_token || null,
    monotonicNow: () => performance.now(),
    ...crm,
  })
  const partnerFieldId = config.amo.contact_cf_partner_id
  const mirror = createMirror({ client: amocrm, partnerFieldId, ttl: config.system.cache, now })
  const rules = { forms: config.requestMapper.forms, amoFields: config.amoFields }
  return createWorker({
    inbox,
    account: config.amo.domain,
    deliver: createDeliverer({ inbox, amocrm, mirror, rules, translate, now }),
    probe: () => readAccount(amocrm),
    now,
    random,
    log: describeDeliveries(log, config.amo.baseUrl),
  })
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

function describeDeliveries(log: Log, baseUrl: string): WorkerLog {
  return {
    delivered: (message, lead, ms) => log.info({ message, lead, ms, url: leadUrl(baseUrl, lead) }, 'order delivered'),
    failed: (message, outcome, reason, error) => log.warn({ message, outcome, reason, error }, 'order not delivered'),
    held: (reason, error) => log.error({ reason, error }, 'amoCRM does not let us in: orders are kept until it does'),
    resumed: () => log.info('amoCRM lets us in again: what was kept goes out'),
    broken: (err) => log.error({ err }, 'the delivery is disturbed'),
  }
}
