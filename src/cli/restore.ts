import { resolve } from 'node:path'
import { createSecretBox } from '../amocrm/secret-box.ts'
import { type Config, loadConfig } from '../config/load.ts'
import { type Translate, translateOf } from '../config/translate.ts'
import { schemaStanding } from '../database/migrate.ts'
import { isServed } from '../database/moving/in-use.ts'
import { type Database, openDatabase } from '../database/open.ts'
import { type Restored, RestoreRefusal, readFacts, restoreSqlite } from '../database/restore.ts'
import { doubtUnfinished } from '../database/restored.ts'
import { sqliteFile } from '../database/sqlite-file.ts'
import { CommandError, readArguments, UsageError } from './command-line.ts'
import { withDatabase } from './with-account.ts'

const exitCodes = { fine: 0, usage: 2 }

/** `npx parom restore <file>`, and `npx parom restore --loaded` where a dump was loaded by the database's own programs. */
export async function restore(args: string[]) {
  const config = await loadConfig(process.env)
  const translate = translateOf(config)
  const wanted = readOptions(args)
  const database = sqliteFile(config.app.databaseUrl)
  if (wanted.file !== null && database === null) {
    console.error(translate('cli.restore.mysql'))
    return exitCodes.usage
  }
  try {
    const facts =
      wanted.file !== null && database !== null
        ? await restoreSqlite(wanted.file, database, Date.now())
        : await tellLoaded(config, translate)
    await report(facts, config, translate)
    return exitCodes.fine
  } catch (error) {
    if (!(error instanceof RestoreRefusal)) throw error
    const params = { file: wanted.file ?? '', message: error.message }
    throw new CommandError(translate(faultTexts[error.fault], params))
  }
}

const faultTexts: Record<RestoreRefusal['fault'], string> = {
  missing: 'cli.restore.fault.missing',
  no_database: 'cli.restore.fault.no_database',
  broken: 'cli.restore.fault.broken',
  not_parom: 'cli.restore.fault.not_parom',
  newer: 'cli.restore.fault.newer',
  used: 'cli.restore.fault.used',
  same: 'cli.restore.fault.same',
}

function readOptions(args: string[]) {
  const options = { loaded: { type: 'boolean' } } as const
  const { values, positionals } = readArguments({ args, options, allowPositionals: true })
  const [file, ...others] = positionals
  if (others.length > 0 || (file === undefined) !== (values.loaded === true)) throw new UsageError()
  return { file: file === undefined ? null : resolve(file) }
}

/** The database stands as the dump has it. */
async function tellLoaded(config: Config, translate: Translate): Promise<Restored> {
  const url = config.app.databaseUrl
  await refuseForeign(url, translate)
  return withDatabase(async ({ database }) => {
    await doubtUnfinished(database, Date.now())
    return { kept: null, ...(await readFacts(database)) }
  })
}

async function refuseForeign(url: string, translate: Translate) {
  const database = openDatabase(url)
  try {
    const standing = await schemaStanding(database).catch((error: Error) => {
      throw new CommandError(translate('start.database', { message: error.message }))
    })
    if (standing === 'none') throw new RestoreRefusal('not_parom')
    if (standing === 'foreign') throw new RestoreRefusal('newer')
    if (database.dialect === 'mysql' && (await isServed(database, url, Date.now()))) throw new RestoreRefusal('used')
  } finally {
    await database.close()
  }
}

async function report({ kept, messages, unfinished, lastReceivedAt }: Restored, config: Config, translate: Translate) {
  const last =
    lastReceivedAt === null
      ? '—'
      : new Date(lastReceivedAt).toLocaleString(config.app.language, { timeZone: config.app.timeZone })
  console.log(translate('cli.restore.done', { orders: messages, last }))
  if (kept !== null) console.log(translate('cli.restore.kept', { file: kept }))
  console.log(translate('cli.restore.unfinished', { count: unfinished }))
  console.log(translate('cli.restore.later', { last }))
  console.log(translate((await canReadTokens(config)) ? 'cli.restore.tokens' : 'cli.restore.no_tokens'))
}

/** Whether APP_KEY is the one that the tokens were sealed with. */
async function canReadTokens({ app }: Config) {
  const database: Database = openDatabase(app.databaseUrl)
  try {
    const rows = await database.db.selectFrom('connections').select(['account', 'access_token']).execute()
    const box = createSecretBox([app.app_key, ...app.previous_app_keys])
    const isOpen = ({ account, access_token }: (typeof rows)[number]) =>
      access_token === null || box.open(access_token, `connections:${account}:access_token`) !== null
    return rows.every(isOpen)
  } finally {
    await database.close()
  }
}
