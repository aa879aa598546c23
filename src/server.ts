import { atOnce } from './amocrm/batches.ts'
import { openAccount } from './amocrm/open-account.ts'
import type { Lane } from './amocrm/traffic.ts'
import type { Config } from './config/load.ts'
import { joinUnlessMoved, type MovedError } from './database/moving/mark.ts'
import { untilMigrated } from './database/reach.ts'
import { createDoor } from './door.ts'
import { startJobs } from './jobs.ts'
import type { Log } from './log/log.ts'
import { createParts, type Parts } from './parts.ts'
import { linkPath } from './people/links.ts'
import { createTooEarly } from './too-early.ts'

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
  /** Ms that a database out of reach is waited for. */
  databasePatience?: number
  /** When aborted, it starts no further; that is thrown. */
  signal?: AbortSignal
}

/** How long a stop waits for requests under way, the shops' and ours; a lead that is cut off is looked for at the next start. */
const stopPatienceMs = 8000

/** Builds every part once and starts it; tests start the very same. */
export async function startServer(
  config: Config,
  { log, now = Date.now, random = Math.random, crm = {}, checksItself = true, ...options }: ServerOptions,
) {
  const { loadAnew = async () => config, databasePatience = 0, signal } = options
  const { ordersAtOnce = atOnce, ...pace } = crm
  const stopping = new AbortController()
  const ownAddress = () => door.address()
  const parts = createParts(config, { log, now, crm: pace, loadAnew, stop: stopping.signal, ownAddress })
  const { database, metrics, live, inbox, instances } = parts
  const { connection } = parts.account
  const { app } = config
  const { translate } = live.current()
  const tooEarly = createTooEarly({ app, log: parts.channels.request, translate })
  const door = createDoor({ app, database, listener: live.listener, tooEarly, counted: metrics.requests.counted })
  try {
    await door.open()
    await prepare(config, parts, { databasePatience, signal })
  } catch (error) {
    metrics.stop()
    door.slam()
    await database.close()
    throw error
  }
  const { promise: moved, resolve: onMoved } = Promise.withResolvers<MovedError>()
  const jobs = startJobs(parts, { host: config.amo.domain, ordersAtOnce, checksItself, onMoved, now, random })
  door.isReady()

  async function close() {
    const impatience = setTimeout(() => {
      stopping.abort()
      door.slam()
      database.abandon()
    }, stopPatienceMs)
    await Promise.all([jobs.stop(), door.close()])
    // Until now it may have taken orders in, or sent them.
    await instances.forgetThisOne().catch(() => {})
    clearTimeout(impatience)
    await connection.settled()
    metrics.stop()
    await database.close()
  }
  const isConnected = async () => (await connection.status()).state !== 'none'
  /** By which the first administrator comes in, below BASE_PATH; null when somebody decides about people. */
  const firstLinkPath = async () => {
    const token = await live.current().firstLink.token()
    return token && linkPath(token)
  }
  const url = door.address()
  return { url, inbox, moved, wake: jobs.wake, isConnected, firstLinkPath, close, [Symbol.asyncDispose]: close }
}

/** Whatever has to be so before the first request is answered. */
async function prepare(
  config: Config,
  { database, instances, quiet, account }: Parts,
  { databasePatience, signal }: { databasePatience: number; signal: AbortSignal | undefined },
) {
  const log = quiet.app
  const waits = (err: Error) => log.warn({ err }, 'the database cannot be reached yet: it is waited for')
  await untilMigrated(database, { patienceMs: databasePatience, waits, signal })
  await joinUnlessMoved(database, instances)
  signal?.throwIfAborted()
  for (const trouble of await database.troubles(config.app.body_limit))
    log.warn(trouble, 'a setting of the database server endangers orders: see npx parom doctor')
  await openAccount(account.amocrm, config.amo.access_token || null, config.amo.startSandbox)
  signal?.throwIfAborted()
}
