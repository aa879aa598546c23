import NodeCache from 'node-cache'
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

export interface MirrorOptions {
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

/** What is not found is looked for again, but not more often than this. */
const missReloadMs = 60_000

/** Our own copy of what the CRM cannot be asked for exactly: whose contact is whose, which product is which. */
export function createMirror({ client, partnerFieldId, ttl, now }: MirrorOptions) {
  const cache = new NodeCache({ useClones: false, checkperiod: 0 })
  const filling = new Map<Key, Promise<unknown>>()

  /** One filling at a time; a failed one leaves nothing behind. */
  async function keep<Value>(key: Key, load: () => Promise<Value>): Promise<{ value: Value; readAt: number }> {
    const cached = cache.get<{ value: Value; readAt: number }>(key)
    if (cached && now() - cached.readAt < (ttl[key]?.ttl ?? defaultTtl[key]) * 1000) return cached
    const running =
      filling.get(key) ??
      load().then((value) => {
        const entry = { value, readAt: now() }
        cache.set(key, entry)
        return entry
      })
    filling.set(key, running)
    try {
      return (await running) as { value: Value; readAt: number }
    } finally {
      filling.delete(key)
    }
  }

  /** Asks again when the first answer holds a miss and is not quite fresh: it may have been made since. */
  async function keepUnlessMissing<Value>(key: Key, load: () => Promise<Value>, complete: (value: Value) => boolean) {
    const { value, readAt } = await keep(key, load)
    if (complete(value) || now() - readAt < missReloadMs) return value
    cache.del(key)
    return (await keep(key, load)).value
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

    forget: () => cache.flushAll(),
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
