import express, { type Router } from 'express'
import type { Context } from '../context.ts'
import { notFound, paymentRequired, unauthorized } from '../http/problems.ts'
import { accountRoutes } from './account.ts'
import { catalogRoutes } from './catalogs.ts'
import { complexRoutes } from './complex.ts'
import { fieldRoutes } from './custom-fields.ts'
import { elementRoutes } from './elements.ts'
import { renameErrors } from './error-codes.ts'
import { eventRoutes } from './events.ts'
import { leadRoutes } from './leads.ts'
import { linkRoutes } from './links.ts'
import { noteRoutes } from './notes.ts'
import { partyRoutes } from './parties.ts'
import { pipelineRoutes } from './pipelines.ts'
import { actingUser, refuseUnpaid } from './rights.ts'
import { statusRoutes } from './statuses.ts'
import { tagRoutes } from './tags.ts'
import { taskRoutes } from './tasks.ts'
import { unsortedRoutes } from './unsorted.ts'
import { webhookRoutes } from './webhooks.ts'

/** Everything under /api/v4. */
export function apiRoutes(context: Context): Router {
  const router = express.Router()
  router.use((req, res, next) => {
    const token = context.tokens.find(req.get('authorization'))
    if (!token) throw unauthorized()
    res.locals['userId'] = actingUser(context, req, token.user_id)
    res.locals['clientId'] = token.client_id
    res.locals['tokenKind'] = token.kind
    res.locals['settings'] = context.settings.get()
    next()
  })
  router.use(refuseUnpaid(context))
  router.use((_req, res, next) => context.actor.run(Number(res.locals['userId']), next))
  for (const name of ['id', 'catalogId', 'noteId', 'pipelineId']) {
    router.param(name, (req, _res, next, value) => next(/^\d+$/.test(value) ? undefined : notFound(req)))
  }
  router.use('/customers', () => {
    // Customers are a paid function that is switched off here.
    throw paymentRequired()
  })
  accountRoutes(router, context)
  fieldRoutes(router, context)
  pipelineRoutes(router, context)
  statusRoutes(router, context)
  linkRoutes(router, context)
  noteRoutes(router, context)
  tagRoutes(router, context)
  catalogRoutes(router, context)
  elementRoutes(router, context)
  unsortedRoutes(router, context)
  complexRoutes(router, context)
  leadRoutes(router, context)
  partyRoutes(router, context)
  taskRoutes(router, context)
  eventRoutes(router, context)
  webhookRoutes(router, context)
  router.use(renameErrors(context))
  return router
}
