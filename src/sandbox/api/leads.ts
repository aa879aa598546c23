import type { Router } from 'express'
import { authorOf, type Context, presenterFor } from '../context.ts'
import { changeLead, checkChangedLead, checkNewLead, createLead } from '../crm/leads.ts'
import { checkOne, requestId, requestIdIfSent, writeBatch } from '../http/batch.ts'
import { addressOf, self, sendFound, sendHal, sendPage } from '../http/hal.ts'
import { notFound } from '../http/problems.ts'
import { inOrder, type QueryValue, queryOf, withOf } from '../http/query.ts'
import { numberOf, resource } from '../http/resource.ts'
import { listed } from '../search/listed.ts'
import type { Lead } from '../store/entities.ts'
import { isThere, live } from '../store/live.ts'

export function leadRoutes(router: Router, context: Context) {
  const { store } = context

  resource(router, '/leads', {
    get(req, res) {
      const query = queryOf(req)
      const presenter = presenterFor(context, req)
      const asked = withOf(query)
      const records = inOrder(query, ['created_at', 'updated_at', 'id'], found(query, asked))
      const show = (lead: Lead) =>
        asked.has('only_deleted') ? presenter.deletedLead(lead) : presenter.lead(lead, asked)
      sendPage({ req, res, name: 'leads', records, show })
    },
    post(req, res) {
      const { reference } = presenterFor(context, req)
      const leads = writeBatch(store, req.body, {
        check: (item, report) => checkNewLead(store, item, report),
        write(draft, index) {
          const lead = createLead(store, draft, authorOf(context, res))
          return { ...reference('leads', lead.id), request_id: requestId(draft.sent.request_id, index) }
        },
      })
      sendHal(res, { ...self(addressOf(req)), _embedded: { leads } })
    },
    patch(req, res) {
      const { reference } = presenterFor(context, req)
      const leads = writeBatch(store, req.body, {
        check: (item, report) => checkChangedLead(store, undefined, item, report),
        write({ before, draft }) {
          const { id, updated_at } = changeLead(store, before, draft, authorOf(context, res))
          return { updated_at, ...requestIdIfSent(draft.sent.request_id), ...reference('leads', id) }
        },
      })
      sendHal(res, { ...self(addressOf(req)), _embedded: { leads } })
    },
  })

  resource(router, '/leads/:id', {
    get(req, res) {
      const lead = live(store, 'leads', numberOf(req, 'id'))
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

  function found(query: QueryValue, asked: Set<string>): Lead[] {
    const all = store.leads.all()
    if (asked.has('only_deleted')) return all.filter((lead) => !isThere(lead))
    const { unsorted_leads_listed } = context.settings.get()
    const visible = all.filter((lead) => isThere(lead) && (unsorted_leads_listed || !lead.is_unsorted))
    return listed(context, 'leads', query, visible)
  }
}
