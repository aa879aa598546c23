import { setTimeout as sleep } from 'node:timers/promises'
import type { Kysely } from 'kysely'
import type { Tables } from '../database/tables.ts'
import { type CardList, fillEvery } from './mirror/cards.ts'
import { type Change, readContactNews } from './mirror/contact-news.ts'
import { createItemStore } from './mirror/item-store.ts'
import { createListStore, type List } from './mirror/list-store.ts'
import { FillingOvertakenError } from './mirror/locked-list.ts'

const lists = ['contacts', 'companies'] as const
/** Of one request; a page of a list holds no more. */
const mostChanges = 250
/** Ms. */
const gatherFor = 100
/** Ms. By then the many changes are most likely over. */
const fillAgainIn = 60_000

interface ContactWebhooksOptions {
  db: Kysely<Tables>
  /** The account's host, as configured. */
  account: string
  partnerFieldId: number
  /** Unix ms. */
  now: () => number
}

/** Takes in what amoCRM's webhooks tell of contacts and companies, so that the next order finds them. */
export function createContactWebhooks({ db, account, partnerFieldId, now }: ContactWebhooksOptions) {
  const listStore = createListStore(db, account)
  const items = createItemStore(db, now)

  /** They may come late, twice and out of order. `foreign`: from another account than the one that is connected. */
  async function receive(body: string): Promise<'taken' | 'unreadable' | 'foreign'> {
    const news = readContactNews(body, partnerFieldId)
    if (!news) return 'unreadable'
    const isTooMuch = news.changes.length > mostChanges
    for (const name of lists) {
      const { crmAccount, list } = await listStore.find(name)
      if (news.crmAccount !== null && crmAccount !== null && news.crmAccount !== crmAccount) return 'foreign'
      if (list && !isTooMuch) await takeIn(list, changesOf(name, news.changes))
    }
    if (isTooMuch) await overflow()
    return 'taken'
  }

  async function takeIn({ id }: List, { changed, deleted, named }: ReturnType<typeof changesOf>) {
    try {
      for (const item of changed) await items.put(id, [item], 'webhook')
      await items.nameForReread(id, named)
      await items.drop(id, deleted)
    } catch (error) {
      // The list has just been taken away: another account is being connected.
      if (!(error instanceof FillingOvertakenError)) throw error
    }
  }

  let noting: Promise<void> | null = null

  /** More than can be taken in: what has changed is read before the lists are next asked, and a little later all of them. */
  function overflow() {
    noting ??= sleep(gatherFor).then(() => {
      noting = null
      return listStore.readAgain(lists, now() - fillEvery + fillAgainIn)
    })
    return noting
  }

  return { receive, overflow }
}

function changesOf(name: CardList, changes: Change[]) {
  const ofList = changes.filter(({ list }) => list === name)
  return {
    changed: ofList.flatMap((change) => (change.kind === 'changed' ? [change.item] : [])),
    deleted: ofList.flatMap((change) => (change.kind === 'deleted' ? [change.id] : [])),
    named: ofList.flatMap((change) => (change.kind === 'named' ? [change.id] : [])),
  }
}
