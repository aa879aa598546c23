import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readAccount } from './amocrm/account.ts'
import { createAmocrmClient } from './amocrm/client.ts'
import { createMirror } from './amocrm/mirror.ts'
import { createApp } from './app.ts'
import type { Config } from './config/load.ts'
import { createTranslate } from './config/translate.ts'
import { migrate } from './database/migrate.ts'
import { openDatabase } from './database/open.ts'
import { createDeliverer } from './delivery/deliver.ts'
import { createWorker, type WorkerLog } from './delivery/worker.ts'
import { createInbox } from './inbox/inbox.ts'
import type { Log } from './log.ts'

export interface ServerOptions {
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
  await migrate(database).catch(async (error: unknown) => {
    await database.close()
    throw error
  })

  const account = config.amo.domain
  const inbox = createInbox(database.db, now)
  const translate = createTranslate(config.translations[config.app.language], config.app.language)
  const crmStop = new AbortController()
  const client = createAmocrmClient({
    baseUrl: config.amo.baseUrl,
    accessToken: () => config.amo.access_token || null,
    monotonicNow: () => performance.now(),
    stop: crmStop.signal,
    ...crm,
  })
  const mirror = createMirror({
    client,
    partnerFieldId: config.amo.contact_cf_partner_id,
    ttl: config.system.cache,
    now,
  })
  const rules = { forms: config.requestMapper.forms, amoFields: config.amoFields }
  const app = createApp({ config, database, inbox, translate, log, now })
  const http = createServer(patience, app)
  await listen(http, config.app.port, config.app.host).catch(async (error: unknown) => {
    await database.close()
    throw error
  })

  const worker = createWorker({
    inbox,
    account,
    deliver: createDeliverer({ inbox, client, mirror, rules, translate, now }),
    probe: async () => void (await readAccount(client)),
    now,
    random,
    log: describeDeliveries(log, config.amo.baseUrl),
  })
  inbox.onQueued(worker.wake)

  async function close() {
    const closed = new Promise((resolve) => http.close(resolve))
    http.closeIdleConnections()
    const impatience = setTimeout(() => crmStop.abort(), stopPatienceMs)
    await worker.stop()
    clearTimeout(impatience)
    http.closeAllConnections()
    await closed
    await database.close()
  }
  const { port } = http.address() as AddressInfo
  return {
    url: `http://${config.app.host}:${port}${config.app.basePath}`,
    inbox,
    wake: worker.wake,
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** How long a stop waits for what is under way in the CRM; what is cut off then is looked for at the next start. */
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
    delivered: (message, lead, ms) =>
      log.info({ message, lead, ms, url: `${baseUrl}/leads/detail/${lead}` }, 'order delivered'),
    failed: (message, outcome, reason, error) => log.warn({ message, outcome, reason, error }, 'order not delivered'),
    held: (reason, error) => log.error({ reason, error }, 'amoCRM does not let us in: orders are kept until it does'),
    resumed: () => log.info('amoCRM lets us in again: what was kept goes out'),
    broken: (err) => log.error({ err }, 'the delivery is disturbed'),
  }
}
