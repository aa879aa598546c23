import type { AmoConfig } from '../../src/config/schema.ts'

/** The amoCRM account and the integration that lets Parom in; sign in at /api/auth to connect them. */
export default {
  domain: '', // account's sub-domain (shop) or full host (shop.amocrm.ru)
  client_id: '', // (AMO_CLIENT_ID) the integration's id
  client_secret: '', // (AMO_CLIENT_SECRET) the integration's secret key
  redirect_uri: '', // (AMO_REDIRECT_URI) exactly as in the integration; empty: <public address>/api/auth
  access_token: null, // (AMO_ACCESS_TOKEN) a long-lived token instead of OAuth; it can also be pasted at /api/auth
  // auth_url: 'https://www.kommo.com', // (AMO_AUTH_URL) where people give their consent; default: the site of the account's domain
  // base_url: 'https://shop.amocrm.ru', // (AMO_BASE_URL) default: https://<domain>
  contact_cf_partner_id: 0, // id of the contact's field that holds the shop's partner id
  // contact_name: 'Покупатель', // name of a buyer whose order names none
  // company_name: 'Частное лицо', // name of a company whose order names none; without it no such company is made
} satisfies AmoConfig
