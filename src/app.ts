import type { RequestListener } from 'node:http'
import express, { type ErrorRequestHandler, type RequestHandler, Router } from 'express'
import helmet from 'helmet'
import { createPages, type PagesOptions } from './admin/pages.ts'
import { createContactWebhooks } from './amocrm/contact-webhooks.ts'
import type { Translate } from './config/translate.ts'
import type { RateLimits } from './inbox/rate-limits.ts'
import { createContactWebhook } from './intake/contact-webhook.ts'
import { createReception } from './intake/reception.ts'
import { createSources } from './intake/sources.ts'
import { createWebhook } from './intake/webhook.ts'
import type { Channels, Log } from './log/log.ts'
import type { Metrics } from './metrics/metrics.ts'
import { createScrape } from './metrics/scrape.ts'
import { apiFormats } from './order/order.ts'
import { createAccounts } from './order-api/accounts.ts'
import type { OrderCodes } from './order-api/order-codes.ts'
import { createOrderReceiver } from './order-api/receive-orders.ts'
import { createThrottle } from './people/throttle.ts'
import { createRequestLog } from './request-log.ts'
import { addressOf, trustOf } from './trusted-proxies.ts'

interface AppParts extends PagesOptions {
  orderApi: PagesOptions['orderApi'] & { codes: OrderCodes }
  limits: RateLimits
  translate: Translate
  metrics: Metrics
  log: Log
  channels: Channels
}

/** Everything that the server answers. Orders come in before Express, which takes longer than storing them does. */
export function createListener(parts: AppParts): RequestListener {
  const { config, inbox, limits, translate, log, channels } = parts
  const trusted = trustOf(config.app.trusted_proxies, config.app.socket !== null)
  const requests = createRequestLog({ log: channels.request, trusted, basePath: config.app.basePath })
  const app = createApp(parts, requests.middleware)
  const reception = createReception({
    inbox,
    account: config.amo.domain,
    addressOf: (req) => addressOf(req, trusted),
    requestIdOf: requests.idOf,
    notStored: parts.metrics.notStored,
    answered: requests.ofOrder,
    bodyLimit: config.app.body_limit,
    log,
  })
  const sources = createSources({ sources: config.sources, rateLimit: config.rateLimit, limits, now: parts.now })
  const orderReceiver = createOrderReceiver({
    ...{ reception, ...parts.orderApi, translate, limits },
    dedupeWindow: config.app.dedupe_window * 1000,
  })
  const receivers = [
    { path: 'order/create', receive: createWebhook({ reception, sources, translate }) },
    ...apiFormats.map((format) => ({ path: format, receive: orderReceiver(format) })),
  ].map(({ path, receive }) => ({ isMeant: isAddressedTo(`${config.app.basePath}/api/${path}`), receive }))
  return (req, res) => {
    const receiver = receivers.find(({ isMeant }) => isMeant(req.url))
    if (receiver) receiver.receive(req, res)
    else app(req, res)
  }
}

/** With or without a slash at its end or a host before it, in capitals or not, as the rest of the addresses are. */
function isAddressedTo(path: string) {
  const pattern = new RegExp(`^(https?://[^/?]+)?${path}/?(\\?|$)`, 'i')
  return (url = '') => pattern.test(url)
}

/** The table of middleware and routers, in their order. */
function createApp(parts: AppParts, logRequest: RequestHandler) {
  const { config, database, translate, log, channels, now } = parts
  const app = express()
  app.disable('x-powered-by')
  app.set('env', 'production')
  app.set('trust proxy', trustOf(config.app.trusted_proxies, config.app.socket !== null))

  const parom = Router()
  parom.use(logRequest)
  parom.use(securityHeaders(config.app.https))
  parom.use(
    createContactWebhook({
      ...createContactWebhooks({
        db: database.db,
        account: config.amo.domain,
        partnerFieldId: config.amo.contact_cf_partner_id,
        now,
      }),
      token: config.app.webhook_token ?? null,
      bodyLimit: config.app.body_limit,
      translate,
      log,
    }),
  )
  parom.get(
    '/metrics',
    createScrape({
      metrics: parts.metrics,
      token: config.app.metrics_token ?? null,
      isOpen: config.env === 'local',
      translate,
    }),
  )
  const throttle = createThrottle(database.db, now)
  parom.use(
    createAccounts({
      ...parts.orderApi,
      registration: config.app.registration,
      throttle,
      translate,
      log: channels.auth,
    }),
  )
  parom.use(createPages(parts))

  app.use(config.app.basePath || '/', parom)
  app.use(answerFailure(log))
  return app
}

/** Of what nobody has caught, or too late to answer. Express would print the error with all that it bears. */
function answerFailure(log: Log): ErrorRequestHandler {
  return (err, _req, res, _next) => {
    log.error({ err }, 'request failed')
    if (!res.headersSent) return void res.sendStatus(500)
    // Half of an answer must not look like a whole one.
    if (!res.writableEnded) res.destroy()
  }
}

function securityHeaders(https: boolean) {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'style-src': ["'self'"],
        'img-src': ["'self'"],
        'script-src': ["'self'"],
        'connect-src': ["'self'"],
        'form-action': ["'self'"],
        'base-uri': ["'none'"],
        'frame-ancestors': ["'none'"],
      },
    },
    strictTransportSecurity: https && { includeSubDomains: false },
    referrerPolicy: { policy: 'same-origin' },
  })
}
