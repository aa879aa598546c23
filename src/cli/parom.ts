#!/usr/bin/env node
import { ConfigError } from '../config/config-error.ts'
import { loadConfig } from '../config/load.ts'
import { translateOf } from '../config/translate.ts'
import { mysqlSchema } from '../database/mysql-schema.ts'
import { doctor } from './doctor.ts'
import { hashPassword } from './hash-password.ts'
import { importLegacy } from './import-legacy.ts'
import { plan } from './plan.ts'
import { sendSampleOrder } from './sample-order.ts'

/** `npx parom <command>`. A command gives the exit code. */
const commands = new Map<string, () => Promise<number>>([
  ['doctor', () => doctor(process.argv.slice(3))],
  ['plan', () => plan(process.argv.slice(3))],
  ['hash-password', hashPassword],
  ['import-legacy', () => importLegacy(process.argv.slice(3), process.env)],
  [
    'sample-order',
    async () => {
      const config = await loadConfig(process.env)
      return sendSampleOrder(config, translateOf(config))
    },
  ],
  [
    'mysql-schema',
    async () => {
      process.stdout.write(await mysqlSchema())
      return 0
    },
  ],
])

const command = commands.get(process.argv[2] ?? '')
if (command) {
  process.exitCode = await command().catch((error: unknown) => {
    console.error(error instanceof ConfigError ? error.message : error)
    return 1
  })
} else {
  console.error(`npx parom <${[...commands.keys()].join(' | ')}>`)
  process.exitCode = 2
}
