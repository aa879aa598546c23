import type { AmocrmClient } from '../client.ts'
import { AmocrmError } from '../errors.ts'
import { unlessItFails } from './fillings.ts'
import type { ListStore } from './list-store.ts'
import type { Lists } from './lists.ts'

type Readers = Record<string, (client: AmocrmClient) => Promise<unknown>>
type Documents<Named extends Readers> = { [Name in keyof Named]: Awaited<ReturnType<Named[Name]>> }

interface DocumentsOptions<Named extends Readers, Facts> {
  readers: Named
  factsOf: (documents: Documents<Named>) => Facts
  client: AmocrmClient
  lists: Lists
  listStore: ListStore
  /** Ms after which it is read anew. */
  lifetime: (document: Extract<keyof Named, string>) => number
  /** Unix ms. */
  now: () => number
}

/** What seldom changes in the account, each part read as a whole. Gives the same object as long as nothing has changed. */
export function createDocuments<Named extends Readers, Facts>({
  readers,
  factsOf,
  client,
  lists,
  listStore,
  lifetime,
  now,
}: DocumentsOptions<Named, Facts>) {
  type Name = Extract<keyof Named, string>
  const names = Object.keys(readers) as Name[]
  const reading = new Map<Name, Promise<void>>()
  let known: { version: string; facts: Facts } | null = null

  async function current(): Promise<Facts> {
    const kept = new Map((await listStore.documents(names)).map((row) => [row.list, row]))
    const isKept = (name: Name) => typeof kept.get(name)?.filled_at === 'number'
    const isDue = (name: Name) => now() - (kept.get(name)?.filled_at ?? 0) >= lifetime(name)
    const due = names.filter((name) => !isKept(name) || isDue(name))
    const outcomes = await Promise.allSettled(
      due.map((name) => (isKept(name) ? unlessItFails(read(name)) : read(name))),
    )
    const failure = outcomes.find(({ status }) => status === 'rejected')
    if (failure) throw (failure as PromiseRejectedResult).reason

    const rows = due.length > 0 ? await listStore.documents(names) : [...kept.values()]
    if (rows.length < names.length) throw new AmocrmError('unavailable', 'another account was connected meanwhile')
    return facts(rows)
  }

  /** Reads all of them anew; what cannot be read stays as it was known, and the error is thrown. */
  async function refresh() {
    const outcomes = await Promise.allSettled(names.map(read))
    const failure = outcomes.find(({ status }) => status === 'rejected')
    if (failure) throw (failure as PromiseRejectedResult).reason
  }

  /** What was last read, however old it is, and when the oldest part of it was (unix ms); null before all of it was. */
  async function kept() {
    const rows = await listStore.documents(names)
    const isWhole = rows.length === names.length && rows.every(({ digest }) => digest !== null)
    if (!isWhole) return null
    return { facts: await facts(rows), readAt: Math.min(...rows.map(({ read_at }) => read_at ?? 0)) }
  }

  function read(name: Name): Promise<void> {
    const running = reading.get(name) ?? readOnce(name).finally(() => reading.delete(name))
    reading.set(name, running)
    return running
  }

  async function readOnce(name: Name) {
    const list = await lists.find(name)
    const readAt = now()
    const document = await lists.ask(name, list, async () => readers[name]?.(client))
    await listStore.keepDocument(list, JSON.stringify(document), readAt)
  }

  async function facts(rows: Row[]): Promise<Facts> {
    if (known?.version !== versionOf(rows)) known = await assemble(rows)
    return known.facts
  }

  async function assemble(rows: { id: number }[]) {
    const texts = await listStore.texts(rows.map(({ id }) => id))
    const documents = Object.fromEntries(texts.map(({ list, data }) => [list, JSON.parse(data ?? 'null')]))
    return { version: versionOf(texts), facts: factsOf(documents as Documents<Named>) }
  }

  return { current, refresh, kept }
}

type Row = Awaited<ReturnType<ListStore['documents']>>[number]

function versionOf(rows: Pick<Row, 'list' | 'crm_account' | 'digest'>[]) {
  return rows
    .map(({ list, crm_account, digest }) => `${crm_account}:${list}:${digest}`)
    .sort()
    .join(' ')
}
