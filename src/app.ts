import express, { Router } from 'express'
import helmet from 'helmet'
import { pinoHttp } from 'pino-http'
import type { AmocrmAccess } from './admin/amocrm-connection.ts'
import { createPages } from './admin/pages.ts'
import { createContactWebhooks } from './amocrm/contact-webhooks.ts'
import type { Config } from './config/load.ts'
import type { Translate } from './config/translate.ts'
import type { Database } from './database/open.ts'
import type { Checkups } from './doctor/checkups.ts'
import { createHealth } from './health.ts'
import type { Inbox } from './inbox/inbox.ts'
import { createContactWebhook } from './intake/contact-webhook.ts'
import { createWebhook } from './intake/webhook.ts'
import type { Log } from './log.ts'

interface AppParts {
  config: Config
  database: Database
  inbox: Inbox
  amocrm: AmocrmAccess
  checkups: Checkups
  translate: Translate
  log: Log
  /** Unix ms. */
  now: () => number
}

/** The table of middleware and routers, in their order. */
export function createApp({ config, database, inbox, amocrm, checkups, translate, log, now }: AppParts) {
  const app = express()
  app.disable('x-powered-by')
  app.set('trust proxy', config.app.trusted_proxies)

  const parom = Router()
  parom.use(requestLog(log))
  parom.use(
    createWebhook({
      inbox,
      account: config.amo.domain,
      token: config.app.webhook_token ?? null,
      bodyLimit: config.app.body_limit,
      dedupeWindow: config.app.dedupe_window,
      translate,
      log,
    }),
  )
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
  parom.use(createPages({ config, database, inbox, amocrm, checkups, translate, log, now }))

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
        'form-action': ["'self'"],
        'base-uri': ["'none'"],
        'frame-ancestors': ["'none'"],
      },
    },
    strictTransportSecurity: https && { includeSubDomains: false },
    referrerPolicy: { policy: 'same-origin' },
  })
}
