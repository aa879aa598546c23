import type { NextFunction, Request, Response } from 'express'
import { z } from 'zod'
import { AmocrmError } from '../amocrm/errors.ts'
import { hasLead } from '../amocrm/has-lead.ts'
import { type Admitting, acceptableReasons } from '../inbox/accept-refused.ts'
import type { Inbox } from '../inbox/inbox.ts'
import { reasons } from '../inbox/message.ts'
import type { StoredMessage } from '../inbox/queries.ts'
import { waitingStates } from '../inbox/redelivery.ts'
import { createAcceptance } from './acceptance.ts'
import type { AmocrmAccess } from './amocrm-connection.ts'
import type { Audit } from './audit.ts'
import { leadNumber } from './lead-number.ts'
import type { Route } from './routes.ts'
import { isSecondLead, wrongWords } from './second-lead.ts'
import { type Answer, againOf, type ShowTransaction } from './show-transaction.ts'
import type { Render } from './views.ts'

export interface RedeliveriesOptions {
  inbox: Inbox
  admitting: Admitting
  amocrm: AmocrmAccess
  account: string
  render: Render
  showTransaction: ShowTransaction
  audit: Audit
  log: Record<'info' | 'warn', (details: object, message: string) => void>
}

const waitingForm = z.object({
  state: z.enum(waitingStates),
  reason: z.enum(reasons).optional().catch(undefined),
})
const refusedForm = z.object({
  state: z.literal('rejected'),
  reason: z.enum(acceptableReasons),
  source: z.string().optional().catch(undefined),
})

/** Every form of an order's page sends some of these. */
const messageForm = z.object({
  words: z.string().optional().catch(undefined),
  edition: z.coerce.number().catch(0),
  outcome: z.enum(['created', 'not_created']).optional().catch(undefined),
  lead: z.string().max(2000).catch(''),
  attempts: z.coerce.number().catch(0),
  source: z.string().optional().catch(undefined),
})
type MessageForm = z.output<typeof messageForm>

/** Orders are sent again, and refused requests accepted: one, or all that wait in the same way. */
export function createRedeliveries(options: RedeliveriesOptions): Route[] {
  const { inbox, admitting, amocrm, account, showTransaction, audit, log } = options
  const accept = createAcceptance({ inbox, admitting, showTransaction, audit, tell, toPage })
  const path = '/app/transactions/redeliveries'
  return [
    { method: 'get', path, access: 'orders.see', handle: toList },
    { method: 'post', path, access: 'orders.send', handle: sendAll },
    { method: 'post', path: '/app/transactions/:id/redeliveries', access: 'orders.send', handle: send },
  ]

  function toList(req: Request, res: Response) {
    res.redirect(303, `${req.baseUrl}/app/transactions`)
  }

  async function sendAll(req: Request, res: Response) {
    const { data: waiting } = z.union([waitingForm, refusedForm]).safeParse(req.body)
    if (!waiting) return toList(req, res)
    const { state, reason } = waiting
    const queued =
      state === 'rejected'
        ? await inbox.acceptAllRefused({ account, ...waiting }, admitting)
        : await inbox.redeliverWaiting({ account, ...waiting })
    log.info({ state, reason, queued, login: loginOf(req) }, 'all sent again')
    const action = state === 'rejected' ? 'refused_accepted' : 'redelivered'
    if (queued > 0) await audit.record(req, { action, became: { state, reason, queued } })
    const filter = new URLSearchParams({ state, ...(reason ? { reason } : {}), queued: String(queued) })
    res.redirect(303, `${req.baseUrl}/app/transactions?${filter}`)
  }

  async function send(req: Request, res: Response, next: NextFunction) {
    const message = await inbox.find(String(req.params['id']))
    if (!message) return next()
    if (message.erased_at !== null) return refuse(req, res, 410, message, { problem: { text: 'order.erased.again' } })
    const form = messageForm.parse(req.body)
    if (message.state === 'rejected' || form.source !== undefined) return accept(req, res, message, form)
    if (form.outcome) return takeOutcome(req, res, message, form)
    if (form.words !== undefined) return makeAnother(req, res, message, form.words, form.edition)
    if (againOf(message) === 'another') return showTransaction(req, res, message, { asksForWords: true })
    if (await inbox.redeliver(message.id)) {
      tell(req, message, 'sent again')
      await audit.record(req, { action: 'redelivered', target: message.id, was: stateOf(message) })
    }
    toPage(req, res, message)
  }

  async function makeAnother(req: Request, res: Response, message: StoredMessage, words: string, edition: number) {
    if (againOf(message) !== 'another') return toPage(req, res, message)
    if (!isSecondLead(words)) return refuse(req, res, 422, message, { asksForWords: true, ...wrongWords(words) })
    if (await inbox.askForAnotherLead(message.id, edition)) {
      tell(req, message, 'another lead asked for', { edition })
      await audit.record(req, { action: 'another_lead', target: message.id, was: { lead: message.lead_id } })
    }
    toPage(req, res, message)
  }

  async function takeOutcome(req: Request, res: Response, message: StoredMessage, form: MessageForm) {
    if (againOf(message) !== 'unknown_outcome') return toPage(req, res, message)
    const { outcome, lead, attempts } = form
    const leadId = outcome === 'created' ? leadNumber(lead) : null
    const problem = outcome === 'created' ? await problemOf(leadId, message) : null
    if (problem) return refuse(req, res, problem.status, message, { problem, typed: lead })
    if (await inbox.tellOutcome({ id: message.id, attempts, leadId })) {
      tell(req, message, leadId === null ? 'told not to have a lead' : 'told to have a lead', { lead: leadId })
      await audit.record(req, { action: 'outcome_told', target: message.id, became: { lead: leadId } })
    }
    toPage(req, res, message)
  }

  /** What speaks against a lead being the order's; null when nothing does. */
  async function problemOf(leadId: number | null, message: StoredMessage) {
    if (leadId === null) return { status: 422, text: 'page.outcome.no_number' }
    const params = { lead: leadId }
    const owner = await inbox.findOfLead(leadId)
    if (owner && owner.id !== message.id) return { status: 409, text: 'page.outcome.taken', params }
    try {
      return (await hasLead(amocrm.client, leadId)) ? null : { status: 422, text: 'page.outcome.no_lead', params }
    } catch (error) {
      if (!(error instanceof AmocrmError)) throw error
      log.warn({ err: error, message: message.id }, 'amoCRM could not be asked for a lead')
      return { status: 502, text: 'page.outcome.cannot_ask', params: { error: error.message } }
    }
  }

  function refuse(req: Request, res: Response, status: number, message: StoredMessage, answer: Answer) {
    res.status(status)
    return showTransaction(req, res, message, answer)
  }

  function tell(req: Request, message: StoredMessage, what: string, details = {}) {
    log.info({ message: message.id, login: loginOf(req), ...details }, what)
  }

  function loginOf(req: Request) {
    return req.user?.login
  }

  function toPage(req: Request, res: Response, { id }: StoredMessage) {
    res.redirect(303, `${req.baseUrl}/app/transactions/${id}`)
  }
}

function stateOf({ state, reason }: StoredMessage) {
  return { state, reason }
}
