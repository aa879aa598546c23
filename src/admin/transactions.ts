import { type Request, Router } from 'express'
import { z } from 'zod'
import { messageStates } from '../database/tables.ts'
import { acceptableReasons } from '../inbox/accept-refused.ts'
import { reasons, refusalReasons } from '../inbox/message.ts'
import type { ListedMessage } from '../inbox/queries.ts'
import { waitingStates } from '../inbox/redelivery.ts'
import { isOperator } from './operators.ts'
import { createRedeliveries, type RedeliveriesOptions } from './redeliveries.ts'
import { createShowTransaction } from './show-transaction.ts'

interface TransactionsOptions extends Omit<RedeliveriesOptions, 'showTransaction'> {
  webhookUrl: (req: Request) => string
  /** Unix ms. */
  now: () => number
}

const listQuery = z.object({
  cursor: z.uuid().optional().catch(undefined),
  limit: z.coerce.number().int().min(1).max(500).catch(50),
  state: z.enum(messageStates).optional().catch(undefined),
  reason: z.enum(reasons).optional().catch(undefined),
  /** How many were just sent again. */
  queued: z.coerce.number().int().min(0).optional().catch(undefined),
})

/** Beyond this, the page says "more than". */
const mostCounted = 1_000
const day = 24 * 60 * 60_000

/** `/app/transactions`: the list of orders, and each one's page. */
export function createTransactions(options: TransactionsOptions) {
  const { inbox, admitting, account, render, webhookUrl, userOf, now } = options
  const showTransaction = createShowTransaction(options)
  const router = Router()
  router.use(createRedeliveries({ ...options, showTransaction }))

  router.get('/', async (req, res) => {
    const query = listQuery.parse(req.query)
    const { messages, next } = await inbox.list(query)
    const nextUrl = next && urlOf(req, { cursor: next })
    if (req.accepts(['html', 'json']) === 'json') {
      return res.json({ transactions: messages.map(toJson), next: nextUrl })
    }
    const mayOperate = isOperator(userOf(req))
    render(req, res, 'transactions/index.njk', {
      messages,
      nextUrl,
      newestUrl: urlOf(req),
      conflicts: await inbox.conflictsOf(messages.map(({ id }) => id)),
      refusedToday: query.state || query.reason ? 0 : await inbox.countRefused(now() - day),
      states: messageStates,
      reasons: reasonsOf(query),
      sources: admitting.sources,
      query,
      mayOperate,
      waiting: mayOperate ? await countWaiting(query) : 0,
      mostCounted,
      webhookUrl: webhookUrl(req),
    })
  })

  router.get('/:id', async (req, res, next) => {
    const message = await inbox.find(req.params.id)
    if (!message) return next()
    await showTransaction(req, res, message)
  })
  return router

  /** How many of these can be sent again, one more than `mostCounted` at most. */
  async function countWaiting({ state, reason }: z.output<typeof listQuery>) {
    const refusedFor = acceptableReasons.find((each) => each === reason)
    if (state === 'rejected') return refusedFor ? inbox.countRefusedFor(refusedFor) : 0
    const waiting = waitingStates.find((each) => each === state)
    return waiting ? inbox.countWaiting({ account, state: waiting, reason }, mostCounted + 1) : 0
  }
}

/** Those that the list can be filtered by. */
function reasonsOf({ state }: z.output<typeof listQuery>) {
  if (state === undefined) return reasons
  const isRefusal = (reason: string) => refusalReasons.some((each) => each === reason)
  return reasons.filter((reason) => isRefusal(reason) === (state === 'rejected'))
}

/** The same list at another place. */
function urlOf(req: Request, place: { cursor?: string } = {}) {
  const kept = ['state', 'reason', 'limit'].flatMap((key) =>
    typeof req.query[key] === 'string' ? [[key, req.query[key]]] : [],
  )
  return `${req.baseUrl}?${new URLSearchParams({ ...Object.fromEntries(kept), ...place })}`
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
