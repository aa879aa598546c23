import { createRequire } from 'node:module'
import { createSessionList } from './admin/session-list.ts'
import { createWatch } from './alerts/watch.ts'
import { createAccount } from './amocrm/open-account.ts'
import type { Lane } from './amocrm/traffic.ts'
import { createListener } from './app.ts'
import { accountSettingsOf } from './config/account-settings.ts'
import type { Config } from './config/load.ts'
import { createCrashes } from './crashes.ts'
import { createInstances } from './database/instances.ts'
import { openDatabase } from './database/open.ts'
import { sqliteFile } from './database/sqlite-file.ts'
import type { Admitting } from './inbox/accept-refused.ts'
import { createInbox } from './inbox/inbox.ts'
import { createRateLimits } from './inbox/rate-limits.ts'
import { createRetention } from './inbox/retention-job.ts'
import { createRuns } from './inbox/runs.ts'
import { createLive, type Live } from './live.ts'
import { channelsOf, type Log } from './log/log.ts'
import { createMetrics } from './metrics/metrics.ts'
import type { StandingSources } from './metrics/standing.ts'
import { createOrderCodes } from './order-api/order-codes.ts'
import { createApiTokens } from './order-api/tokens.ts'
import { createApiUsers } from './order-api/users.ts'
import { createProfiling } from './profiling.ts'
import { quietInOutage } from './quiet-log.ts'
import { createUpkeep } from './upkeep.ts'

interface PartsOptions {
  log: Log
  /** Unix ms. */
  now: () => number
  crm: { timeoutMs?: number; requestsPerSecond?: Record<Lane, number> }
  /** Reads the settings as they are now; throws ConfigError. */
  loadAnew: () => Promise<Config>
  /** When aborted, the CRM is neither asked nor waited for. */
  stop: AbortSignal
  /** Where the server listens; asked once it does. */
  ownAddress: () => string
}

const { version }: { version: string } = createRequire(import.meta.url)('../package.json')

/** Builds every part once. None of them does anything yet. */
export function createParts(config: Config, options: PartsOptions) {
  const { now, loadAnew, ownAddress } = options
  const ground = createGround(config, options, () => ({ alerts: watch, instances }))
  const { channels, quiet, database, file, account, inbox, metrics } = ground
  const { db } = database
  const log = quiet.app
  const host = config.amo.domain
  const instances = createInstances({
    ...{ db, host: inbox.host, version, traffic: account.traffic, now },
    settings: () => live.current().route.version,
  })
  const settingsRead = (faults: string[]) => {
    metrics.settings.read(faults)
    return instances.settingsRead(faults)
  }
  const upkeep = createUpkeep({ live: () => live, instances: { settingsRead }, db, account: host, log, now })
  const watch = createWatch({
    ...{ db, account: host, connection: account.connection, file, log, now },
    settings: () => watchSettingsOf(live.current(), ownAddress()),
  })
  const admitting: Admitting = {
    read: (...request) => live.current().admitting.read(...request),
    get sources() {
      return live.current().admitting.sources
    },
  }
  const runs = createRuns({ db, inbox, account: host, admitting, now })
  const retention = createRetention({ database, kept: () => live.current().config.app.retention, log, now })
  const standing = {
    ...{ database, inbox, instances, runs, amocrm: account.amocrm, alerts: watch, upkeep, metrics, retention },
    ...{ log: channels.app, channels, now },
    limits: createRateLimits(db, now),
    orderApi: {
      users: createApiUsers(db, now),
      tokens: createApiTokens(db, now),
      codes: createOrderCodes(db, now),
    },
    crashes: createCrashes(config.stateFolder, now),
  }
  const listenerOf = (settled: Live) => {
    metrics.expect(settled.config.sources)
    return createListener({ ...standing, ...settled, mirror: settled.peoplesMirror })
  }
  const live = createLive(config, { database, account, inbox, channels: quiet, now }, { listenerOf, loadAnew })
  return { ...ground, instances, upkeep, watch, runs, retention, live }
}

export type Parts = ReturnType<typeof createParts>

/** What all others stand on: the logs, the database, the account and the inbox, and what is counted of them. */
function createGround(
  config: Config,
  { log, now, crm, stop }: PartsOptions,
  others: () => Pick<StandingSources, 'alerts' | 'instances'>,
) {
  const channels = channelsOf(log)
  const quiet = { ...channels, app: quietInOutage(channels.app, now), auth: quietInOutage(channels.auth, now) }
  const profiling = createProfiling(channels.profiling)
  const database = openDatabase(config.app.databaseUrl, profiling.statement)
  const file = sqliteFile(config.app.databaseUrl)
  const { db } = database
  const metrics = createMetrics({
    ...{ version, basePath: config.app.basePath, database, now },
    delivers: () => account.turn.isOurs(),
    standing: () => ({
      ...{ ...others(), inbox, account: config.amo.domain, connection: account.connection, file, now },
      countSessions: async () => (await createSessionList(db, now).count()).everybody,
    }),
  })
  const account = createAccount(accountSettingsOf(config), {
    ...{ ...crm, db, stop, now },
    watch: {
      answered(answer) {
        metrics.crm.answered(answer)
        profiling.answer(answer)
      },
      paused: metrics.crm.paused,
    },
    onRenewed: (ms) => channels.auth.info({ ms }, 'amoCRM tokens renewed'),
  })
  const inbox = metrics.counted(createInbox(database, now, metrics.store.committed))
  return { channels, quiet, profiling, database, file, metrics, account, inbox }
}

function watchSettingsOf({ config, translate }: Live, ownAddress: string) {
  const { app, alerts } = config
  const { language, timeZone, app_name: appName, publicBase } = app
  return { ...alerts, translate, language, timeZone, appName, base: publicBase ?? ownAddress }
}
