import type { AmoFieldsMapper } from '../../src/config/schema.ts'

/**
 * Our names of amoCRM's fields. A field is found by its code ('CODE', 'CONTACTS.PHONE.WORK'), its id or its name; entity
 * ('leads', 'contacts', 'companies') says whose, part which kind of phone, line of an address or key of a legal entity.
 * Put in the ids of your account.
 */
export default {
  'lead.cf.customer_lastname': { id: 0 },
  'lead.cf.customer_telephone': { id: 0 },
  'lead.cf.customer_payment_address_1': { id: 0 },
  'lead.cf.customer_payment_city': { id: 0 },
} satisfies AmoFieldsMapper
