import type { Order } from '../order/order.ts'
import { type Form, tagsOf } from './form.ts'
import { contactName, type MappedValues } from './mapped-values.ts'
import type { CrmAccount, FieldValue, MappingWarning, PlannedCompany, PlannedContact, Responsible } from './plan.ts'

interface Options {
  /** Of people without a name. */
  defaultNames: { contact: string; company: string }
  account: CrmAccount
}

/** Plans the cards of the buyer and of the buyer's company, where the form makes them. */
export function createPeopleMapping(form: Form, { defaultNames, account }: Options) {
  const makesContact = form.entities_create.includes('contact')
  const makesCompany = form.entities_create.includes('company')
  const phoneField = findByCode(account, 'PHONE')
  const emailField = findByCode(account, 'EMAIL')

  function mapContact(order: Order, { system, fields }: MappedValues, responsible: Responsible): PlannedContact | null {
    const { contact_first_name = '', contact_second_name = '', contact_last_name = '' } = system
    const name = contactName(system)
    if (!makesContact || (name === '' && !fields.contacts.some(({ isSaid }) => isSaid))) return null
    return {
      name: name || defaultNames.contact,
      isNamed: name !== '',
      firstName: [contact_first_name, contact_second_name].filter(Boolean).join(' '),
      lastName: contact_last_name,
      phones: textsOf(fields.contacts, phoneField),
      emails: textsOf(fields.contacts, emailField),
      responsible,
      tags: tagsOf(order, form.tags.contact),
      fields: fields.contacts,
    }
  }

  function mapCompany(order: Order, { system, fields }: MappedValues, responsible: Responsible): PlannedCompany | null {
    const name = system.company_name || (fields.companies.some(({ isSaid }) => isSaid) ? defaultNames.company : '')
    if (!makesCompany || name === '') return null
    return { name, responsible, tags: tagsOf(order, form.tags.company), fields: fields.companies }
  }

  return function mapPeople(order: Order, mapped: MappedValues, responsible: Responsible) {
    const contact = mapContact(order, mapped, responsible)
    const company = mapCompany(order, mapped, responsible)
    const warnings: MappingWarning[] = []
    if (makesContact && !contact) warnings.push({ code: 'buyer_missing', params: {} })
    if (!contact) warnings.push(...warnOfHomeless(mapped.fields.contacts, 'field_idle_contacts'))
    const unnamed = makesCompany ? 'company_unnamed' : 'field_idle_companies'
    if (!company) warnings.push(...warnOfHomeless(mapped.fields.companies, unnamed))
    return { contact, company, warnings }
  }
}

function findByCode({ fields }: CrmAccount, code: string) {
  return fields.find((field) => field.entity === 'contacts' && field.code === code)?.id
}

function textsOf(fields: FieldValue[], id: number | undefined) {
  const values = fields.find(({ fieldId }) => fieldId === id)?.values ?? []
  return values.flatMap(({ value }) => (typeof value === 'string' ? value : []))
}

/** What the order says of a card that is not made. */
function warnOfHomeless(fields: FieldValue[], code: string): MappingWarning[] {
  const lost = fields.filter(({ isSaid }) => isSaid)
  return lost.map(({ field, text }) => ({ code, params: { field, value: text } }))
}
