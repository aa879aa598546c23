import type { CrmAccount } from '../mapping/plan.ts'
import type { Rules } from '../mapping/request.mapper.ts'
import { examineFields } from './examine-fields.ts'
import { examineForms } from './examine-forms.ts'
import { examineNames } from './examine-names.ts'
import type { Finding } from './finding.ts'

/** What in the mapping does not fit the lists of the account, without asking it for anything. */
export function examineMapping(account: CrmAccount, rules: Rules): Finding[] {
  const findings = [
    ...examineForms({ ...account, missingContacts: [] }, { rules }),
    ...examineFields(account, { rules }),
    ...examineNames(account, { rules }),
  ]
  return findings.filter(({ level }) => level !== 'ok')
}
