import type { NextFunction, Request, RequestHandler, Response } from 'express'
import type { Admitting } from '../inbox/accept-refused.ts'
import type { Inbox } from '../inbox/inbox.ts'
import type { StoredMessage } from '../inbox/queries.ts'
import { receivedOf } from '../inbox/received.ts'
import type { Languages } from './language.ts'
import { bodyText, fileName, prettyText, readableBody } from './received.ts'
import type { Rehearsing } from './rehearsing.ts'
import type { Route } from './routes.ts'
import type { Render } from './views.ts'

export interface PartsOptions {
  inbox: Inbox
  admitting: Admitting
  rehearsal: Rehearsing
  languages: Languages
  render: Render
}

/** What the page of an order loads when somebody asks for it. */
export function createTransactionParts({ inbox, admitting, rehearsal, languages, render }: PartsOptions): Route[] {
  const access = 'orders.read'
  return [
    { method: 'get', path: '/app/transactions/:id/plan', access, handle: found(plan) },
    { method: 'get', path: '/app/transactions/:id/body', access, handle: found(download) },
    { method: 'get', path: '/app/transactions/:id/text', access, handle: found(text) },
  ]

  function found(answer: (req: Request, res: Response, message: StoredMessage) => unknown): RequestHandler {
    return async (req: Request, res: Response, next: NextFunction) => {
      const message = await inbox.find(String(req.params['id']))
      return message ? answer(req, res, message) : next()
    }
  }

  /** What would become of the order now; the part alone for the order's page, else a page of its own. */
  async function plan(req: Request, res: Response, message: StoredMessage) {
    const { id, state } = message
    const isPart = req.headers['hx-request'] === 'true'
    const page = isPart ? 'transactions/plan-part.njk' : 'transactions/plan.njk'
    if (message.erased_at !== null) {
      res.status(410)
      return render(req, res, page, { message, problem: { text: 'order.erased.plan' } })
    }
    const admission = state === 'rejected' ? admitting.read(message) : null
    const received = { id, ...receivedOf(message), ...admission }
    const rehearsed = await rehearsal.rehearse(received, languages.translateFor(req))
    render(req, res, page, { message, ...rehearsed })
  }

  /** The body to the byte, as a file. */
  function download(req: Request, res: Response, message: StoredMessage) {
    if (message.erased_at !== null) return sayGone(req, res)
    res.attachment(fileName(message))
    res.type('application/octet-stream').send(Buffer.from(message.body))
  }

  /** The whole of a text of which the page shows the beginning; `raw`: as it is kept. */
  async function text(req: Request, res: Response, message: StoredMessage) {
    const { part } = req.query
    if (message.erased_at !== null && (part === 'body' || part === 'headers')) return sayGone(req, res)
    const whole = await textOf(message, req.query)
    if (whole === null) return void res.sendStatus(404)
    res.type('text/plain').send(whole)
  }

  function sayGone(req: Request, res: Response) {
    res.status(410).type('text/plain').send(languages.translateFor(req)('order.erased.gone'))
  }

  async function textOf(message: StoredMessage, { part, raw, attempt, step }: Request['query']) {
    const isRaw = raw !== undefined
    if (part === 'body') return isRaw ? bodyText(message) : prettyText(readableBody(message))
    if (part === 'headers') return isRaw ? message.headers : prettyText(message.headers)
    if (part !== 'request' && part !== 'answer') return null
    const attempts = await inbox.attempts(message.id)
    const steps = attempts.flatMap(({ steps }) => steps)
    const kept = steps.find((each) => String(each.attempt) === attempt && String(each.ordinal) === step)?.[part] ?? null
    return kept === null || isRaw ? kept : prettyText(kept)
  }
}
