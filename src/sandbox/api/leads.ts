import type { Router } from 'express'
import { authorOf, type Context, presenterFor } from '../context.ts'
import { changeLead, checkChangedLead, checkNewLead, createLead } from '../crm/leads.ts'
import { checkBatch, checkOne, requestId, requestIdIfSent } from '../http/batch.ts'
import { addressOf, self, sendFound, sendHal, sendPage } from '../http/hal.ts'
import { listed } from '../http/listed.ts'
import { notFound } from '../http/problems.ts'
import { inOrder, queryOf, withOf } from '../http/query.ts'
import { numberOf, resource } from '../http/resource.ts'

export function leadRoutes(router: Router, context: Context) {
  const { store } = context

  resource(router, '/leads', {
    get(req, res) {
      const query = queryOf(req)
      const presenter = presenterFor(context, req)
      // Nothing can be deleted here yet.
      const found = withOf(query).has('only_deleted') ? [] : listed(context, query, store.leads.all())
      const records = inOrder(query, ['created_at', 'updated_at', 'id'], found)
      sendPage({ req, res, name: 'leads', records, show: (lead) => presenter.lead(lead, withOf(query)) })
    },
    post(req, res) {
      const presenter = presenterFor(context, req)
      const leads = store.write(() =>
        checkBatch(req.body, (item, report) => checkNewLead(store, item, report)).map((draft, index) => {
          const lead = createLead(store, draft, authorOf(context, res))
          return { ...presenter.reference('leads', lead.id), request_id: requestId(draft.sent.request_id, index) }
        }),
      )
      sendHal(res, { ...self(addressOf(req)), _embedded: { leads } })
    },
    patch(req, res) {
      const { reference } = presenterFor(context, req)
      const leads = store.write(() =>
        checkBatch(req.body, (item, report) => checkChangedLead(store, undefined, item, report)).map(
          ({ before, draft }) => {
            const { id, updated_at } = changeLead(store, before, draft, authorOf(context, res))
            return { updated_at, ...requestIdIfSent(draft.sent.request_id), ...reference('leads', id) }
          },
        ),
      )
      sendHal(res, { ...self(addressOf(req)), _embedded: { leads } })
    },
  })

  resource(router, '/leads/:id', {
    get(req, res) {
      const lead = store.leads.get(numberOf(req, 'id'))
      sendFound(res, lead && presenterFor(context, req).lead(lead, withOf(queryOf(req))))
    },
    patch(req, res) {
      const id = numberOf(req, 'id')
      if (!store.leads.get(id)) throw notFound(req)
      const { updated_at } = store.write(() => {
        const { before, draft } = checkOne(req.body, (item, report) => checkChangedLead(store, id, item, report))
        return changeLead(store, before, draft, authorOf(context, res))
      })
      sendHal(res, { updated_at, ...presenterFor(context, req).reference('leads', id) })
    },
  })
}
