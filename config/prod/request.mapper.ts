import type { RequestMapper } from '../../src/config/schema.ts'

/** Where leads are made; a form may have a place of its own. */
const stage = {
  pipeline_id: 0, // the pipeline
  status_id: 0, // and its stage
}

/** Where an order goes and which of its fields go into which fields of the lead. */
export default {
  forms: {
    // An order takes the form that it names (form_id), else the one of its source (in sources.config.ts, or here in sources), else this one.
    default: {
      // sources: ['metform'], // lk: the partner cabinet; metform: the WordPress plugin; or an id of sources.config.ts. Of any other form than default
      ...stage,
      lead_name: '', // beginning of the lead's name; the names of the products follow
      // responsible_user_id: 'contact', // id of a user, or 'contact': whoever answers for the main contact
      entities_create: ['lead'], // what is made: 'contact' adds the buyer's own card unless phone or e-mail find one, 'company' likewise by name
      partner_not_found: 'warn', // or 'create' makes a contact with the partner's id, or { contact_id } puts the lead there
      products: { match: ['name', 'sku'], not_found: 'warn' }, // by what products are found in the catalog; 'create' makes missing ones
      mapping: {
        // <field of the order>: where its value goes, one name or a list: of amo-fields.mapper.ts, or lead_name, lead_price,
        // contact_last_name, contact_first_name, contact_second_name, contact_name, company_name. Beside mapped_id there may be
        // values: { cod: 'Наличные', '*': 'Другое' } (what the order's words mean) and default: 'Наличные' (for what is missing
        // or unknown). A key custom###<any name> stands for a constant: { mapped_id, value: 'ЛК, entity###contact_name' }.
        total: { mapped_id: 'lead_price' },
        lastname: { mapped_id: 'lead.cf.customer_lastname' },
        telephone: { mapped_id: 'lead.cf.customer_telephone' },
        payment_address_1: { mapped_id: 'lead.cf.customer_payment_address_1' },
        payment_city: { mapped_id: 'lead.cf.customer_payment_city' },
      },
      logic: {}, // <field>: { <value>: { pipeline_id, status_id, responsible_user_id } } sends such orders elsewhere; '*': any other value
      tags: {
        lead: ['dropshipping'], // tags of the lead: texts, or mapping###<field> for what the order says
        contact: [], // tags of the buyer's card, where one is made
        company: [], // tags of the company, where one is made
      },
    },

    // The order API: POST /api/create-order, /api/buy-click and /api/callback. Fields are named as its document names them
    // (address.city); paymentText, deliveryText, deliveryDateText and addressText are the same in words.
    'create-order': {
      sources: ['create-order'],
      ...stage,
      lead_name: 'Заказ',
      entities_create: ['lead', 'contact'],
      mapping: {
        total: { mapped_id: 'lead_price' },
        name: { mapped_id: 'contact_name' },
        phone: { mapped_id: 'contact.phone' },
        email: { mapped_id: 'contact.email' },
        order_id: { mapped_id: 'lead.cf.order_number' },
        paymentText: { mapped_id: 'lead.cf.payment_method' },
        deliveryText: { mapped_id: 'lead.cf.shipping_method' },
        addressText: { mapped_id: 'lead.cf.shipping_address' },
        desiredDeliveryDate: { mapped_id: 'lead.cf.delivery_date' },
        desiredDeliveryInterval: { mapped_id: 'lead.cf.delivery_interval' },
        totalWeight: { mapped_id: 'lead.cf.weight' },
        totalVolume: { mapped_id: 'lead.cf.volume' },
        comment: { mapped_id: 'lead.cf.comment' },
      },
      tags: { lead: ['заказ'] },
    },
    'buy-click': {
      sources: ['buy-click'],
      ...stage,
      lead_name: 'Купить в 1 клик',
      entities_create: ['lead', 'contact'],
      mapping: {
        total: { mapped_id: 'lead_price' },
        name: { mapped_id: 'contact_name' },
        phone: { mapped_id: 'contact.phone' },
        email: { mapped_id: 'contact.email' },
        order_id: { mapped_id: 'lead.cf.order_number' },
        totalWeight: { mapped_id: 'lead.cf.weight' },
        totalVolume: { mapped_id: 'lead.cf.volume' },
        comment: { mapped_id: 'lead.cf.comment' },
      },
      tags: { lead: ['1 клик'] },
    },
    callback: {
      sources: ['callback'],
      ...stage,
      lead_name: 'Обратный звонок',
      entities_create: ['lead', 'contact'],
      mapping: {
        name: { mapped_id: 'contact_name' },
        phone: { mapped_id: 'contact.phone' },
        order_id: { mapped_id: 'lead.cf.order_number' },
        comment: { mapped_id: 'lead.cf.comment' },
      },
      tags: { lead: ['обратный звонок'] },
    },
  },
} satisfies RequestMapper
