import { createAccount, openAccount } from '../amocrm/open-account.ts'
import { accountSettingsOf } from '../config/account-settings.ts'
import { type Config, loadConfig } from '../config/load.ts'
import { type Translate, translateOf } from '../config/translate.ts'
import { type MigrationError, migrate } from '../database/migrate.ts'
import { ensureNotMoved, MovedError } from '../database/moving/mark.ts'
import { movedText } from '../database/moving/moved-text.ts'
import { type Database, openDatabase } from '../database/open.ts'
import { CommandError } from './command-line.ts'

interface OpenedDatabase {
  config: Config
  database: Database
  translate: Translate
}

interface Opened extends OpenedDatabase {
  /** Of people's requests: the orders go first, and the limit holds for all processes together. */
  amocrm: ReturnType<typeof createAccount>['amocrm']
  stop: AbortSignal
}

/** Lets a command work with the very account and database of the server, whether that runs or not. Throws CommandError. */
export async function withAccount<Result>(work: (opened: Opened) => Promise<Result>): Promise<Result> {
  const loaded = await loadConfig(process.env)
  const translate = translateOf(loaded)
  const config = loaded.amo.startSandbox ? { ...loaded, amo: await findSandbox(loaded, translate) } : loaded
  return withDatabaseOf(config, async (opened) => {
    const stop = new AbortController().signal
    const { amocrm } = createAccount(accountSettingsOf(config), { db: opened.database.db, stop, now: Date.now })
    await openAccount(amocrm, config.amo.startSandbox ? null : config.amo.access_token || null, false)
    try {
      return await work({ ...opened, amocrm, stop })
    } finally {
      await amocrm.connection.settled()
    }
  })
}

/** The same for a command that asks the CRM for nothing. Throws CommandError. */
export async function withDatabase<Result>(work: (opened: OpenedDatabase) => Promise<Result>): Promise<Result> {
  return withDatabaseOf(await loadConfig(process.env), work)
}

async function withDatabaseOf<Result>(config: Config, work: (opened: OpenedDatabase) => Promise<Result>) {
  const translate = translateOf(config)
  const database = openDatabase(config.app.databaseUrl)
  try {
    await migrate(database).catch((error: MigrationError) => {
      throw new CommandError(error.describe(translate))
    })
    await ensureNotMoved(database).catch((error: unknown) => {
      throw error instanceof MovedError ? new CommandError(movedText(error, config.app.databaseUrl, translate)) : error
    })
    return await work({ config, database, translate })
  } finally {
    await database.close()
  }
}

/** The sandbox belongs to the server; its connection is in the database. */
async function findSandbox({ sandbox, amo }: Config, translate: Translate): Promise<Config['amo']> {
  const response = await fetch(`${sandbox.baseUrl}/__sandbox/credentials`).catch(() => null)
  if (!response?.ok) throw new CommandError(translate('cli.start_first', { url: sandbox.baseUrl }))
  const { client_id, client_secret } = (await response.json()) as Record<'client_id' | 'client_secret', string>
  return { ...amo, baseUrl: sandbox.baseUrl, auth_url: sandbox.baseUrl, client_id, client_secret }
}
