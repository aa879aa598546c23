import type { Request, Router } from 'express'
import { type Context, presenterFor } from '../context.ts'
import { mostStatuses, nextStatusId } from '../crm/pipelines.ts'
import { addStatus, changeStatus, checkChangedStatus, checkNewStatus, removeStatus } from '../crm/statuses.ts'
import { checkOne, writeBatch } from '../http/batch.ts'
import { addressOf, self, sendHal, sendNothing } from '../http/hal.ts'
import { notFound, refused } from '../http/problems.ts'
import { queryOf, withOf } from '../http/query.ts'
import { numberOf, resource } from '../http/resource.ts'
import type { Pipeline, Status } from '../store/entities.ts'
import { requirePipeline } from './pipelines.ts'
import { adminsOnly } from './rights.ts'

/** The stages of one pipeline. */
export function statusRoutes(router: Router, context: Context) {
  const { store } = context

  resource(router, '/leads/pipelines/:pipelineId/statuses', {
    get(req, res) {
      const pipeline = pipelineOf(req)
      const statuses = pipeline.statuses.map((status) => show(req, pipeline, status))
      sendHal(res, { _total_items: statuses.length, ...self(addressOf(req)), _embedded: { statuses } })
    },
    post(req, res) {
      adminsOnly(context, res)
      const statuses = writeBatch(store, req.body, {
        check(item, report) {
          const isFull = pipelineOf(req).statuses.length >= mostStatuses
          if (isFull) throw refused(`A pipeline can have ${mostStatuses} statuses`)
          return checkNewStatus(item, report)
        },
        write: (sent) => show(req, pipelineOf(req), addStatus(store, pipelineOf(req), nextStatusId(store), sent)),
      })
      sendHal(res, { _total_items: statuses.length, ...self(addressOf(req)), _embedded: { statuses } })
    },
  })

  resource(router, '/leads/pipelines/:pipelineId/statuses/:id', {
    get: (req, res) => sendHal(res, show(req, pipelineOf(req), statusOf(req))),
    patch(req, res) {
      adminsOnly(context, res)
      const before = statusOf(req)
      const changed = store.write(() => {
        const sent = checkOne(req.body, (item, report) => checkChangedStatus(before, item, report))
        return changeStatus(store, pipelineOf(req), before, sent)
      })
      sendHal(res, show(req, pipelineOf(req), changed))
    },
    delete(req, res) {
      adminsOnly(context, res)
      const status = statusOf(req)
      store.write(() => removeStatus(store, pipelineOf(req), status))
      sendNothing(res)
    },
  })

  function pipelineOf(req: Request) {
    return requirePipeline(store, req, numberOf(req, 'pipelineId'))
  }

  function statusOf(req: Request): Status {
    const status = pipelineOf(req).statuses.find(({ id }) => id === numberOf(req, 'id'))
    if (!status) throw notFound(req)
    return status
  }

  function show(req: Request, pipeline: Pipeline, status: Status) {
    return presenterFor(context, req).status(pipeline, status, withOf(queryOf(req)))
  }
}
