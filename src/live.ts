import type { RequestListener } from 'node:http'
import type { AmocrmClient } from './amocrm/client.ts'
import { createMirror, type Mirror } from './amocrm/mirror.ts'
import type { Account } from './amocrm/open-account.ts'
import { mirrorSettingsOf } from './config/account-settings.ts'
import { ConfigError, describeFault } from './config/config-error.ts'
import type { Config } from './config/load.ts'
import { keepWhatNeedsRestart } from './config/restart.ts'
import { rulesOf } from './config/rules.ts'
import { type Translate, translateOf } from './config/translate.ts'
import type { Database } from './database/open.ts'
import { createCheckups } from './doctor/checkups.ts'
import type { Inbox } from './inbox/inbox.ts'
import { createRefusedReader } from './intake/read-refused.ts'
import type { Channels, Log } from './log/log.ts'
import { createDirectory } from './people/directory.ts'
import { createFirstLink } from './people/first-link.ts'
import { createRehearsal } from './rehearsal.ts'
import { createRoute } from './start-delivery.ts'

interface LiveParts {
  database: Database
  account: Account
  inbox: Inbox
  channels: Channels
  /** Unix ms. */
  now: () => number
}

export type Live = ReturnType<typeof assemble>

/** How reading the settings once more has gone. */
export interface Reloaded {
  /** Why they cannot be used, and those before stay in force; empty when they are in force. */
  faults: string[]
  /** What has changed, and takes effect at the next start. */
  needsRestart: string[]
}

/** Everything that is made of the settings, all of it exchanged at once when they are read again. */
export function createLive(
  config: Config,
  parts: LiveParts,
  { listenerOf, loadAnew }: { listenerOf: (live: Live) => RequestListener; loadAnew: () => Promise<Config> },
) {
  let live = assemble(config, parts)
  let listener = listenerOf(live)
  let reloading: Promise<unknown> = Promise.resolve()
  const { app: log, setLevel } = parts.channels
  tellOddities(config, log)

  async function reloadNow(): Promise<Reloaded> {
    try {
      const { config, needsRestart } = keepWhatNeedsRestart(await loadAnew(), live.config)
      const before = live
      const next = assemble(config, parts, before)
      listener = listenerOf(next)
      live = next
      if (config.app.log_level !== before.config.app.log_level) setLevel(config.app.log_level)
      tellOddities(config, log)
      log.info({ version: next.route.version, needsRestart }, 'settings read again')
      await before.checkups.stop()
      return { faults: [], needsRestart }
    } catch (error) {
      const isExpected = error instanceof ConfigError
      log.warn(isExpected ? { count: error.faults.length } : { err: error }, 'settings cannot be used')
      return { faults: isExpected ? error.faults.map(describeFault) : [String(error)], needsRestart: [] }
    }
  }

  return {
    current: () => live,
    listener: ((req, res) => listener(req, res)) satisfies RequestListener,
    checkups: {
      run: () => live.checkups.run(),
      runUnlessSince: (since: number) => live.checkups.runUnlessSince(since),
      stop: () => live.checkups.stop(),
    },

    /** Reads the settings anew. Orders and requests under way end by those that they began with. */
    reload(): Promise<Reloaded> {
      const result = reloading.then(reloadNow)
      reloading = result
      return result
    },
  }
}

interface Kept {
  mirrorSettings: ReturnType<typeof mirrorSettingsOf>
  mirror: Mirror
}

/** @param before what has not changed of it is kept, with what it remembers */
function assemble(config: Config, { database, account, inbox, channels, now }: LiveParts, before?: Kept) {
  const { db } = database
  const serverTroubles = () => database.troubles(config.app.body_limit)
  const translate: Translate = translateOf(config)
  const rules = rulesOf(config, translate)
  const mirrorSettings = mirrorSettingsOf(config)
  const mirrorOf = (client: AmocrmClient) => createMirror({ ...mirrorSettings, client, db, now })
  const mirror =
    before && JSON.stringify(before.mirrorSettings) === JSON.stringify(mirrorSettings)
      ? before.mirror
      : mirrorOf(account.delivery)
  // The delivery needs the very contacts that a checkup counts, and reads them faster.
  const countedIn = async (client: AmocrmClient) => ((await account.turn.keep()) ? mirror : mirrorOf(client))
  const peoplesMirror = mirrorOf(account.amocrm.client)
  return {
    config,
    translate,
    rules,
    mirrorSettings,
    mirror,
    /** Of people's requests. */
    peoplesMirror,
    rehearsal: createRehearsal({ config, rules, client: account.amocrm.client, mirror: peoplesMirror }),
    admitting: createRefusedReader({
      sources: config.sources,
      dedupeWindow: config.app.dedupe_window * 1000,
      bodyLimit: config.app.body_limit,
    }),
    firstLink: createFirstLink({ config, db, directory: createDirectory({ config, db, now }), now }),
    checkups: createCheckups({
      config,
      rules,
      db,
      amocrm: account.amocrm,
      mirrorOf: countedIn,
      serverTroubles,
      log: channels.app,
      now,
    }),
    route: createRoute(config, { inbox, amocrm: account.delivery, mirror, rules, now }),
  }
}

function tellOddities({ idleKeys, app }: Config, log: Log) {
  if (idleKeys.length > 0)
    log.warn({ keys: idleKeys }, 'keys of request.mapper without effect: their form makes no such card')
  if (app.https && app.trusted_proxies.length === 0)
    log.warn('PUBLIC_URL is https, but trusted_proxies is empty: behind a proxy nobody will be able to sign in')
  if (app.socket && !app.trusted_proxies.includes('socket'))
    log.warn(
      "HOST is a socket, but trusted_proxies lacks 'socket': nobody's address is known, and one who guesses passwords locks out all",
    )
}
