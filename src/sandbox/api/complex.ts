import type { Response, Router } from 'express'
import { authorOf, type Context } from '../context.ts'
import { type ComplexResult, checkComplex, createComplex } from '../crm/complex.ts'
import { requestId, writeBatch } from '../http/batch.ts'
import { sendHal } from '../http/hal.ts'
import { resource } from '../http/resource.ts'

const mostLeads = 50

/** Leads together with a contact and a company each. */
export function complexRoutes(router: Router, context: Context) {
  const { store } = context

  resource(router, '/leads/complex', {
    post(req, res) {
      const firstNewId = isControlled(res) ? store.leads.nextId() : null
      const made = writeBatch(store, req.body, {
        limit: mostLeads,
        limitStatus: context.settings.get().complex_limit_status,
        check: (item, report) => checkComplex(store, item, report),
        write: (draft, index) => ({
          ...createComplex(store, draft, firstNewId, authorOf(context, res)),
          request_id: [String(requestId(draft.lead.sent.request_id, index))],
        }),
      })
      sendHal(res, together(made))
    },
  })

  // amoCRM asks which integration it is; nobody is sure that a long-lived token tells it.
  function isControlled(res: Response) {
    return res.locals['tokenKind'] !== 'long-lived' || context.settings.get().duplicate_control_long_lived
  }
}

interface Made extends ComplexResult {
  request_id: string[]
}

/** What ended in one lead is answered once, with all its request ids. */
function together(made: Made[]): Made[] {
  const byLead = new Map<number, Made>()
  for (const each of made) {
    const request_id = [...(byLead.get(each.id)?.request_id ?? []), ...each.request_id]
    byLead.set(each.id, { ...each, request_id })
  }
  return [...byLead.values()]
}
