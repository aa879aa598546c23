import type { RequestListener } from 'node:http'
import { isIP } from 'node:net'
import express, { Router } from 'express'
import helmet from 'helmet'
import { pinoHttp } from 'pino-http'
import proxyAddr from 'proxy-addr'
import { createPages, type PagesOptions } from './admin/pages.ts'
import { createContactWebhooks } from './amocrm/contact-webhooks.ts'
import type { Translate } from './config/translate.ts'
import { createHealth } from './health.ts'
import { createContactWebhook } from './intake/contact-webhook.ts'
import { createReception } from './intake/reception.ts'
import { createSources } from './intake/sources.ts'
import { createWebhook } from './intake/webhook.ts'
import type { Log } from './log.ts'
import { apiFormats } from './order/order.ts'
import { createAccounts } from './order-api/accounts.ts'
import type { OrderCodes } from './order-api/order-codes.ts'
import { createOrderReceiver } from './order-api/receive-orders.ts'
import { createThrottle } from './people/throttle.ts'

interface AppParts extends PagesOptions {
  orderApi: PagesOptions['orderApi'] & { codes: OrderCodes }
  translate: Translate
  log: Log
}

/** Everything that the server answers. Orders come in before Express, which takes longer than storing them does. */
export function createListener(parts: AppParts): RequestListener {
  const { config, inbox, translate, log } = parts
  const app = createApp(parts)
  const trusted = proxyAddr.compile(config.app.trusted_proxies)
  const reception = createReception({
    inbox,
    account: config.amo.domain,
    addressOf: (req) => addressIn(proxyAddr(req, trusted)),
    bodyLimit: config.app.body_limit,
    log,
  })
  const sources = createSources({ sources: config.sources, rateLimit: config.rateLimit, now: parts.now })
  const orderReceiver = createOrderReceiver({
    ...{ reception, ...parts.orderApi, translate, now: parts.now },
    dedupeWindow: config.app.dedupe_window * 1000,
  })
  const receivers = [
    { path: 'order/create', receive: createWebhook({ reception, sources, translate }) },
    ...apiFormats.map((format) => ({ path: format, receive: orderReceiver(format) })),
  ].map(({ path, receive }) => ({ isMeant: isAddressedTo(`${config.app.basePath}/api/${path}`), receive }))
  const logRequest = requestLog(log)
  return (req, res) => {
    const receiver = receivers.find(({ isMeant }) => isMeant(req.url))
    if (!receiver) return app(req, res)
    if (log.isLevelEnabled('debug')) logRequest(req, res)
    receiver.receive(req, res)
  }
}

/** A proxy can say anything, and of who has hung up there is none. */
function addressIn(told: string | undefined) {
  return told && isIP(told) ? told.replace(/^::ffff:(?=\d+\.)/i, '') : null
}

/** With or without a slash at its end or a host before it, in capitals or not, as the rest of the addresses are. */
function isAddressedTo(path: string) {
  const pattern = new RegExp(`^(https?://[^/?]+)?${path}/?(\\?|$)`, 'i')
  return (url = '') => pattern.test(url)
}

/** The table of middleware and routers, in their order. */
function createApp(parts: AppParts) {
  const { config, database, translate, log, now } = parts
  const app = express()
  app.disable('x-powered-by')
  app.set('trust proxy', config.app.trusted_proxies)

  const parom = Router()
  parom.use(requestLog(log))
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
  parom.use('/health', createHealth(database))
  parom.use(securityHeaders(config.app.https))
  const throttle = createThrottle(database.db, now)
  parom.use(createAccounts({ ...parts.orderApi, registration: config.app.registration, throttle, translate, log }))
  parom.use(createPages(parts))

  app.use(config.app.basePath || '/', parom)
  return app
}

/** One line per request, without headers, bodies, the query or the rest of an invitation's path: they may hold a token. */
function requestLog(log: Log) {
  return pinoHttp({
    logger: log,
    serializers: {
      req: ({ method, url }: { method: string; url: string }) => ({
        method,
        path: url.split('?')[0]?.replace(/(\/invitations\/).+/i, '$1…'),
      }),
      res: ({ statusCode }: { statusCode: number }) => ({ status: statusCode }),
    },
    customLogLevel: (_req, res, error) => (error || res.statusCode >= 500 ? 'error' : 'debug'),
  })
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
