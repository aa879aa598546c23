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

  // For the orders of the order API: fields of these names, or put in your own.
  'contact.phone': { code: 'CONTACTS.PHONE.WORK' },
  'contact.email': { code: 'CONTACTS.EMAIL.WORK' },
  'lead.cf.order_number': { name: 'Номер заказа' },
  'lead.cf.payment_method': { name: 'Способ оплаты' },
  'lead.cf.shipping_method': { name: 'Способ доставки' },
  'lead.cf.shipping_address': { name: 'Куда доставить' },
  'lead.cf.delivery_date': { name: 'День доставки' },
  'lead.cf.delivery_interval': { name: 'Интервал доставки' },
  'lead.cf.weight': { name: 'Вес заказа' },
  'lead.cf.volume': { name: 'Объём заказа' },
  'lead.cf.comment': { name: 'Комментарий' },
} satisfies AmoFieldsMapper
