import type { AmoConfig } from '../../src/config/schema.ts'

/** The amoCRM account, and the long-lived token that lets Parom in. */
export default {
  domain: '', // account's sub-domain (shop) or full host (shop.amocrm.ru)
  client_id: '', // (AMO_CLIENT_ID) the integration's id; not used yet
  client_secret: '', // (AMO_CLIENT_SECRET) the integration's secret key; not used yet
  redirect_uri: '', // (AMO_REDIRECT_URI) exactly as in the integration: https://your.domain/folder/api/auth; not used yet
  access_token: null, // (AMO_ACCESS_TOKEN) a long-lived token, from the integration's settings in amoCRM
  // base_url: 'https://shop.amocrm.ru', // (AMO_BASE_URL) default: https://<domain>
  contact_cf_partner_id: 0, // id of the contact's field that holds the shop's partner id
} satisfies AmoConfig
