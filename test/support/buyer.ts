import type { FieldReference } from '../../src/mapping/amo-fields.mapper.ts'
import type { Form } from '../../src/mapping/form.ts'

/** Rules and an order that make a contact and a company for the buyer. */
export const amoFields: Record<string, FieldReference> = {
  phone: { code: 'CONTACTS.PHONE.MOB', entity: 'contacts' },
}
export const people: Partial<Form> = {
  entities_create: ['lead', 'contact', 'company'],
  mapping: {
    lastname: { mapped_id: 'contact_name' },
    telephone: { mapped_id: 'phone' },
    payment_company: { mapped_id: 'company_name' },
  },
}
export const buyer = { lastname: 'Ким', telephone: '8 (921) 555-44-33', payment_company: 'ООО «Ким»' }

/** What the CRM answers to something that it does not take. */
export const refusal = (path: string) => ({
  'validation-errors': [{ request_id: '0', errors: [{ code: 'InvalidValue', path, detail: 'No' }] }],
})
