#!/usr/bin/env node
import { ConfigError } from '../config/config-error.ts'
import { loadConfig, loadTexts } from '../config/load.ts'
import { createTranslate, type Translate, translateOf } from '../config/translate.ts'
import { CommandError, UsageError } from './command-line.ts'

interface Command {
  /** Key of the line that says what it does. */
  does: string
  /** Only what is called is loaded: all of them together take longer than most of them work. */
  load: () => Promise<Loaded>
}

interface Loaded {
  usage?: (translate: Translate) => string
  /** Gives the exit code. */
  run: (args: string[]) => Promise<number>
  /** Exit code where something outside keeps it from its work; 1 when not given. */
  obstructed?: number
}

/** `npx parom <command>`. */
const commands = new Map<string, Command>([
  ['doctor', { does: 'cli.help.doctor', load: loadDoctor }],
  ['audit-config', { does: 'cli.help.audit_config', load: loadAuditConfig }],
  ['plan', { does: 'cli.help.plan', load: loadPlan }],
  ['redeliver', { does: 'cli.help.redeliver', load: loadRedeliver }],
  ['pause', { does: 'cli.help.pause', load: async () => ({ run: (await import('./pause.ts')).pause }) }],
  ['resume', { does: 'cli.help.resume', load: async () => ({ run: (await import('./pause.ts')).resume }) }],
  ['erase', { does: 'cli.help.erase', load: loadErase }],
  ['invite', { does: 'cli.help.invite', load: loadInvite }],
  ['hash-password', { does: 'cli.help.hash_password', load: loadHashPassword }],
  ['hash-token', { does: 'cli.help.hash_token', load: loadHashToken }],
  ['import-legacy', { does: 'cli.help.import_legacy', load: loadImportLegacy }],
  ['sample-order', { does: 'cli.help.sample_order', load: async () => ({ run: runSampleOrder }) }],
  ['db', { does: 'cli.help.db', load: loadDb }],
  ['backup', { does: 'cli.help.backup', load: loadBackup }],
  ['restore', { does: 'cli.help.restore', load: loadRestore }],
  ['ready', { does: 'cli.help.ready', load: async () => ({ usage: () => 'npx parom ready [<seconds>]', run: ready }) }],
  ['mysql-schema', { does: 'cli.help.mysql_schema', load: async () => ({ run: printMysqlSchema }) }],
])

const exitCodes = { fine: 0, failed: 1, usage: 2, unreachable: 3 }

const [name = '', ...args] = process.argv.slice(2)
process.exitCode = await run(name, args).catch((error: unknown) => {
  console.error(error instanceof ConfigError ? error.message : error)
  return exitCodes.failed
})

async function run(name: string, args: string[]) {
  const command = commands.get(name)
  const asksForHelp = [name, ...args].some((word) => word === '--help' || word === '-h') || name === 'help'
  if (command && !asksForHelp) return call(await command.load(), args)
  const translate = await speak()
  const help = command ? await describe(name, command, translate) : list(translate)
  if (asksForHelp) console.log(help)
  else console.error(help)
  return asksForHelp ? exitCodes.fine : exitCodes.usage
}

async function call({ run, usage, obstructed = exitCodes.failed }: Loaded, args: string[]) {
  try {
    return await run(args)
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(usage?.(await speak()))
      return exitCodes.usage
    }
    if (!(error instanceof CommandError)) throw error
    console.error(error.message)
    return obstructed
  }
}

/** In the language of the installation, unless its settings are still to be mended. */
async function speak() {
  const config = await loadConfig(process.env).catch(() => null)
  return config ? translateOf(config) : createTranslate(await loadTexts('ru'), 'ru')
}

async function describe(name: string, { does, load }: Command, translate: Translate) {
  const { usage } = await load()
  return `${usage?.(translate) ?? `npx parom ${name}`}\n  ${translate(does)}`
}

function list(translate: Translate) {
  const width = Math.max(...[...commands.keys()].map((name) => name.length))
  const lines = [...commands].map(([name, { does }]) => `  ${name.padEnd(width)}  ${translate(does)}`)
  return [translate('cli.help.usage'), '', ...lines].join('\n')
}

async function loadDoctor(): Promise<Loaded> {
  const { doctor, doctorUsage } = await import('./doctor.ts')
  return { usage: () => doctorUsage, run: doctor, obstructed: exitCodes.unreachable }
}

async function loadAuditConfig(): Promise<Loaded> {
  const { auditConfig, auditConfigUsage } = await import('./audit-config.ts')
  return { usage: () => auditConfigUsage, run: auditConfig, obstructed: exitCodes.unreachable }
}

async function loadPlan(): Promise<Loaded> {
  const { plan, planUsage } = await import('./plan.ts')
  return { usage: () => planUsage, run: plan }
}

async function loadRedeliver(): Promise<Loaded> {
  const { redeliver, redeliverUsage } = await import('./redeliver.ts')
  return { usage: () => redeliverUsage, run: redeliver }
}

async function loadErase(): Promise<Loaded> {
  const { erase, eraseUsage } = await import('./erase.ts')
  return { usage: () => eraseUsage, run: erase }
}

async function loadInvite(): Promise<Loaded> {
  const { invite, inviteUsage } = await import('./invite.ts')
  return { usage: () => inviteUsage, run: invite }
}

async function loadHashPassword(): Promise<Loaded> {
  return { run: (await import('./hash-password.ts')).hashPassword }
}

async function loadHashToken(): Promise<Loaded> {
  const { hashToken, hashTokenUsage } = await import('./hash-token.ts')
  return { usage: () => hashTokenUsage, run: async (args) => hashToken(args, await speak()) }
}

async function loadImportLegacy(): Promise<Loaded> {
  const { importLegacy } = await import('./import-legacy.ts')
  return { usage: (translate) => translate('cli.import.usage'), run: (args) => importLegacy(args, process.env) }
}

async function loadDb(): Promise<Loaded> {
  const { db } = await import('./db.ts')
  return { usage: (translate) => translate('cli.db.usage'), run: async (args) => db(args, await speak()) }
}

async function loadBackup(): Promise<Loaded> {
  return { usage: (translate) => translate('cli.backup.usage'), run: (await import('./backup.ts')).backup }
}

async function loadRestore(): Promise<Loaded> {
  return { usage: (translate) => translate('cli.restore.usage'), run: (await import('./restore.ts')).restore }
}

async function runSampleOrder() {
  const [config, { sendSampleOrder }] = await Promise.all([loadConfig(process.env), import('./sample-order.ts')])
  return sendSampleOrder(config, translateOf(config))
}

async function ready(args: string[]) {
  const [config, { waitUntilReady }] = await Promise.all([loadConfig(process.env), import('./ready.ts')])
  return waitUntilReady(config, translateOf(config), args)
}

async function printMysqlSchema() {
  const { mysqlSchema } = await import('../database/mysql-schema.ts')
  process.stdout.write(await mysqlSchema())
  return 0
}
