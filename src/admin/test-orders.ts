import type { NextFunction, Request, Response } from 'express'
import type { Amocrm } from '../amocrm/client.ts'
import { AmocrmError } from '../amocrm/errors.ts'
import { hasLead } from '../amocrm/has-lead.ts'
import { closeLead } from '../amocrm/leads.ts'
import type { Warning } from '../inbox/message.ts'
import type { StoredMessage } from '../inbox/queries.ts'
import type { Audit } from './audit.ts'
import { asMessage, type BenchOptions, benchForm, benchFormLimit, messageOf } from './bench.ts'
import type { Problem } from './rehearsing.ts'
import type { Route } from './routes.ts'

interface TestOrdersOptions extends BenchOptions {
  client: Amocrm
  /** Host of the account, as configured. */
  account: string
  audit: Audit
  log: { info: (details: object, message: string) => void }
}

/** `/app/mapping/tests`: an order goes the way of all orders to a lead that is marked, and the lead is closed afterwards. */
export function createTestOrders(options: TestOrdersOptions): Route[] {
  const { inbox, admitting, rehearsal, client, account, audit, log, languages, render } = options
  const access = 'orders.send'
  const toBench = (req: Request, res: Response) => res.redirect(`${req.baseUrl}/app/mapping/bench`)
  return [
    { method: 'post', path: '/app/mapping/tests', access, formLimit: benchFormLimit, handle: send },
    { method: 'get', path: '/app/mapping/tests', access, handle: toBench },
    { method: 'get', path: '/app/mapping/tests/:id', access, handle: open },
    { method: 'post', path: '/app/mapping/tests/:id/cleanings', access, handle: clean },
    { method: 'get', path: '/app/mapping/tests/:id/cleanings', access, handle: toBench },
  ]

  async function send(req: Request, res: Response) {
    const form = benchForm.parse(req.body)
    const stored = form.message && (await inbox.find(form.message))
    const message = stored ? asMessage(stored) : messageOf(form, admitting.sources)
    const fault = stored && stored.erased_at !== null ? { text: 'order.erased.plan' } : null
    const problem = form.token
      ? (fault ?? rehearsal.refusalOf(message.contentType, message.body))
      : { text: 'mapping.test.stale' }
    if (problem) return refuse(req, res, problem)
    const { source, contentType, body, format = null, code } = message
    // The form's token is the key, so that a second click is the same order again.
    const key = { dedupeKey: `test:${form.token}`, dedupeWindow: null }
    const { id, duplicate } = await inbox.accept({
      account,
      source,
      contentType,
      body,
      headers: {},
      isTest: true,
      format,
      ...(code ? { code } : {}),
      ...key,
    })
    if (!duplicate) {
      log.info({ message: id, login: req.user?.login }, 'test order sent')
      await audit.record(req, { action: 'test_order_sent', target: id })
    }
    toPage(req, res, id)
  }

  function refuse(req: Request, res: Response, problem: Problem) {
    res.status(422)
    render(req, res, 'error.njk', {
      title: 'mapping.test.refused',
      problem: languages.translateFor(req)(problem.text, problem.params),
    })
  }

  async function open(req: Request, res: Response, next: NextFunction) {
    const message = await find(req)
    if (!message) return next()
    await show(req, res, message)
  }

  async function clean(req: Request, res: Response, next: NextFunction) {
    const message = await find(req)
    if (!message) return next()
    const { id, lead_id, test } = message
    if (lead_id === null || test !== 'sent') return toPage(req, res, id)
    try {
      // Somebody may have deleted it there already.
      if (await hasLead(client, lead_id)) await closeLead(client, lead_id)
    } catch (error) {
      if (!(error instanceof AmocrmError)) throw error
      res.status(502)
      return show(req, res, message, { text: 'mapping.test.not_cleaned', params: { error: error.message } })
    }
    if (await inbox.testCleaned(id))
      await audit.record(req, { action: 'test_order_cleaned', target: id, became: { lead: lead_id } })
    toPage(req, res, id)
  }

  async function show(req: Request, res: Response, message: StoredMessage, problem?: Problem) {
    const [attempt] = await inbox.attempts(message.id)
    const warnings: Warning[] = message.warnings ? JSON.parse(message.warnings) : []
    render(req, res, 'mapping/test-order.njk', {
      message,
      problem,
      steps: attempt?.steps ?? [],
      isUnderWay: ['pending', 'held'].includes(message.state),
      made: warnings.filter(({ code }) => isMade(code)),
      warnings: warnings.filter(({ code }) => !isMade(code)),
    })
  }

  async function find(req: Request) {
    const message = await inbox.find(String(req.params['id']))
    return message?.test ? message : null
  }

  function toPage(req: Request, res: Response, id: string) {
    res.redirect(303, `${req.baseUrl}/app/mapping/tests/${id}`)
  }
}

/** Whether the warning tells of what the order has made beside its lead. */
function isMade(code: string) {
  return /(?<!_not)_created$/.test(code)
}
