import type { Router } from 'express'
import { type Context, presenterFor } from '../context.ts'
import { addressOf, self, sendHal } from '../http/hal.ts'
import { notFound } from '../http/problems.ts'
import { numberOf, resource } from '../http/resource.ts'

export function pipelineRoutes(router: Router, context: Context) {
  const { pipelines } = context.store

  resource(router, '/leads/pipelines', {
    get(req, res) {
      const shown = pipelines.all().map(presenterFor(context, req).pipeline)
      sendHal(res, { _total_items: shown.length, ...self(addressOf(req)), _embedded: { pipelines: shown } })
    },
  })

  resource(router, '/leads/pipelines/:id', {
    get(req, res) {
      const pipeline = pipelines.get(numberOf(req, 'id'))
      if (!pipeline) throw notFound(req)
      sendHal(res, presenterFor(context, req).pipeline(pipeline))
    },
  })
}
