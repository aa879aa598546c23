import type { Context } from '../context.ts'
import { contactLinks } from '../crm/links.ts'
import { showTags } from '../crm/tags.ts'
import type { Lead, Pipeline, Status } from '../store/entities.ts'
import { isThere } from '../store/live.ts'
import { newestFirst, type PageParts } from './page-parts.ts'

const cardsInColumn = 50

interface BoardQuery {
  pipeline?: number
  search: string
  /** Whether long columns are shown to their ends. */
  all: boolean
}

/** The leads of one pipeline in the columns of their stages. */
export function createBoardPage({ store }: Context, { brief, wording }: PageParts) {
  return board

  function board({ pipeline: wanted, search, all }: BoardQuery) {
    const leads = store.leads.all().filter(isThere).toSorted(newestFirst)
    const found = search === '' ? leads : leads.filter(matching(search))
    const pipelines = store.pipelines.all()
    const shown = pipelines.find(({ id }) => id === wanted) ?? pipelines.find(({ is_main }) => is_main) ?? pipelines[0]
    return {
      tabs: pipelines.map((pipeline) => ({
        name: pipeline.name,
        count: found.filter(({ pipeline_id }) => pipeline_id === pipeline.id).length,
        href: `/?${new URLSearchParams({ pipeline: String(pipeline.id), ...(search ? { search } : {}) })}`,
        isShown: pipeline === shown,
      })),
      pipeline: shown?.id,
      columns: shown ? shown.statuses.map((status) => column(shown, status, found, all)) : [],
      search,
      total: leads.length,
      found: found.length,
      amount: wording().money(sumOf(found)),
    }
  }

  function column(pipeline: Pipeline, status: Status, leads: Lead[], all: boolean) {
    const here = leads.filter((each) => each.pipeline_id === pipeline.id && each.status_id === status.id)
    const cards = here.slice(0, all ? undefined : cardsInColumn).map(brief)
    return {
      id: status.id,
      name: status.name,
      color: status.color,
      count: here.length,
      amount: wording().money(sumOf(here)),
      cards,
      more: here.length - cards.length,
    }
  }

  /** By any part of what a card shows, or of the number of the lead. */
  function matching(search: string): (lead: Lead) => boolean {
    const text = search.toLowerCase()
    return ({ id, name, tags }) => {
      const contacts = contactLinks(store, id).map(({ to_entity_id }) => store.contacts.get(to_entity_id)?.name)
      const words = [String(id), name, ...contacts, ...showTags(store, tags).map((tag) => tag.name)]
      return words.some((word) => word?.toLowerCase().includes(text))
    }
  }
}

const sumOf = (leads: Lead[]) => leads.reduce((sum, { price }) => sum + price, 0)
