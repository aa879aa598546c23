import type { Kysely } from 'kysely'
import type { Tables } from '../../database/tables.ts'
import { localeOf } from '../account.ts'
import { createListStore } from './list-store.ts'

/** The account's currency, such as RUB, as it was last read; null where it never was. Asks the CRM nothing. */
export async function keptCurrency(db: Kysely<Tables>, account: string): Promise<string | null> {
  const store = createListStore(db, account)
  const [document] = await store.documents(['account'])
  const [text] = document ? await store.texts([document.id]) : []
  return text?.data ? localeOf(JSON.parse(text.data)).currency : null
}
