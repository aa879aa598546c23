#!/usr/bin/env node
import { ConfigError } from './config/config-error.ts'
import { type Config, loadConfig, loadConfigAnew } from './config/load.ts'
import { type Translate, translateOf } from './config/translate.ts'
import { MigrationError } from './database/migrate.ts'
import { connectToSandbox, StartError } from './local-sandbox.ts'
import { createLog } from './log.ts'
import { startServer } from './server.ts'

await main().catch((error: unknown) => {
  console.error(error instanceof ConfigError || error instanceof StartError ? error.message : error)
  process.exitCode = 1
})

async function main() {
  const loaded = await loadConfig(process.env)
  const log = createLog(loaded.app.log_level)
  const translate = translateOf(loaded)
  const sandbox = loaded.amo.startSandbox ? await connectToSandbox(loaded, log, translate) : null
  const config = sandbox ? { ...loaded, amo: sandbox.amo } : loaded

  const server = await startServer(config, { log, loadAnew: () => loadConfigAnew(process.env) }).catch(
    async (error: unknown) => {
      await sandbox?.close()
      if (error instanceof MigrationError) throw new StartError(translate('start.database', { message: error.message }))
      if (!isPortTaken(error)) throw error
      throw new StartError(translate('start.port_taken', { port: config.app.port, variable: 'PORT' }))
    },
  )
  const url = config.app.publicBase ?? server.url
  const firstLink = await server.firstLinkPath()
  announce(config, { url, isConnected: await server.isConnected(), firstLink }, translate)

  await stopSignal()
  await server.close()
  await sandbox?.close()
}

function isPortTaken(error: unknown) {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
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

/** A second signal does not wait. */
function stopSignal() {
  return new Promise<void>((resolve) => {
    let signals = 0
    const onSignal = () => (++signals > 1 ? process.exit(1) : resolve())
    process.on('SIGTERM', onSignal).on('SIGINT', onSignal)
    // npm passes a signal on to its shell alone, and that leaves this process behind without its parent.
    const parent = process.ppid
    if (process.env['npm_lifecycle_event']) setInterval(() => process.ppid !== parent && resolve(), 500).unref()
  })
}
