import { inspectConnection, localeOf } from '../amocrm/account.ts'
import { findProductCatalog, listCatalogFields } from '../amocrm/catalogs.ts'
import type { Amocrm, AmocrmClient } from '../amocrm/client.ts'
import type { Connection } from '../amocrm/connection.ts'
import { readContact } from '../amocrm/contacts.ts'
import { listFields } from '../amocrm/custom-fields.ts'
import { AmocrmError } from '../amocrm/errors.ts'
import type { Mirror } from '../amocrm/mirror.ts'
import { listPipelines } from '../amocrm/pipelines.ts'
import { listUsers } from '../amocrm/users.ts'
import { listWebhooks } from '../amocrm/webhooks.ts'
import type { ServerTrouble } from '../database/mysql-session.ts'
import { entities } from '../mapping/amo-fields.mapper.ts'
import type { CrmAccount } from '../mapping/plan.ts'
import type { AccountState, Facts } from './facts.ts'

export interface Sources {
  client: Amocrm
  connection: Connection
  /** Partners are counted in our copy, which may have to be filled first. */
  mirrorOf: (client: AmocrmClient) => Promise<Pick<Mirror, 'counts' | 'forgetAccount'>>
  /** What in the database server's settings endangers orders. */
  serverTroubles: () => Promise<ServerTrouble[]>
  /** Contacts that forms name. */
  contactIds: number[]
  /** When aborted, nothing more is asked. */
  stop: AbortSignal
  /** Unix ms. */
  now: () => number
}

/** Asks the account for all that is to be examined, and writes nothing to it. */
export async function gatherFacts(sources: Sources): Promise<Facts> {
  const { connection, now } = sources
  const gathered = await readState(sources).then(
    (account) => ({ account, trouble: null }),
    (error: unknown) => {
      if (!(error instanceof AmocrmError)) throw error
      return { account: null, trouble: { kind: error.kind, message: error.message } }
    },
  )
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
  const server = await sources.serverTroubles()
  return { now: now(), timeZone, connection: await connection.status(), server, ...gathered }
}

async function readState({
  client: amocrm,
  connection,
  mirrorOf,
  contactIds,
  stop,
  now,
}: Sources): Promise<AccountState> {
  let clockAhead: number | null = null
  const client = amocrm.observed({
    async beforeSend() {
      if (stop.aborted) throw new AmocrmError('unavailable', 'not sent, Parom stops')
    },
    onExchange({ answeredAt }) {
      if (answeredAt !== null) clockAhead ??= now() - answeredAt
    },
  })
  const account = await inspectConnection(client, connection)
  const mirror = await mirrorOf(client)
  const state = {
    ...localeOf(account),
    clockAhead,
    fields: await readFields(client),
    pipelines: await listPipelines(client),
    users: await listUsers(client),
    catalog: await readCatalog(client),
    webhooks: await listWebhooks(client),
    missingContacts: await findMissing(client, contactIds),
    partners: await mirror.counts(),
  }
  // Orders and plans shall know at once what has been found here.
  await mirror.forgetAccount()
  return state
}

async function readFields(client: AmocrmClient) {
  const fields: CrmAccount['fields'] = []
  for (const entity of entities) for (const field of await listFields(client, entity)) fields.push({ entity, ...field })
  return fields
}

async function readCatalog(client: AmocrmClient): Promise<AccountState['catalog']> {
  const catalog = await findProductCatalog(client)
  if (!catalog) return null
  const { id, name, can_link_multiple } = catalog
  return { name, canLinkMultiple: can_link_multiple ?? true, fields: await listCatalogFields(client, id) }
}

async function findMissing(client: AmocrmClient, ids: number[]) {
  const missing: number[] = []
  for (const id of new Set(ids)) if ((await readContact(client, id)) === null) missing.push(id)
  return missing
}
