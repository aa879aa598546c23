#!/usr/bin/env node
import { ConfigError } from '../config/config-error.ts'
import { loadConfig } from '../config/load.ts'
import { translateOf } from '../config/translate.ts'
import { mysqlSchema } from '../database/mysql-schema.ts'
import { hashPassword } from './hash-password.ts'
import { sendSampleOrder } from './sample-order.ts'

/** `npx parom <command>`. A command gives the exit code. */
const commands = new Map<string, () => Promise<number>>([
  ['hash-password', hashPassword],
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
