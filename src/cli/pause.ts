import type { Connection } from '../amocrm/connection.ts'
import { createAccount } from '../amocrm/open-account.ts'
import { accountSettingsOf } from '../config/account-settings.ts'
import type { Translate } from '../config/translate.ts'
import { withDatabase } from './with-account.ts'

/** What the pages show in place of a login. */
const byCommand = 'npx parom pause'

/** Stops the delivery of all processes; what is under way is finished. */
export function pause() {
  return tellOf(async (connection, translate) => {
    if (await connection.stop(byCommand)) return translate('cli.pause.done')
    return translate('cli.pause.before', { login: (await connection.status()).stopped?.by ?? byCommand })
  })
}

/** Lets it go on. */
export function resume() {
  return tellOf(async (connection, translate) =>
    (await connection.resume()) ? translate('cli.resume.done') : translate('cli.resume.before'),
  )
}

async function tellOf(work: (connection: Connection, translate: Translate) => Promise<string>) {
  const told = await withDatabase(async ({ config, database, translate }) => {
    const stop = new AbortController().signal
    const { connection } = createAccount(accountSettingsOf(config), { db: database.db, stop, now: Date.now })
    await connection.open(null)
    return work(connection, translate)
  })
  console.log(told)
  return 0
}
