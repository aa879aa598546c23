import type { AmoFieldsMapper } from '../../src/config/schema.ts'

/**
 * Our names of amoCRM's fields. A field is found by its code ('CODE', 'CONTACTS.PHONE.WORK'), its id or its name; entity
 * ('leads', 'contacts', 'companies') says whose, part which kind of phone, line of an address or key of a legal entity.
 */
export default {
  'lead.cf.customer_lastname': { id: 685731 },
  'lead.cf.customer_payment_address_1': { id: 685733 },
  'lead.cf.customer_payment_city': { id: 685735 },
  'lead.cf.customer_telephone': { id: 685737 },
  'lead.cf.customer_email': { id: 685739 },
  'lead.cf.comment': { id: 685741 },
  'lead.cf.payment_method': { name: 'Способ оплаты' },
  'lead.cf.shipping_method': { name: 'Способ доставки' },

  // For the orders of the order API.
  'contact.phone': { code: 'CONTACTS.PHONE.WORK' },
  'contact.email': { code: 'CONTACTS.EMAIL.WORK' },
  'lead.cf.order_number': { name: 'Номер заказа' },
  'lead.cf.shipping_address': { name: 'Куда доставить' },
  'lead.cf.delivery_date': { name: 'День доставки' },
  'lead.cf.delivery_interval': { name: 'Интервал доставки' },
  'lead.cf.weight': { name: 'Вес заказа' },
  'lead.cf.volume': { name: 'Объём заказа' },
} satisfies AmoFieldsMapper
