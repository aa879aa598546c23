import { createMirror } from '../../src/amocrm/mirror.ts'
import { migrate } from '../../src/database/migrate.ts'
import { openDatabase } from '../../src/database/open.ts'
import { clientWithToken, inHaste } from './amocrm.ts'
import type { startTestSandbox } from './parom.ts'

export const partnerFieldId = 641351
/** The account as it is configured. */
export const account = 'sandbox.amocrm.ru'

type Sandbox = Awaited<ReturnType<typeof startTestSandbox>>

interface MirrorSetting {
  databaseUrl: string
  sandbox: Pick<Sandbox, 'url' | 'credentials'>
  now: () => number
  ttl?: Record<string, { ttl: number }>
}

/** A mirror as a process has it: with a database connection and a client of its own. */
export async function openMirror({ databaseUrl, sandbox, now, ttl = {} }: MirrorSetting) {
  const database = openDatabase(databaseUrl)
  await migrate(database)
  const { db } = database
  const connected = await db.selectFrom('connections').select('account').executeTakeFirst()
  if (!connected) {
    const row = { account, version: 0, kind: 'long_lived', configured_url: sandbox.url } as const
    await db.insertInto('connections').values(row).execute()
  }
  const token = (await sandbox.credentials()).access_token
  const client = clientWithToken({ baseUrl: sandbox.url, token, requestsPerSecond: inHaste })
  const mirror = createMirror({ client, db, account, partnerFieldId, ttl, now })
  return { ...mirror, db, close: database.close }
}

interface ContactSeed {
  id?: number
  name: string
  partner?: string
  phones?: string[]
  emails?: string[]
}

/** A contact as the API takes it. */
export function contactOf({ partner, phones = [], emails = [], ...contact }: ContactSeed) {
  const valuesOf = (values: string[]) => values.map((value) => ({ value }))
  return {
    ...contact,
    custom_fields_values: [
      ...(partner === undefined ? [] : [{ field_id: partnerFieldId, values: valuesOf([partner]) }]),
      ...(phones.length > 0 ? [{ field_code: 'PHONE', values: valuesOf(phones) }] : []),
      ...(emails.length > 0 ? [{ field_code: 'EMAIL', values: valuesOf(emails) }] : []),
    ],
  }
}
