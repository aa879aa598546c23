import type { SourcesConfig } from '../../src/config/schema.ts'

/**
 * Who may send orders to POST /api/order/create. The partner cabinet (lk) is always there, with WEBHOOK_TOKEN as a token of
 * its own; name it here only to give it more.
 */
export default {
  // rate_limit: { requests: 500, seconds: 1 }, // of all sources together; what is over it is answered 429. Counted for all processes together
  sources: [
    // {
    //   id: 'shop2', // how the source is called in the list of orders: lower-case latin letters, digits, - and _
    //
    //   // What it must show: a token, a signature, or both.
    //   // A token comes as Authorization: Bearer …, X-Webhook-Token or, where a shop can set no headers, ?token=…. Here stands only
    //   // its digest: `npx parom hash-token --new` makes a token and prints both. To change a token, list the new one beside the
    //   // old one, give it to the shop, and take the old one away.
    //   tokens: ['sha256:…'],
    //   // A signature as in https://www.standardwebhooks.com: headers webhook-id, webhook-timestamp (within 5 minutes of our clock)
    //   // and webhook-signature: v1,<base64 of HMAC-SHA256 of "<id>.<timestamp>.<body>">. `npx parom hash-token --signing` makes a
    //   // secret; it is best kept in a variable (also in .env beside this file) and named here by a $. Several are tried, as above.
    //   // Where several sources ask for no token, each says in its address who it is: /api/order/create?source=shop2.
    //   // A token beside it is better: only who shows one can send compressed bodies, and keeps his place when strangers crowd in.
    //   signing_secrets: ['$SHOP2_SIGNING_SECRET'],
    //   // From where it may come; without this key from everywhere. Behind a proxy, name that in trusted_proxies of app.config.ts.
    //   allowed_addresses: ['203.0.113.7', '198.51.100.0/24', '2001:db8::/32'],
    //
    //   form: 'default', // form of request.mapper.ts for its orders; without it, the one that has this id in its sources
    //   answer: { status: 200, body: 'OK' }, // what it expects for an order that is safe: a text, or an object that becomes JSON; content_type, if unlike both
    //   rate_limit: { requests: 20, seconds: 1 }, // of this source; what is over it is answered 429 with Retry-After
    //   // What makes two requests the same order: the first of these that a request has, for ever; where it has none, the same body
    //   // within a window of seconds (without it, dedupe_window of app.config.ts). A field has a latin name without brackets. This is
    //   // what holds without the key:
    //   dedupe: { by: [{ header: 'webhook-id' }, { header: 'idempotency-key' }, { field: 'order_id' }] },
    // },
  ],
} satisfies SourcesConfig
