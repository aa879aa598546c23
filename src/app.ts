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
import { createSources } from './intake/sources.ts'
import { createWebhook } from './intake/webhook.ts'
import type { Log } from './log.ts'

interface AppParts extends PagesOptions {
  translate: Translate
  log: Log
}

/** Everything that the server answers. Orders come in before Express, which takes longer than storing them does. */
export function createListener(parts: AppParts): RequestListener {
  const { config, inbox, translate, log } = parts
  const app = createApp(parts)
  const trusted = proxyAddr.compile(config.app.trusted_proxies)
  const receiveOrder = createWebhook({
    inbox,
    account: config.amo.domain,
    sources: createSources({ sources: config.sources, rateLimit: config.rateLimit, now: parts.now }),
    addressOf: (req) => addressIn(proxyAddr(req, trusted)),
    bodyLimit: config.app.body_limit,
    translate,
    log,
  })
  const logRequest = requestLog(log)
  const isOrder = isAddressedTo(`${config.app.basePath}/api/order/create`)
  return (req, res) => {
    if (!isOrder(req.url)) return app(req, res)
    if (log.isLevelEnabled('debug')) logRequest(req, res)
    receiveOrder(req, res)
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
