import type { Kysely } from 'kysely'
import type { Tables } from '../database/tables.ts'
import type { AmocrmClient } from './client.ts'
import { type DocumentName, documentNames, factReaders, factsOf, listReaders, listsOf } from './mirror/account-facts.ts'
import { createCards } from './mirror/cards.ts'
import { createDocuments } from './mirror/documents.ts'
import { createFillings } from './mirror/fillings.ts'
import { createItemStore } from './mirror/item-store.ts'
import { type Item, itemOfMade, keysOf, type ListName, type MadeItem } from './mirror/items.ts'
import { amongKeys, companyNameKey, contactNameKey, emailKey, type Key, partnerKey, phoneKey } from './mirror/keys.ts'
import { createListStore } from './mirror/list-store.ts'
import { createLists } from './mirror/lists.ts'
import { countPartners } from './mirror/partner-counts.ts'
import { createProducts, type WantedProduct } from './mirror/products.ts'

export type { AccountFacts, AccountLists } from './mirror/account-facts.ts'
export type { ListName } from './mirror/items.ts'
export type Mirror = ReturnType<typeof createMirror>

/** A contact, or a company. */
export interface KnownContact {
  id: number
  name: string
  responsibleUserId: number | null
  /** Unix seconds. */
  createdAt: number
}

export interface FoundContact extends KnownContact {
  /** Those of the phones and e-mails that it does not have. */
  lacks: string[]
}

interface MirrorOptions {
  client: AmocrmClient
  db: Kysely<Tables>
  /** The account's host, as configured. */
  account: string
  /** Id of the contacts' field that holds the shop's partner id. */
  partnerFieldId: number
  /** Seconds by key; what is not named has a time of its own. */
  ttl: Record<string, { ttl: number } | undefined>
  /** Unix ms. */
  now: () => number
}

const minute = 60
const hour = 60 * minute

/** Seconds. */
const defaultTtl = {
  all_contacts: 15 * minute,
  all_companies: 15 * minute,
  all_products: 5 * hour,
  custom_fields_leads: 2 * hour,
  custom_fields_contacts: 2 * hour,
  custom_fields_companies: 2 * hour,
  all_pipelines: 2 * hour,
  account: 24 * hour,
  users: 24 * hour,
  catalogs: 24 * hour,
  field_groups: 24 * hour,
} satisfies Record<DocumentName | `all_${ListName}`, number>

/**
 * Our own copy of what the CRM cannot be asked for exactly: whose contact is whose, which product is which. It lives in
 * the database, so all processes share it. Nothing is found that was not compared letter by letter; `mirror/keys.ts`
 * says which values are the same. What has to be read from the CRM may fail with AmocrmError.
 */
export function createMirror({ client, db, account, partnerFieldId, ttl, now }: MirrorOptions) {
  const lifetime = (key: keyof typeof defaultTtl) => (ttl[key]?.ttl ?? defaultTtl[key]) * 1000
  const listStore = createListStore(db, account)
  const lists = createLists({ client, store: listStore })
  const items = createItemStore(db, now)
  const fillings = createFillings({ lists, listStore, items, now })
  const ofList = { client, lists, listStore, items, fillings, partnerFieldId, now }
  const cards = createCards({ ...ofList, lifetime: (list) => lifetime(`all_${list}`) })
  const products = createProducts({ ...ofList, lifetime: () => lifetime('all_products') })
  const ofDocuments = { client, lists, listStore, lifetime, now }
  const facts = createDocuments({ readers: factReaders, factsOf, ...ofDocuments })
  const accountLists = createDocuments({ readers: listReaders, factsOf: listsOf, ...ofDocuments })

  async function newestFirst(list: 'contacts' | 'companies', keys: Key[]): Promise<KnownContact[]> {
    return (await cards.find(list, keys)).toSorted(byAge).map(known)
  }

  return {
    /** What the account is like; the same object as long as nothing has changed. */
    account: facts.current,

    /** The same and more, for people to look at. */
    lists: accountLists,

    /** The contacts of a partner, newest first. */
    contactsOf: (partnerId: string) => newestFirst('contacts', keysOf([partnerKey(partnerId)])),

    /**
     * Those with any of the phones and e-mails: most matches first, then the newest.
     * @param buyer his name as the order says it: who gives no true phone is found by both together
     */
    async contactsBy(buyer: {
      phones: string[]
      emails: string[]
      name?: string | undefined
    }): Promise<FoundContact[]> {
      const { phones, emails } = buyer
      const keyOfPhone = (phone: string) => phoneKey(phone, buyer.name)
      const keys = keysOf([...phones.map(keyOfPhone), ...emails.map(emailKey)])
      const isWanted = amongKeys(keys)
      const matches = (item: Item) => item.keys.filter(isWanted).length
      const found = await cards.find('contacts', keys)
      return found
        .toSorted((a, b) => matches(b) - matches(a) || byAge(a, b))
        .map((item) => {
          const isThere = amongKeys(item.keys)
          const isLacking = (keyOf: (text: string) => Key | null) => (text: string) => {
            const key = keyOf(text)
            return key === null || !isThere(key)
          }
          const lacks = [...phones.filter(isLacking(keyOfPhone)), ...emails.filter(isLacking(emailKey))]
          return { ...known(item), lacks }
        })
    },

    /** @param createdSince unix seconds */
    async contactsNamed(name: string, createdSince: number): Promise<KnownContact[]> {
      const namesakes = await newestFirst('contacts', keysOf([contactNameKey(name)]))
      return namesakes.filter(({ createdAt }) => createdAt >= createdSince)
    },

    /** Newest first. */
    companiesNamed: (name: string): Promise<KnownContact[]> => newestFirst('companies', keysOf([companyNameKey(name)])),

    /** `found` in the order of `wanted`, the keys of `match` tried in order; null when the account has no products. */
    products: (wanted: WantedProduct[], match: ('name' | 'sku')[]) => products.find(wanted, match),

    /** Reads what has changed; of products all. */
    look: (list: ListName) => (list === 'products' ? products.refill() : cards.look(list)),

    /** What we have just made is found at once. */
    async remember(list: ListName, made: MadeItem[]) {
      const known = made.map((item) => itemOfMade(list, item))
      await items.put((await lists.find(list)).id, known, 'ourselves')
    },

    /** The answer to a create was lost: who is missed from now on may be there at any moment. */
    mayHaveMore: (list: ListName) => (list === 'products' ? products.mayHaveMore() : cards.mayHaveMore(list)),

    /** The CRM will not have them: products are gone, of contacts and companies it is asked before they are next found. */
    async doubt(list: ListName, ids: number[]) {
      const { id } = await lists.find(list)
      await (list === 'products' ? items.drop(id, ids) : items.nameForReread(id, ids))
    },

    /** Everything is read anew, by every process. */
    async forget() {
      products.forgetAsked()
      await listStore.forget('all')
    },

    /** What this process alone remembers, where another one has forgotten everything. */
    forgetOwn: products.forgetAsked,

    /** The same for what the account is like alone: reading contacts and products takes many requests. */
    forgetAccount: () => listStore.forget(documentNames),

    /** How many contacts there are, and which partners have several. */
    async counts() {
      return countPartners(db, (await cards.fresh('contacts')).id)
    },
  }
}

function byAge(a: Item, b: Item) {
  return b.createdAt - a.createdAt || b.id - a.id
}

function known({ id, name, responsibleUserId, createdAt }: Item): KnownContact {
  return { id, name, responsibleUserId, createdAt }
}
