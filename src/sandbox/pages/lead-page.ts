import type { Context } from '../context.ts'
import { contactLinks, linksFrom } from '../crm/links.ts'
import type { PageParts } from './page-parts.ts'

/** The page of one lead. */
export function createLeadPage({ store }: Context, { brief, fieldLines, fieldByCode, times, wording }: PageParts) {
  return lead

  function lead(id: number) {
    const record = store.leads.get(id)
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
      products: products(id),
      notes: notes(id),
    }
  }

  function products(leadId: number) {
    return linksFrom(store, 'leads', leadId, 'catalog_elements').map((link) => {
      const element = store.elements.get(link.to_entity_id)
      const price = Number(fieldByCode(element?.fields ?? [], 'PRICE') ?? 0)
      const quantity = link.quantity ?? 0
      return {
        name: element?.name ?? `№ ${link.to_entity_id}`,
        sku: fieldByCode(element?.fields ?? [], 'SKU'),
        quantity: wording().number(quantity),
        price: price > 0 ? wording().money(price) : '',
        sum: price > 0 ? wording().money(price * quantity) : '',
      }
    })
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
