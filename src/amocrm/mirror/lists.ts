import { readAccount } from '../account.ts'
import type { AmocrmClient } from '../client.ts'
import { AmocrmError } from '../errors.ts'
import type { List, ListStore } from './list-store.ts'

export type Lists = ReturnType<typeof createLists>

/** The lists of whichever account is connected, and questions to the CRM whose answers belong to that very account. */
export function createLists({ client, store }: { client: AmocrmClient; store: ListStore }) {
  /** The id of the account that is connected. A token may not tell it; then the CRM is asked. */
  async function crmAccount(list: string): Promise<number> {
    const connected = await store.find(list)
    if (connected.crmAccount !== null) return connected.crmAccount
    const { id } = await readAccount(client)
    await store.identified(connected, id)
    return id
  }

  async function find(name: string): Promise<List> {
    const { list } = await store.find(name)
    if (list) return list
    await store.create(await crmAccount(name), name)
    const { list: created } = await store.find(name)
    if (!created) throw new AmocrmError('unavailable', 'another account was connected meanwhile')
    return created
  }

  return {
    find,

    /** An answer of the account that the list is of; throws AmocrmError when another one is connected by now. */
    async ask<Answer>(name: string, { id }: Pick<List, 'id'>, question: () => Promise<Answer>): Promise<Answer> {
      const answer = await question()
      const { list } = await store.find(name)
      if (list?.id !== id) throw new AmocrmError('unavailable', 'another account was connected meanwhile')
      return answer
    },
  }
}
