import { examineAccount } from './examine-account.ts'
import { examineConnection } from './examine-connection.ts'
import { examineFields } from './examine-fields.ts'
import { examineForms } from './examine-forms.ts'
import { examineMarker } from './examine-marker.ts'
import { examineNames } from './examine-names.ts'
import { examinePartners } from './examine-partners.ts'
import { examineProducts } from './examine-products.ts'
import { examineServer } from './examine-server.ts'
import { examineSources } from './examine-sources.ts'
import { examineTexts } from './examine-texts.ts'
import { examineWebhook } from './examine-webhook.ts'
import type { AccountState, Facts, Setup } from './facts.ts'
import type { Finding, Group, GroupedFinding } from './finding.ts'

const examinations: [Group, (account: AccountState, setup: Setup, facts: Facts) => Finding[]][] = [
  ['account', examineAccount],
  ['forms', examineForms],
  ['fields', examineFields],
  ['fields', examineNames],
  ['partners', examinePartners],
  ['products', examineProducts],
  ['parom', examineMarker],
  ['parom', examineWebhook],
  ['parom', examineSources],
  ['texts', examineTexts],
]

/** Compares the settings with the account. Of an account that does not let us in there is only its connection to speak of, and our own database. */
export function examine(facts: Facts, setup: Setup): GroupedFinding[] {
  const inGroup = (group: Group, findings: Finding[]) => findings.map((finding) => ({ group, ...finding }))
  const connection = inGroup('connection', examineConnection(facts, setup))
  const server = inGroup('parom', examineServer(facts))
  const { account } = facts
  if (!account) return [...connection, ...server]
  return [
    ...connection,
    ...server,
    ...examinations.flatMap(([group, examination]) => inGroup(group, examination(account, setup, facts))),
  ]
}
