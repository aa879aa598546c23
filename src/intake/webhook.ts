import express, { type RequestHandler, Router } from 'express'
import type { Inbox } from '../inbox/inbox.ts'
import { type Answering, answerRefusal } from './answer-refusal.ts'
import { bodyKind, ensureReadable } from './body.ts'
import { dedupeKeyOf } from './dedupe-key.ts'
import { Refusal } from './refusal.ts'
import { requireToken } from './token.ts'
import { withinTime } from './within-time.ts'

interface WebhookOptions extends Answering {
  inbox: Inbox
  /** The amoCRM account that the orders go to. */
  account: string
  /** Null leaves the webhook open. */
  token: string | null
  /** Seconds. */
  dedupeWindow: number
}

const source = 'lk'
const storeTimeoutMs = 5000

/** `POST /api/order/create`: the order webhook of the partner cabinet. 200 means that the order is on disk. */
export function createWebhook(options: WebhookOptions) {
  const receive: RequestHandler = async (req, res) => {
    const contentType = req.headers['content-type'] ?? ''
    const body: Buffer = Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0)
    await ensureReadable(bodyKind(contentType), body, contentType)
    const { key, lasting } = dedupeKeyOf(req.headers, contentType, body)

    const stored = options.inbox.accept({
      account: options.account,
      source,
      dedupeKey: key,
      dedupeWindow: lasting ? null : options.dedupeWindow * 1000,
      contentType: contentType.slice(0, 500),
      headers: withoutSecrets(req.headers),
      body,
    })
    const { id, duplicate } = await withinTime(storeTimeoutMs, stored)
    res.json(duplicate ? { status: 200, id, duplicate } : { status: 200, id })
  }

  const checkType: RequestHandler = (req, _res, next) => {
    const empty =
      req.headers['content-length'] === '0' || (!req.headers['content-length'] && !req.headers['transfer-encoding'])
    if (empty) throw new Refusal('empty')
    bodyKind(req.headers['content-type'])
    next()
  }

  const router = Router()
  router
    .route('/api/order/create')
    .post(requireToken(options.token), checkType, express.raw({ type: () => true, limit: options.bodyLimit }), receive)
    .all((_req, res) => {
      res.setHeader('Allow', 'POST')
      throw new Refusal('method_not_allowed')
    })
  router.use('/api/order/create', answerRefusal(options, 'an order could not be stored'))
  return router
}

const secretHeaders: ReadonlySet<string> = new Set([
  'authorization',
  'proxy-authorization',
  'cookie',
  'x-webhook-token',
  'x-api-key',
  // May hold our own address with ?token=…
  'referer',
])

/** What the inbox keeps of a request's headers. */
function withoutSecrets(headers: Record<string, unknown>) {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !secretHeaders.has(name)))
}
