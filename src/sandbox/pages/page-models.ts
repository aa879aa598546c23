import type { Context } from '../context.ts'
import { linksTo } from '../crm/links.ts'
import { showTags } from '../crm/tags.ts'
import { accountOf } from '../present/present.ts'
import type { Contact, Lead, Pipeline, Status } from '../store/entities.ts'
import { isThere } from '../store/trash.ts'
import { createLeadPage } from './lead-page.ts'
import { createPageParts, kindOf } from './page-parts.ts'
import { createWebhooksPage } from './webhooks-page.ts'

const cardsInColumn = 50
const requestsOnPage = 200

/** What each page says, ready to be laid out. */
export function createPageModels(context: Context) {
  const { store, journal } = context
  const parts = createPageParts(context)
  const { brief, fieldLines, times, wording } = parts
  return {
    account: () => accountOf(store),
    board,
    lead: createLeadPage(context, parts),
    contact,
    journal: requests,
    webhooks: createWebhooksPage(context, parts),
  }

  function board() {
    const leads = store.leads.all().filter(isThere).reverse()
    const pipelines = store.pipelines.all().map((pipeline) => ({
      name: pipeline.name,
      total: leads.filter((each) => each.pipeline_id === pipeline.id).length,
      columns: pipeline.statuses.map((status) => column(pipeline, status, leads)),
    }))
    return { pipelines, total: leads.length, contacts: store.contacts.size, products: store.elements.size }
  }

  function column(pipeline: Pipeline, status: Status, leads: Lead[]) {
    const here = leads.filter((each) => each.pipeline_id === pipeline.id && each.status_id === status.id)
    const amount = wording().money(here.reduce((sum, each) => sum + each.price, 0))
    const cards = here.slice(0, cardsInColumn).map(brief)
    return {
      name: status.name,
      kind: kindOf(status),
      count: here.length,
      amount,
      cards,
      more: here.length - cards.length,
    }
  }

  function contact(id: number) {
    const record: Contact | undefined = store.contacts.get(id)
    if (!record) return undefined
    const leads = linksTo(store, 'contacts', id, 'leads').flatMap(({ entity_id }) => store.leads.get(entity_id) ?? [])
    const { name, tags, created_at } = record
    const shown = leads.toSorted((a, b) => b.id - a.id).map(brief)
    return {
      id,
      name,
      tags: showTags(store, tags),
      fields: fieldLines(record.fields),
      leads: shown,
      ...times(created_at),
    }
  }

  function requests() {
    const shown = journal.list().slice(-requestsOnPage).reverse()
    const rows = shown.map((entry) => ({
      ...entry,
      clock: wording().clockTime(Date.parse(entry.time)),
      path: readable(entry.path),
      outcome: entry.status === 0 ? 'lost' : `s${String(entry.status)[0]}`,
    }))
    return { rows, total: journal.list().length }
  }
}

function readable(path: string) {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
