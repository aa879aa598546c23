import type { AmocrmClient } from '../amocrm/client.ts'
import { listLinkedElements } from '../amocrm/links.ts'
import { askedAtOnce } from '../amocrm/paging.ts'
import type { Inbox } from '../inbox/inbox.ts'
import type { DueCheck } from '../inbox/links-check.ts'

interface Tools {
  inbox: Inbox
  client: AmocrmClient
  account: string
}

/** So often the links of an order are made; if they do not last then, a person has to look. */
const mostTries = 3

/** Links of one request are known to get lost although the answer names them, so those of many leads are read back at once. */
export function createLinkCheck({ inbox, client, account }: Tools) {
  /** False when nothing was to be read. */
  return async function checkLinks(): Promise<boolean> {
    const due = await inbox.dueChecks(account, askedAtOnce)
    if (due.length === 0) return false
    const linked = await listLinkedElements(
      client,
      due.map(({ leadId }) => leadId),
    )
    const lost = ({ leadId, expected }: DueCheck) => expected - (linked.get(leadId)?.size ?? 0)
    const lacking = due.filter((check) => lost(check) > 0)
    await inbox.endChecks(due.filter((check) => !lacking.includes(check)).map(({ id }) => id))
    await inbox.reopen(lacking.filter(({ tries }) => tries < mostTries).map(({ id }) => id))
    for (const check of lacking.filter(({ tries }) => tries >= mostTries))
      await inbox.giveUp(check.id, `${lost(check)} of ${check.expected} products do not stay linked`)
    return true
  }
}
