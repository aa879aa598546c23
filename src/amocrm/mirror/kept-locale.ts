import type { Kysely } from 'kysely'
import type { Tables } from '../../database/tables.ts'
import { localeOf } from '../account.ts'
import { createListStore } from './list-store.ts'

/** The account's currency, such as RUB, and its time zone, as they were last read; null where they never were. Asks the CRM nothing. */
export async function keptLocale(db: Kysely<Tables>, account: string) {
  const store = createListStore(db, account)
  const [document] = await store.documents(['account'])
  const [text] = document ? await store.texts([document.id]) : []
  return text?.data ? localeOf(JSON.parse(text.data)) : null
}
