import type { RequestMapper } from '../../src/config/schema.ts'

/** Where an order goes and which of its fields go into which fields of the lead. */
export default {
  forms: {
    // The form of orders that name none (form_id) or an unknown one.
    default: {
      pipeline_id: 0, // the pipeline in which the lead is made
      status_id: 0, // and its stage
      lead_name: '', // beginning of the lead's name; the names of the products follow
      entities_create: ['lead'], // what is made; contacts and companies are not made yet
      mapping: {
        // <field of the order>: where its value goes, a name from amo-fields.mapper.ts, or lead_name, lead_price
        total: { mapped_id: 'lead_price' },
        lastname: { mapped_id: 'lead.cf.customer_lastname' },
        telephone: { mapped_id: 'lead.cf.customer_telephone' },
        payment_address_1: { mapped_id: 'lead.cf.customer_payment_address_1' },
        payment_city: { mapped_id: 'lead.cf.customer_payment_city' },
      },
      logic: {}, // <field>: { <value>: { pipeline_id, status_id } } sends such orders elsewhere
      tags: {
        lead: ['dropshipping'], // tags of the lead: texts, or mapping###<field> for what the order says
        contact: [], // tags of a contact; not there yet
      },
    },
  },
} satisfies RequestMapper
