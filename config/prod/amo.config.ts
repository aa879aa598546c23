import type { AmoConfig } from '../../src/config/schema.ts'

/** The amoCRM account. Fill in a long-lived token, or client_id, client_secret and redirect_uri. */
export default {
  domain: '', // account's sub-domain (shop) or full host (shop.amocrm.ru)
  client_id: '', // (AMO_CLIENT_ID) the integration's id
  client_secret: '', // (AMO_CLIENT_SECRET) the integration's secret key
  redirect_uri: '', // (AMO_REDIRECT_URI) exactly as in the integration: https://your.domain/folder/api/auth
  access_token: null, // (AMO_ACCESS_TOKEN) a long-lived token instead of OAuth
  // base_url: 'https://shop.amocrm.ru', // (AMO_BASE_URL) default: https://<domain>
  contact_cf_partner_id: 0, // id of the contact's field that holds the shop's partner id
} satisfies AmoConfig
