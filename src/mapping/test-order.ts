import { cut } from './layout.ts'
import type { Plan, Translate } from './plan.ts'

/** By it people find the leads of test orders in the CRM. */
const testTag = 'TEST'

/** The same, but nobody takes it for a buyer's order. */
export function asTest(plan: Plan, translate: Translate): Plan {
  const { lead, note } = plan
  const name = cut(translate('default.test_name', { name: lead.name }))
  const tags = [...new Set([testTag, ...lead.tags])]
  return { ...plan, lead: { ...lead, name, tags }, note: `${translate('default.test_note')}\n\n${note}` }
}
