#!/usr/bin/env node
import { once } from 'node:events'
import { ConfigError } from './config/config-error.ts'
import { type Config, loadConfig, loadConfigAnew, stateFolderOf } from './config/load.ts'
import { type Translate, translateOf } from './config/translate.ts'
import { createCrashes } from './crashes.ts'
import { MigrationError } from './database/migrate.ts'
import { MovedError } from './database/moving/mark.ts'
import { movedText } from './database/moving/moved-text.ts'
import { ListenError } from './listen.ts'
import { connectToSandbox, StartError } from './local-sandbox.ts'
import { channelsOf, createLog, type Log } from './log/log.ts'
import { startServer } from './server.ts'

/** As sysexits.h has it: a restart mends nothing. */
const exitOfSettings = 78
/** Ms after which a stop is over, whatever is still under way; the next start takes it up. */
const stopAtLast = 9500
/** Ms that a database is waited for which starts with the machine; somebody at a terminal wants to know at once. */
const databasePatience = 60_000
const crashesToldFor = 60 * 60_000

const crashes = createCrashes(stateFolderOf(process.env))
let log: Log | null = null
process.on('uncaughtException', (error) => process.exit(tellWhy(error)))
const stopping = createStopping()
process.exit(await main(stopping.signal).catch(tellWhy))

function tellWhy(error: unknown) {
  const isOurs = error instanceof ConfigError || error instanceof StartError
  if (isOurs) console.error(error.message)
  // Node would print all of it, and requests with their headers, or a statement with its values, may be a part.
  else if (log) log.fatal({ err: error }, 'Parom ends: nobody has caught this error')
  else console.error(error)
  crashes.keep(error, isOurs)
  return error instanceof ConfigError ? exitOfSettings : 1
}

/** Gives the exit code. */
async function main(signal: AbortSignal) {
  const loaded = await loadConfig(process.env)
  const { log_level: level, logFolder: folder, max_log_files: most } = loaded.app
  log = createLog({ level, files: folder === null ? null : { folder, most } })
  const { app } = channelsOf(log)
  tellCrashes(app)
  const translate = translateOf(loaded)
  const sandbox = loaded.amo.startSandbox ? await connectToSandbox(loaded, app, translate) : null
  const config = sandbox ? { ...loaded, amo: sandbox.amo } : loaded

  const server = await startServer(config, {
    log,
    signal,
    loadAnew: () => loadConfigAnew(process.env),
    databasePatience: config.env === 'local' ? 0 : databasePatience,
  }).catch(async (error: unknown) => {
    await sandbox?.close()
    if (signal.aborted) return null
    throw inWords(error, config, translate)
  })
  if (!server) return 0
  // Orders come in already, and a database that is gone by now is no reason to end.
  await greet(server, config, translate).catch((err: unknown) => app.warn({ err }, 'first screen not shown'))

  const asked = signal.aborted ? null : once(signal, 'abort').then(() => null)
  const moved = await Promise.race([asked, server.moved])
  stopping.begin()
  await server.close()
  await sandbox?.close()
  if (moved) throw inWords(moved, config, translate)
  return 0
}

/** Before anything that may fail the same way. */
function tellCrashes(log: Log) {
  const [last, ...others] = crashes.recent(Date.now() - crashesToldFor)
  if (last)
    log.warn(
      { at: new Date(last.at).toISOString(), error: last.reason, times: others.length + 1 },
      'a process ended by a fault, or could not start, within the last hour',
    )
}

function inWords(error: unknown, { app }: Config, translate: Translate) {
  if (error instanceof MigrationError) return new StartError(error.describe(translate))
  if (error instanceof MovedError) return new StartError(movedText(error, app.databaseUrl, translate))
  if (!(error instanceof ListenError)) return error
  if (!error.isTaken) return new StartError(translate('start.listen', { message: error.message }))
  if (app.socket !== null) return new StartError(translate('start.socket_taken', { path: app.socket }))
  return new StartError(translate('start.port_taken', { port: app.port, variable: 'PORT' }))
}

type Server = Awaited<ReturnType<typeof startServer>>

async function greet(server: Server, config: Config, translate: Translate) {
  const [isConnected, firstLink] = await Promise.all([server.isConnected(), server.firstLinkPath()])
  announce(config, { url: config.app.publicBase ?? server.url, isConnected, firstLink }, translate)
}

interface Standing {
  url: string
  isConnected: boolean
  /** The path of the link by which the first administrator comes in. */
  firstLink: string | null
}

/** The first screen: where to look and what to try. */
function announce({ env, app, amo }: Config, { url, isConnected, firstLink }: Standing, translate: Translate) {
  const lines: [string, string][] = [
    [
      translate('start.transactions'),
      `${url}/app/transactions${env === 'local' && !firstLink ? `   ${translate('start.signIn')}` : ''}`,
    ],
    [translate('start.webhook'), `POST ${url}/api/order/create`],
  ]
  if (amo.startSandbox) {
    lines.push(
      [translate('start.sandbox'), `${amo.baseUrl}/`],
      [translate('start.sample'), translate('start.sample.command')],
    )
  }
  if (firstLink) lines.unshift([translate('start.first_link'), `${url}${firstLink}`])
  if (!isConnected) lines.push([translate('start.not_connected'), `${url}/api/auth`])
  const width = Math.max(...lines.map(([label]) => label.length))
  const table = lines.map(([label, value]) => `  ${label.padEnd(width)}   ${value}`)
  console.log(['', translate('start.running', { name: app.app_name, env }), '', ...table, ''].join('\n'))
}

/** `signal` is aborted when Parom is to stop. A second one from outside does not wait, and nothing is waited for very long. */
function createStopping() {
  const stop = new AbortController()
  const begin = () => {
    if (stop.signal.aborted) return
    stop.abort()
    setTimeout(() => {
      log?.error('not all was over in time: the next start takes up what is left')
      process.exit(1)
    }, stopAtLast).unref()
  }
  const onSignal = () => (stop.signal.aborted ? process.exit(1) : begin())
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal)
  // npm passes a signal on to its shell alone, and that leaves this process behind without its parent.
  const parent = process.ppid
  if (process.env['npm_lifecycle_event']) setInterval(() => process.ppid !== parent && begin(), 500).unref()
  return { signal: stop.signal, begin }
}
