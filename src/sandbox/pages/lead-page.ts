import type { Context } from '../context.ts'
import type { JournalEntry } from '../control/journal.ts'
import { contactLinks, linksFrom } from '../crm/links.ts'
import { live } from '../store/live.ts'
import type { PageParts } from './page-parts.ts'

const requestsShown = 20

/** The page of one lead. */
export function createLeadPage(
  { store, journal }: Context,
  { brief, fieldLines, fieldByCode, times, wording }: PageParts,
  row: (entry: JournalEntry) => object,
) {
  return lead

  function lead(id: number) {
    const record = live(store, 'leads', id)
    if (!record) return undefined
    const contacts = contactLinks(store, id).flatMap((link) => {
      const found = store.contacts.get(link.to_entity_id)
      return found
        ? [{ id: found.id, name: found.name, isMain: link.main_contact, lines: fieldLines(found.fields) }]
        : []
    })
    const companies = linksFrom(store, 'leads', id, 'companies').map(
      (link) => store.companies.get(link.to_entity_id)?.name,
    )
    return {
      ...brief(record),
      contacts,
      companies,
      fields: fieldLines(record.fields),
      ...products(id),
      notes: notes(id),
      requests: journal.mentioning(String(id), requestsShown).reverse().map(row),
    }
  }

  function products(leadId: number) {
    const rows = linksFrom(store, 'leads', leadId, 'catalog_elements').map((link) => {
      const element = store.elements.get(link.to_entity_id)
      const price = Number(fieldByCode(element?.fields ?? [], 'PRICE') ?? 0)
      return { link, element, price, sum: price * (link.quantity ?? 0) }
    })
    const shown = rows.map(({ link, element, price, sum }) => ({
      name: element?.name ?? `№ ${link.to_entity_id}`,
      sku: fieldByCode(element?.fields ?? [], 'SKU'),
      quantity: wording().number(link.quantity ?? 0),
      price: price > 0 ? wording().money(price) : '',
      sum: price > 0 ? wording().money(sum) : '',
    }))
    return { products: shown, productsSum: wording().money(rows.reduce((total, { sum }) => total + sum, 0)) }
  }

  function notes(leadId: number) {
    const found = store.notes.under(`leads:${leadId}`)
    return found.reverse().map(({ params, note_type, created_at }) => ({
      text: String(params['text'] ?? JSON.stringify(params, null, 2)),
      from: typeof params['service'] === 'string' ? params['service'] : '',
      kind: note_type,
      ...times(created_at),
    }))
  }
}
