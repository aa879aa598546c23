import { fileURLToPath } from 'node:url'
import express, { type Express } from 'express'
import qs from 'qs'
import { apiRoutes } from './api/router.ts'
import type { Context } from './context.ts'
import { adminRoutes } from './control/admin.ts'
import { gateway } from './control/gateway.ts'
import { refuseStrangers } from './control/strangers.ts'
import { answerNotFound, answerProblem } from './http/problems.ts'
import { consentRoutes } from './oauth/consent.ts'
import { refuseWrongHost } from './oauth/hosts.ts'
import { answerUnreadable, oauthRoutes } from './oauth/token-endpoint.ts'
import { pageRoutes } from './pages/routes.ts'

export function createApp(context: Context): Express {
  const { faults, journal, rateLimit, settings, tokens } = context
  const noteBody = { verify: journal.noteBody }
  const app = express()
  app.disable('x-powered-by').set('etag', false)
  // `extended` gives up at 20 entries of a list; clients ask for 250 ids at once.
  app.set('query parser', (text: string) => qs.parse(text, { arrayLimit: 1000, parameterLimit: 10_000 }))

  for (const name of ['sandbox.css', 'sandbox-records.css', 'sandbox-controls.css', 'sandbox.js'])
    app.use(`/__sandbox/${name}`, express.static(asset(`public/${name}`)))
  app.use('/__sandbox/consent.css', express.static(asset('public/sandbox-consent.css')))
  app.use('/__sandbox/consent.js', express.static(asset('public/sandbox-consent.js')))
  app.use('/auth/button.min.js', express.static(asset('public/sandbox-button.js')))
  app.use('/__sandbox', refuseStrangers)
  app.use(['/api', '/oauth2'], journal.record)
  app.use('/api', gateway(settings))
  app.use(
    '/api',
    rateLimit.check((authorization) => tokens.find(authorization)?.client_id),
  )
  // A request is read whole before a fault strikes: the work of one that was delayed is done even if its sender left.
  app.use('/api', express.json({ limit: '10mb', type: () => true, ...noteBody }))
  app.use('/oauth2', express.json({ limit: '1mb', ...noteBody }), express.urlencoded({ extended: false, ...noteBody }))
  app.use('/oauth2/access_token', journal.noteGrant, answerUnreadable)
  app.use(['/api', '/oauth2'], faults.apply)
  app.use(['/api/v4', '/oauth2/access_token'], refuseWrongHost(context))
  app.use('/api/v4', apiRoutes(context))
  app.use('/oauth2', oauthRoutes(context))
  app.use('/oauth', consentRoutes(context))
  app.use(refuseStrangers, pageRoutes(context))
  app.use('/__sandbox', adminRoutes(context))
  app.use(answerNotFound)
  app.use(answerProblem(context.log))
  return app
}

const asset = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))
