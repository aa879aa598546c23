import express, { type Router } from 'express'
import type { Context } from '../context.ts'
import { notFound, unauthorized } from '../http/problems.ts'
import { accountRoutes } from './account.ts'
import { catalogRoutes } from './catalogs.ts'
import { fieldRoutes } from './custom-fields.ts'
import { elementRoutes } from './elements.ts'
import { eventRoutes } from './events.ts'
import { leadRoutes } from './leads.ts'
import { linkRoutes } from './links.ts'
import { noteRoutes } from './notes.ts'
import { partyRoutes } from './parties.ts'
import { pipelineRoutes } from './pipelines.ts'
import { tagRoutes } from './tags.ts'
import { taskRoutes } from './tasks.ts'
import { webhookRoutes } from './webhooks.ts'

/** Everything under /api/v4. */
export function apiRoutes(context: Context): Router {
  const router = express.Router()
  router.use((req, res, next) => {
    const token = context.tokens.find(req.get('authorization'))
    if (!token) throw unauthorized()
    res.locals['userId'] = token.user_id
    next()
  })
  router.use((_req, res, next) => context.actor.run(Number(res.locals['userId']), next))
  for (const name of ['id', 'catalogId', 'noteId']) {
    router.param(name, (req, _res, next, value) => next(/^\d+$/.test(value) ? undefined : notFound(req)))
  }
  accountRoutes(router, context)
  fieldRoutes(router, context)
  pipelineRoutes(router, context)
  linkRoutes(router, context)
  noteRoutes(router, context)
  tagRoutes(router, context)
  catalogRoutes(router, context)
  elementRoutes(router, context)
  leadRoutes(router, context)
  partyRoutes(router, context)
  taskRoutes(router, context)
  eventRoutes(router, context)
  webhookRoutes(router, context)
  return router
}
