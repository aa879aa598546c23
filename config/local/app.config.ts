import type { AppConfig } from '../../src/config/schema.ts'

/** The server itself. Environment variables (in brackets) override these keys. */
export default {
  app_name: 'Паром', // the name on the pages
  language: 'ru', // language of the pages, notes and messages: ru or en
  // time_zone: 'Europe/Moscow', // in which the pages tell times; default: that of the machine
  host: '127.0.0.1', // (HOST) address to listen on
  port: 3000, // (PORT)
  script_folder: '', // (BASE_PATH) folder in the address: 'integra' serves everything under /integra
  // public_url: 'https://crm.example.ru', // (PUBLIC_URL) the address that people and amoCRM use; https makes cookies Secure
  trusted_proxies: [], // proxies whose X-Forwarded-* headers count, for example ['loopback']
  // database: 'mysql://parom:secret@127.0.0.1:3306/parom', // (DATABASE_URL) default: sqlite:var/local.db
  app_key: 'cGFyb20gbG9jYWwgc2FtcGxlLCBub3QgcHJvZC4uLi4=', // (APP_KEY) 32 bytes in base64; encrypts tokens, signs sessions. A sample: prod refuses it
  previous_app_keys: [], // (APP_KEY_PREVIOUS) what app_key was before, so that stored tokens stay readable
  webhook_token: null, // (WEBHOOK_TOKEN) what the shop sends as its token; null leaves the webhook open, in local only
  body_limit: 1024 * 1024, // bytes; a larger order is answered 413
  dedupe_window: 10 * 60, // seconds in which the same order again is taken for a repetition, not for a second order
  session_idle: 12 * 60 * 60, // seconds that somebody stays signed in without a visit
  session_absolute: 7 * 24 * 60 * 60, // seconds after which he signs in anew, however often he comes by
  // registration: 'closed', // who may register for the order API (/api/docs): 'open' for everybody, 'invitation' for whom an administrator gives a code, 'closed' for nobody; default: open in local, else closed
  log_level: 'info', // (LOG_LEVEL) fatal, error, warn, info, debug, trace or silent
} satisfies AppConfig
