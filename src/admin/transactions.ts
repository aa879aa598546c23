import { type Request, Router } from 'express'
import { z } from 'zod'
import { messageStates } from '../database/tables.ts'
import type { Inbox } from '../inbox/inbox.ts'
import type { Warning } from '../inbox/message.ts'
import type { ListedMessage } from '../inbox/queries.ts'
import { hasCsrfToken, type User } from './session.ts'
import type { Render } from './views.ts'

interface TransactionsOptions {
  inbox: Inbox
  render: Render
  webhookUrl: (req: Request) => string
  userOf: (req: Request) => User | null
  log: { info: (details: object, message: string) => void }
}

/** Who may do more than look. */
const operators = ['admin', 'operator']

const listQuery = z.object({
  cursor: z.uuid().optional().catch(undefined),
  limit: z.coerce.number().int().min(1).max(500).catch(50),
  state: z.enum(messageStates).optional().catch(undefined),
})

/** `/app/transactions`: the list of orders, and each one's page. */
export function createTransactions({ inbox, render, webhookUrl, userOf, log }: TransactionsOptions) {
  const router = Router()

  router.get('/', async (req, res) => {
    const query = listQuery.parse(req.query)
    const { messages, next } = await inbox.list(query)
    const nextUrl = next && `${req.baseUrl}?${new URLSearchParams({ ...shownQuery(req), cursor: next })}`
    if (req.accepts(['html', 'json']) === 'json') {
      return res.json({ transactions: messages.map(toJson), next: nextUrl })
    }
    render(req, res, 'transactions/index.njk', {
      messages,
      nextUrl,
      states: messageStates,
      query,
      webhookUrl: webhookUrl(req),
    })
  })

  router.get('/:id', async (req, res, next) => {
    const message = await inbox.find(req.params.id)
    if (!message) return next()
    const attempts = await inbox.attempts(message.id)
    const warnings: Warning[] = message.warnings ? JSON.parse(message.warnings) : []
    // A viewer sees how far an order has come, not whose it is.
    const mayReadPayload = isOperator(req)
    const mayRedeliver = mayReadPayload && message.state !== 'delivered' && message.lease_until === null
    render(req, res, 'transactions/show.njk', {
      message,
      attempts,
      warnings,
      mayReadPayload,
      mayRedeliver,
      body: readableBody(message.content_type, message.body),
    })
  })

  router.post('/:id/redeliveries', async (req, res, next) => {
    if (!isOperator(req) || !hasCsrfToken(req)) {
      res.status(403)
      return render(req, res, 'error.njk', { title: isOperator(req) ? 'page.csrf' : 'page.forbidden' })
    }
    const message = await inbox.find(req.params.id)
    if (!message) return next()
    if (await inbox.redeliver(message.id)) log.info({ message: message.id, login: userOf(req)?.login }, 'sent again')
    res.redirect(303, `${req.baseUrl}/${message.id}`)
  })
  return router

  function isOperator(req: Request) {
    return userOf(req)?.roles.some((role) => operators.includes(role)) ?? false
  }
}

function shownQuery(req: Request) {
  return Object.fromEntries(
    ['state', 'limit'].flatMap((key) => (typeof req.query[key] === 'string' ? [[key, req.query[key]]] : [])),
  )
}

function toJson(message: ListedMessage) {
  const { id, source, state, reason, order_number, partner_id, lead_id, attempts, next_attempt_at } = message
  const time = (ms: number) => new Date(ms).toISOString()
  return {
    id,
    received_at: time(message.received_at),
    source,
    state,
    reason,
    order_number,
    partner_id,
    lead_id,
    attempts,
    // A new one is due since it came.
    next_attempt_at: next_attempt_at === null ? null : time(Math.max(next_attempt_at, message.received_at)),
  }
}

/** The body as text; a form one field a line, its names and values decoded. */
function readableBody(contentType: string, bytes: Uint8Array) {
  const text = Buffer.from(bytes).toString('utf8')
  if (!/^\s*application\/x-www-form-urlencoded/i.test(contentType)) return text
  return [...new URLSearchParams(text)].map(([name, value]) => `${name} = ${value}`).join('\n')
}
