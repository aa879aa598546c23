import type { Request, Router } from 'express'
import { type Context, presenterFor } from '../context.ts'
import {
  changePipeline,
  checkChangedPipeline,
  checkNewPipeline,
  createPipeline,
  removePipeline,
} from '../crm/pipelines.ts'
import { checkOne, writeBatch } from '../http/batch.ts'
import { addressOf, self, sendHal, sendNothing, sendPage } from '../http/hal.ts'
import { notFound } from '../http/problems.ts'
import { inOrder, queryOf } from '../http/query.ts'
import { numberOf, resource } from '../http/resource.ts'
import type { Store } from '../store/store.ts'
import { adminsOnly } from './rights.ts'

export function pipelineRoutes(router: Router, context: Context) {
  const { store } = context

  resource(router, '/leads/pipelines', {
    get(req, res) {
      const shown = store.pipelines.all().map(presenterFor(context, req).pipeline)
      sendHal(res, { _total_items: shown.length, ...self(addressOf(req)), _embedded: { pipelines: shown } })
    },
    post(req, res) {
      adminsOnly(context, res)
      const created = writeBatch(store, req.body, {
        check: (item, report) => checkNewPipeline(store, item, report),
        write: (sent) => createPipeline(store, sent).id,
      })
      const pipelines = created.map((id) => presenterFor(context, req).pipeline(requirePipeline(store, req, id)))
      sendHal(res, { _total_items: pipelines.length, ...self(addressOf(req)), _embedded: { pipelines } })
    },
  })

  resource(router, '/leads/pipelines/:id', {
    get(req, res) {
      const pipeline = requirePipeline(store, req, numberOf(req, 'id'))
      sendHal(res, presenterFor(context, req).pipeline(pipeline))
    },
    patch(req, res) {
      adminsOnly(context, res)
      const before = requirePipeline(store, req, numberOf(req, 'id'))
      const changed = store.write(() => changePipeline(store, before, checkOne(req.body, checkChangedPipeline)))
      sendHal(res, presenterFor(context, req).pipeline(changed))
    },
    delete(req, res) {
      adminsOnly(context, res)
      const pipeline = requirePipeline(store, req, numberOf(req, 'id'))
      store.write(() => removePipeline(store, pipeline))
      sendNothing(res)
    },
  })

  resource(router, '/leads/loss_reasons', {
    get(req, res) {
      const show = presenterFor(context, req).lossReason
      const records = inOrder(queryOf(req), ['sort', 'id'], store.loss_reasons.all())
      sendPage({ req, res, name: 'loss_reasons', records, show, counted: 'items' })
    },
  })

  resource(router, '/leads/loss_reasons/:id', {
    get(req, res) {
      const reason = store.loss_reasons.get(numberOf(req, 'id'))
      if (!reason) throw notFound(req)
      sendHal(res, presenterFor(context, req).lossReason(reason))
    },
  })
}

export function requirePipeline(store: Store, req: Request, id: number) {
  const pipeline = store.pipelines.get(id)
  if (!pipeline) throw notFound(req)
  return pipeline
}
