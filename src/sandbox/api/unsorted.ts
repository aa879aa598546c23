import type { Request, Response, Router } from 'express'
import { z } from 'zod'
import { authorOf, type Context, presenterFor } from '../context.ts'
import { checkPlace } from '../crm/leads.ts'
import { accept, type Category, checkNewUnsorted, createUnsorted, decline } from '../crm/unsorted.ts'
import { checkBatch, type Report, readShape, requestId, writeBatch } from '../http/batch.ts'
import { addressOf, self, sendHal, sendPage } from '../http/hal.ts'
import { notFound } from '../http/problems.ts'
import { at, fits, inOrder, listOf, queryOf } from '../http/query.ts'
import { resource } from '../http/resource.ts'
import type { Unsorted } from '../store/entities.ts'

/** Leads that nobody has looked at yet, with what came with them. */
export function unsortedRoutes(router: Router, context: Context) {
  const { store } = context

  for (const category of ['forms', 'sip'] as const) {
    resource(router, `/leads/unsorted/${category}`, { post: (req, res) => create(req, res, category) })
  }

  resource(router, '/leads/unsorted', {
    get(req, res) {
      const show = presenterFor(context, req).unsorted
      sendPage({ req, res, name: 'unsorted', records: waiting(req), show })
    },
  })

  resource(router, '/leads/unsorted/summary', {
    get: (req, res) => sendHal(res, { ...summary(req), ...self(addressOf(req)) }),
  })

  resource(router, '/leads/unsorted/:uid', {
    get: (req, res) => sendHal(res, presenterFor(context, req).unsorted(requireUnsorted(req))),
  })

  resource(router, '/leads/unsorted/:uid/accept', {
    post(req, res) {
      const unsorted = requireUnsorted(req)
      const by = authorOf(context, res)
      const accepted = store.write(() => {
        const { user_id = by.userId, status_id } = readDecision(req, (item, report) => {
          const sent = checkDecision(item, report)
          const place = checkPlace(store, { pipeline_id: unsorted.pipeline_id, status_id: sent?.status_id }, report)
          return sent && place && { user_id: sent.user_id, status_id: place.status_id }
        })
        return accept(store, unsorted, user_id, status_id, by)
      })
      sendHal(res, presenterFor(context, req).settledUnsorted(accepted))
    },
  })

  resource(router, '/leads/unsorted/:uid/decline', {
    delete(req, res) {
      const unsorted = requireUnsorted(req)
      const { userId, clock } = authorOf(context, res)
      const declined = store.write(() => {
        const { user_id = userId } = readDecision(req, checkDecision)
        return decline(store, unsorted, { userId: user_id, clock })
      })
      sendHal(res, presenterFor(context, req).settledUnsorted(declined))
    },
  })

  function create(req: Request, res: Response, category: Category) {
    const { addedUnsorted } = presenterFor(context, req)
    const created = writeBatch(store, req.body, {
      check: (item, report) => checkNewUnsorted(store, category, item, report),
      write: (draft, index) =>
        addedUnsorted(
          createUnsorted(store, category, draft, authorOf(context, res)),
          requestId(draft.sent.request_id, index),
        ),
    })
    sendHal(res, { _total_items: created.length, ...self(addressOf(req)), _embedded: { unsorted: created } })
  }

  function waiting(req: Request): Unsorted[] {
    const query = queryOf(req)
    const [uids, categories, pipelines] = ['uid', 'category', 'pipeline_id'].map((key) =>
      listOf(at(query, 'filter', key)),
    )
    const found = store.unsorted.all().filter(({ id, category, pipeline_id, outcome }) => {
      if (outcome !== null || !fits(uids ?? [], id)) return false
      return fits(categories ?? [], category) && fits(pipelines ?? [], pipeline_id)
    })
    // By the lead, because the uid is no number.
    const sortable = found.map((unsorted) => ({ ...unsorted, unsorted, id: unsorted.lead_id }))
    return inOrder(query, ['created_at', 'updated_at'], sortable).map(({ unsorted }) => unsorted)
  }

  function summary(req: Request) {
    const all = store.unsorted.all()
    const settled = all.filter(({ outcome }) => outcome !== null)
    const spent = settled.reduce((sum, { created_at, updated_at }) => sum + updated_at - created_at, 0)
    const open = waiting(req)
    const total = (category: string) => ({ total: open.filter((each) => each.category === category).length })
    return {
      total: open.length,
      accepted: settled.filter(({ outcome }) => outcome === 'accepted').length,
      declined: settled.filter(({ outcome }) => outcome === 'declined').length,
      average_sort_time: settled.length === 0 ? 0 : Math.round(spent / settled.length),
      categories: { sip: total('sip'), mail: total('mail'), forms: total('forms'), chats: total('chats') },
    }
  }

  function requireUnsorted(req: Request): Unsorted {
    const unsorted = store.unsorted.get(String(req.params['uid']))
    if (!unsorted || unsorted.outcome !== null) throw notFound(req)
    return unsorted
  }

  function checkDecision(item: unknown, report: Report) {
    const sent = readShape(decisionShape, item, report)
    if (sent?.user_id !== undefined && !store.users.get(sent.user_id)) report('NotSupportedChoice', 'user_id')
    return sent
  }
}

const decisionShape = z.strictObject({ user_id: z.int().optional(), status_id: z.int().optional() })

// Both are decisions without a body just as well.
function readDecision<T>(req: Request, check: (item: unknown, report: Report) => T | undefined): T {
  const [decision] = checkBatch([req.body ?? {}], check)
  if (decision === undefined) throw new Error('A decision without faults gave nothing')
  return decision
}
