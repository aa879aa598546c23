#!/usr/bin/env node
import { ConfigError } from '../config/config-error.ts'
import { loadConfig, loadTexts } from '../config/load.ts'
import { createTranslate, type Translate, translateOf } from '../config/translate.ts'
import { mysqlSchema } from '../database/mysql-schema.ts'
import { doctor, doctorUsage } from './doctor.ts'
import { hashPassword } from './hash-password.ts'
import { hashToken, hashTokenUsage } from './hash-token.ts'
import { importLegacy } from './import-legacy.ts'
import { invite, inviteUsage } from './invite.ts'
import { pause, resume } from './pause.ts'
import { plan, planUsage } from './plan.ts'
import { redeliver, redeliverUsage } from './redeliver.ts'
import { sendSampleOrder } from './sample-order.ts'

interface Command {
  /** Key of the line that says what it does. */
  does: string
  usage?: (translate: Translate) => string
  /** Gives the exit code. */
  run: (args: string[]) => Promise<number>
}

/** `npx parom <command>`. */
const commands = new Map<string, Command>([
  ['doctor', { does: 'cli.help.doctor', usage: () => doctorUsage, run: doctor }],
  ['plan', { does: 'cli.help.plan', usage: () => planUsage, run: plan }],
  ['redeliver', { does: 'cli.help.redeliver', usage: () => redeliverUsage, run: redeliver }],
  ['pause', { does: 'cli.help.pause', run: pause }],
  ['resume', { does: 'cli.help.resume', run: resume }],
  ['invite', { does: 'cli.help.invite', usage: () => inviteUsage, run: invite }],
  ['hash-password', { does: 'cli.help.hash_password', run: hashPassword }],
  ['hash-token', { does: 'cli.help.hash_token', usage: () => hashTokenUsage, run: runHashToken }],
  [
    'import-legacy',
    {
      does: 'cli.help.import_legacy',
      usage: (translate) => translate('cli.import.usage'),
      run: (args) => importLegacy(args, process.env),
    },
  ],
  ['sample-order', { does: 'cli.help.sample_order', run: runSampleOrder }],
  ['mysql-schema', { does: 'cli.help.mysql_schema', run: printMysqlSchema }],
])

const [name = '', ...args] = process.argv.slice(2)
process.exitCode = await run(name, args).catch((error: unknown) => {
  console.error(error instanceof ConfigError ? error.message : error)
  return 1
})

async function run(name: string, args: string[]) {
  const command = commands.get(name)
  const asksForHelp = [name, ...args].some((word) => word === '--help' || word === '-h') || name === 'help'
  if (command && !asksForHelp) return command.run(args)
  const translate = await speak()
  const help = command ? describe(name, command, translate) : list(translate)
  if (asksForHelp) console.log(help)
  else console.error(help)
  return asksForHelp ? 0 : 2
}

/** In the language of the installation, unless its settings are still to be mended. */
async function speak() {
  const config = await loadConfig(process.env).catch(() => null)
  return config ? translateOf(config) : createTranslate(await loadTexts('ru'), 'ru')
}

function describe(name: string, { does, usage }: Command, translate: Translate) {
  return `${usage?.(translate) ?? `npx parom ${name}`}\n  ${translate(does)}`
}

function list(translate: Translate) {
  const width = Math.max(...[...commands.keys()].map((name) => name.length))
  const lines = [...commands].map(([name, { does }]) => `  ${name.padEnd(width)}  ${translate(does)}`)
  return [translate('cli.help.usage'), '', ...lines].join('\n')
}

async function runHashToken(args: string[]) {
  return hashToken(args, await speak())
}

async function runSampleOrder() {
  const config = await loadConfig(process.env)
  return sendSampleOrder(config, translateOf(config))
}

async function printMysqlSchema() {
  process.stdout.write(await mysqlSchema())
  return 0
}
