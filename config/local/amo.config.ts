import type { AmoConfig } from '../../src/config/schema.ts'

/** The amoCRM account. In local it is the sandbox that `npm start` brings up by itself. */
export default {
  domain: 'sandbox', // account's sub-domain (shop) or full host (shop.amocrm.ru)
  client_id: '', // (AMO_CLIENT_ID) the integration's id; not used yet
  client_secret: '', // (AMO_CLIENT_SECRET) the integration's secret key; not used yet
  redirect_uri: 'http://127.0.0.1:3000/api/auth', // (AMO_REDIRECT_URI) exactly as in the integration; not used yet
  access_token: null, // (AMO_ACCESS_TOKEN) a long-lived token, from the integration's settings in amoCRM
  // base_url: 'https://shop.amocrm.ru', // (AMO_BASE_URL) default: https://<domain>
  contact_cf_partner_id: 641351, // id of the contact's field that holds the shop's partner id
  sandbox: true, // start the local amoCRM beside the server, unless AMO_BASE_URL names another
} satisfies AmoConfig
