import type { Context } from '../context.ts'
import { linksFrom, linksTo } from '../crm/links.ts'
import { showTags } from '../crm/tags.ts'
import { live } from '../store/live.ts'
import { newestFirst, type PageParts } from './page-parts.ts'

/** The page of one contact. */
export function createContactPage({ store }: Context, { brief, fieldLines, times, wording }: PageParts) {
  return contact

  function contact(id: number) {
    const record = live(store, 'contacts', id)
    if (!record) return undefined
    const leads = linksTo(store, 'contacts', id, 'leads').flatMap(
      ({ entity_id }) => live(store, 'leads', entity_id) ?? [],
    )
    const companies = linksFrom(store, 'contacts', id, 'companies')
    return {
      id,
      name: record.name,
      tags: showTags(store, record.tags),
      fields: fieldLines(record.fields),
      companies: companies.flatMap(({ to_entity_id }) => live(store, 'companies', to_entity_id)?.name ?? []),
      leads: leads.toSorted(newestFirst).map(brief),
      amount: wording().money(leads.reduce((sum, { price }) => sum + price, 0)),
      ...times(record.created_at),
    }
  }
}
