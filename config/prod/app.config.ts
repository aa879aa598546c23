import type { AppConfig } from '../../src/config/schema.ts'

/** The server itself. Environment variables (in brackets) override these keys; secrets are best kept there or in .env beside this file. */
export default {
  app_name: 'Паром', // the name on the pages
  language: 'ru', // language of the pages, notes and messages: ru or en
  // time_zone: 'Europe/Moscow', // in which the pages tell times; default: that of the machine
  host: '127.0.0.1', // (HOST) address to listen on, or a socket: 'unix:/run/parom/1.sock'
  port: 3000, // (PORT)
  script_folder: '', // (BASE_PATH) folder in the address: 'integra' serves everything under /integra
  // public_url: 'https://crm.example.ru', // (PUBLIC_URL) the address that people and amoCRM use; https makes cookies Secure
  trusted_proxies: ['loopback', 'socket'], // proxies whose X-Forwarded-* headers count; 'socket' is whoever may use the socket that host names
  // database: 'mysql://parom:secret@127.0.0.1:3306/parom', // (DATABASE_URL) default: sqlite:var/prod.db
  // of a cluster: 'mysql://parom:secret@10.0.0.1:3306,10.0.0.2:3306,10.0.0.3:3306/parom': the first node that serves is used, and another one when it is lost
  app_key: '', // (APP_KEY) 32 bytes in base64: openssl rand -base64 32; encrypts tokens, signs sessions
  previous_app_keys: [], // (APP_KEY_PREVIOUS) what app_key was before, so that stored tokens stay readable
  webhook_token: null, // (WEBHOOK_TOKEN) at least 8 characters; the shop sends it with every order
  metrics_token: null, // (METRICS_TOKEN) at least 16 characters; Prometheus reads /metrics with it (Authorization: Bearer …); null closes /metrics
  body_limit: 1024 * 1024, // bytes; a larger order is answered 413
  dedupe_window: 10 * 60, // seconds in which the same order again is taken for a repetition, not for a second order
  session_idle: 12 * 60 * 60, // seconds that somebody stays signed in without a visit
  session_absolute: 7 * 24 * 60 * 60, // seconds after which he signs in anew, however often he comes by
  // registration: 'closed', // who may register for the order API (/api/docs): 'open' for everybody, 'invitation' for whom an administrator gives a code, 'closed' for nobody; default: open in local, else closed
  // retention: { payloads: 90, rejected: 14, attempts: 90 }, // days that are kept: what delivered orders hold of their buyers, refused requests, and the requests to amoCRM with their answers; null: for ever
  log_level: 'info', // (LOG_LEVEL) fatal, error, warn, info, debug, trace or silent
  // log_folder: 'var/log', // where the log is kept in files, too: one a day or 100 MB, JSON lines; default: standard output alone
  max_log_files: 14, // how many of them are kept
} satisfies AppConfig
