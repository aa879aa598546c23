import { localeOf, readAccount } from '../account.ts'
import type { AmocrmClient } from '../client.ts'
import { type CustomField, type FieldOwner, listFields } from '../custom-fields.ts'
import { AmocrmError } from '../errors.ts'
import { listPipelines } from '../pipelines.ts'
import { listUsers } from '../users.ts'
import { unlessItFails } from './fillings.ts'
import type { ListStore } from './list-store.ts'
import type { Lists } from './lists.ts'

/** What orders are mapped by. */
export interface AccountFacts {
  /** Such as Europe/Moscow. */
  timeZone: string
  /** Such as RUB; null when the CRM does not say. */
  currency: string | null
  fields: (CustomField & { entity: FieldOwner })[]
  /** Their statuses without the one of unsorted leads, which no lead can be created in. */
  pipelines: Awaited<ReturnType<typeof listPipelines>>
  /** Null where we have no right to know. */
  users: Awaited<ReturnType<typeof listUsers>>
}

const readers = {
  account: readAccount,
  all_pipelines: listPipelines,
  users: listUsers,
  custom_fields_leads: (client: AmocrmClient) => listFields(client, 'leads'),
  custom_fields_contacts: (client: AmocrmClient) => listFields(client, 'contacts'),
  custom_fields_companies: (client: AmocrmClient) => listFields(client, 'companies'),
}

export type DocumentName = keyof typeof readers
type Documents = { [Name in DocumentName]: Awaited<ReturnType<(typeof readers)[Name]>> }

export const documentNames = Object.keys(readers) as DocumentName[]

interface AccountFactsOptions {
  client: AmocrmClient
  lists: Lists
  listStore: ListStore
  /** Ms after which it is read anew. */
  lifetime: (document: DocumentName) => number
  /** Unix ms. */
  now: () => number
}

/** What seldom changes in the account, each part read as a whole. Gives the same object as long as nothing has changed. */
export function createAccountFacts({ client, lists, listStore, lifetime, now }: AccountFactsOptions) {
  const reading = new Map<DocumentName, Promise<void>>()
  let known: { version: string; facts: AccountFacts } | null = null

  return async (): Promise<AccountFacts> => {
    const kept = new Map((await listStore.documents(documentNames)).map((row) => [row.list, row]))
    const isKept = (name: DocumentName) => typeof kept.get(name)?.filled_at === 'number'
    const isDue = (name: DocumentName) => now() - (kept.get(name)?.filled_at ?? 0) >= lifetime(name)
    const due = documentNames.filter((name) => !isKept(name) || isDue(name))
    const outcomes = await Promise.allSettled(
      due.map((name) => (isKept(name) ? unlessItFails(read(name)) : read(name))),
    )
    const failure = outcomes.find(({ status }) => status === 'rejected')
    if (failure) throw (failure as PromiseRejectedResult).reason

    const rows = due.length > 0 ? await listStore.documents(documentNames) : [...kept.values()]
    if (rows.length < documentNames.length)
      throw new AmocrmError('unavailable', 'another account was connected meanwhile')
    if (known?.version !== versionOf(rows)) known = await assemble(rows)
    return known.facts
  }

  function read(name: DocumentName): Promise<void> {
    const running = reading.get(name) ?? readOnce(name).finally(() => reading.delete(name))
    reading.set(name, running)
    return running
  }

  async function readOnce(name: DocumentName) {
    const list = await lists.find(name)
    const readAt = now()
    const document = await lists.ask(name, list, async () => readers[name](client))
    await listStore.keepDocument(list, JSON.stringify(document), readAt)
  }

  async function assemble(rows: { id: number }[]) {
    const texts = await listStore.texts(rows.map(({ id }) => id))
    const documents = Object.fromEntries(texts.map(({ list, data }) => [list, JSON.parse(data ?? 'null')])) as Documents
    return { version: versionOf(texts), facts: factsOf(documents) }
  }
}

function versionOf(rows: { list: string; crm_account: number; digest: string | null }[]) {
  return rows
    .map(({ list, crm_account, digest }) => `${crm_account}:${list}:${digest}`)
    .sort()
    .join(' ')
}

function factsOf(documents: Documents): AccountFacts {
  const { account, all_pipelines: pipelines, users } = documents
  const ofEntity = (entity: FieldOwner) => documents[`custom_fields_${entity}`].map((field) => ({ entity, ...field }))
  return {
    ...localeOf(account),
    fields: [...ofEntity('leads'), ...ofEntity('contacts'), ...ofEntity('companies')],
    pipelines,
    users,
  }
}
