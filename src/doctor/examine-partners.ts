import type { AccountState, Setup } from './facts.ts'
import { error, type Finding, ok, warning } from './finding.ts'
import { mappedTargets } from './mapped-targets.ts'

/** Whether partners and buyers can be told apart and found again. */
export function examinePartners(account: AccountState, setup: Setup): Finding[] {
  return [...examinePartnerField(account, setup), ...examineBuyers(account, setup)]
}

const typesOfIds = ['text', 'numeric']

function examinePartnerField(account: AccountState, { partnerFieldId, rules }: Setup): Finding[] {
  const { fields, partners } = account
  const id = String(partnerFieldId)
  const field = fields.find((each) => each.entity === 'contacts' && each.id === partnerFieldId)
  if (!field) {
    const other = fields.find((each) => each.id === partnerFieldId)
    if (!other) return [error('partner_field_missing', { id })]
    return [
      error('partner_field_elsewhere', {
        id,
        field: other.name,
        owner: rules.translate(other.entity === 'leads' ? 'doctor.owner.leads' : 'doctor.owner.companies'),
      }),
    ]
  }
  if (!typesOfIds.includes(field.type))
    return [error('partner_field_type', { id, field: field.name, type: field.type })]
  return [...countPartners(field.name, partners), ...listDuplicates(partners)]
}

function countPartners(field: string, { contacts, withPartner }: AccountState['partners']): Finding[] {
  const params = { field, contacts: String(contacts), with: String(withPartner) }
  return [withPartner === 0 ? warning('partners_none', params) : ok('partners_counted', params)]
}

const mostNamed = 10

function listDuplicates({ duplicatePartners }: AccountState['partners']): Finding[] {
  if (duplicatePartners.length === 0) return []
  const named = duplicatePartners.slice(0, mostNamed).map(({ partnerId, ids }) => `${partnerId}: ${ids.join(', ')}`)
  const list = named.join('; ') + (duplicatePartners.length > mostNamed ? '; …' : '')
  return [warning('partners_double', { count: String(duplicatePartners.length), list })]
}

/** A buyer's card is found again by phone or e-mail alone. */
function examineBuyers({ fields: accountFields }: AccountState, { rules }: Setup): Finding[] {
  const { fields } = mappedTargets(rules, accountFields)
  const makers = Object.entries(rules.forms).filter(([, { entities_create }]) => entities_create.includes('contact'))
  return makers.flatMap(([form]) => {
    const isFindable = fields.some(({ formName, found }) => {
      const isKey = found?.field.entity === 'contacts' && ['PHONE', 'EMAIL'].includes(found.field.code ?? '')
      return formName === form && isKey
    })
    return isFindable ? [] : [warning('buyer_unfindable', { form })]
  })
}
