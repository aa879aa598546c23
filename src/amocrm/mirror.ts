import { listCatalogs, listElements } from './catalogs.ts'
import type { AmocrmClient } from './client.ts'
import { listPartnerContacts, type PartnerContact } from './contacts.ts'
import { listLeadFields } from './custom-fields.ts'

export type Mirror = ReturnType<typeof createMirror>

export interface Catalog {
  id: number
  /** Id of the element by its name; of namesakes the oldest. */
  elements: ReadonlyMap<string, number>
}

interface MirrorOptions {
  client: AmocrmClient
  /** Id of the contacts' field that holds the shop's partner id. */
  partnerFieldId: number
  /** Seconds by key: all_contacts, all_products, custom_fields_leads. */
  ttl: Record<string, { ttl: number } | undefined>
  /** Unix ms. */
  now: () => number
}

const defaultTtl = { all_contacts: 15 * 60, all_products: 5 * 60 * 60, custom_fields_leads: 2 * 60 * 60 }
type Key = keyof typeof defaultTtl

interface Entry<Value> {
  value: Value
  /** Unix ms. */
  readAt: number
}

/** What is not found is looked for again, but not more often than this. */
const missReloadMs = 60_000

/** Our own copy of what the CRM cannot be asked for exactly: whose contact is whose, which product is which. */
export function createMirror({ client, partnerFieldId, ttl, now }: MirrorOptions) {
  const cache = new Map<Key, Entry<unknown>>()
  const filling = new Map<Key, Promise<Entry<unknown>>>()

  /** One filling at a time; a failed one changes nothing. */
  function fill<Value>(key: Key, load: () => Promise<Value>): Promise<Entry<Value>> {
    const running = filling.get(key) ?? startFilling(key, load)
    return running as Promise<Entry<Value>>
  }

  function startFilling<Value>(key: Key, load: () => Promise<Value>) {
    const running = load()
      .then((value) => {
        const entry = { value, readAt: now() }
        cache.set(key, entry)
        return entry
      })
      .finally(() => filling.delete(key))
    filling.set(key, running)
    return running
  }

  async function keep<Value>(key: Key, load: () => Promise<Value>): Promise<Entry<Value>> {
    const cached = cache.get(key) as Entry<Value> | undefined
    const lifetime = (ttl[key]?.ttl ?? defaultTtl[key]) * 1000
    return cached && now() - cached.readAt < lifetime ? cached : fill(key, load)
  }

  /** Asks again when the first answer holds a miss and is not quite fresh: it may have been made since. */
  async function keepUnlessMissing<Value>(key: Key, load: () => Promise<Value>, complete: (value: Value) => boolean) {
    const { value, readAt } = await keep(key, load)
    if (complete(value) || now() - readAt < missReloadMs) return value
    return (await fill(key, load)).value
  }

  return {
    leadFields: async () => (await keep('custom_fields_leads', () => listLeadFields(client))).value,

    /** The contacts of a partner, newest first. The id is compared as text, letter by letter. */
    async contactsOf(partnerId: string) {
      const load = async () => indexByPartner(await listPartnerContacts(client, partnerFieldId))
      const partners = await keepUnlessMissing('all_contacts', load, (index) => index.has(partnerId))
      return partners.get(partnerId) ?? []
    },

    /** The account's products; null when it has no list of them. */
    async products(names: string[]): Promise<Catalog | null> {
      const complete = (catalog: Catalog | null) => names.every((name) => catalog?.elements.has(name))
      return keepUnlessMissing('all_products', () => loadProducts(client), complete)
    },

    /** Everything is read anew when it is next asked for. */
    forget: () => cache.clear(),

    /** The same for fields alone: reading contacts and products takes many requests. */
    forgetFields: () => cache.delete('custom_fields_leads'),
  }
}

function indexByPartner(contacts: PartnerContact[]) {
  const newestFirst = contacts.toSorted((a, b) => b.createdAt - a.createdAt || b.id - a.id)
  return Map.groupBy(newestFirst, ({ partnerId }) => partnerId)
}

async function loadProducts(client: AmocrmClient): Promise<Catalog | null> {
  const catalogs = await listCatalogs(client)
  const catalog = catalogs.find(({ type }) => type === 'products')
  if (!catalog) return null
  const elements = await listElements(client, catalog.id)
  const byName = new Map<string, number>()
  for (const { id, name } of elements.toSorted((a, b) => b.id - a.id)) byName.set(name.trim(), id)
  return { id: catalog.id, elements: byName }
}
