import type { Context } from '../context.ts'
import { accountOf } from '../present/present.ts'
import { createBoardPage } from './board-page.ts'
import { createContactPage } from './contact-page.ts'
import { createControlsPage } from './controls-page.ts'
import { createJournalPage } from './journal-page.ts'
import { createLeadPage } from './lead-page.ts'
import { createPageParts } from './page-parts.ts'
import { createWebhooksPage } from './webhooks-page.ts'

/** What each page says, ready to be laid out. */
export function createPageModels(context: Context) {
  const { store, faults, settings } = context
  const parts = createPageParts(context)
  const journal = createJournalPage(context, parts)
  return {
    frame,
    board: createBoardPage(context, parts),
    lead: createLeadPage(context, parts, journal.row),
    contact: createContactPage(context, parts),
    journal,
    controls: createControlsPage(context, parts),
    webhooks: createWebhooksPage(context, parts),
  }

  /** What is around every page. */
  function frame() {
    return { account: accountOf(store), isBlocked: settings.get().blocked, faultsOn: faults.list().length }
  }
}
