import { setTimeout as sleep } from 'node:timers/promises'
import express, { type ErrorRequestHandler, type RequestHandler, Router } from 'express'
import type { Inbox } from '../inbox/inbox.ts'
import { bodyKind, ensureReadable } from './body.ts'
import { dedupeKeyOf } from './dedupe-key.ts'
import { Refusal } from './refusal.ts'
import { presentedToken, sameToken } from './token.ts'

interface WebhookOptions {
  inbox: Inbox
  /** The amoCRM account that the orders go to. */
  account: string
  /** Null leaves the webhook open. */
  token: string | null
  /** Bytes. */
  bodyLimit: number
  /** Seconds. */
  dedupeWindow: number
  /** The text of a refusal in the shop's language. */
  translate: (key: string, params: Record<string, string | number>) => string
  log: { error: (details: object, message: string) => void }
}

const source = 'lk'
const storeTimeoutMs = 5000
const retryAfterSeconds = 10

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
    const { id, duplicate } = await withinTime(stored)
    res.json(duplicate ? { status: 200, id, duplicate } : { status: 200, id })
  }

  const authorize: RequestHandler = (req, _res, next) => {
    if (options.token === null) return next()
    const presented = presentedToken(req.headers, req.query)
    next(presented !== null && sameToken(presented, options.token) ? undefined : new Refusal('unauthorized'))
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
    .post(authorize, checkType, express.raw({ type: () => true, limit: options.bodyLimit }), receive)
    .all((_req, res) => {
      res.setHeader('Allow', 'POST')
      throw new Refusal('method_not_allowed')
    })
  router.use('/api/order/create', answerRefusal(options))
  return router
}

/** The store may still commit after we gave up on it: then the shop's next try is a duplicate, and nothing is lost. */
async function withinTime<Value>(stored: Promise<Value>): Promise<Value> {
  const timeout = new AbortController()
  const tooLate = sleep(storeTimeoutMs, undefined, { signal: timeout.signal }).then(() => {
    throw new Error(`the store did not answer within ${storeTimeoutMs} ms`)
  })
  try {
    return await Promise.race([stored, tooLate])
  } finally {
    timeout.abort()
    tooLate.catch(() => {})
    stored.catch(() => {})
  }
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

function answerRefusal({ translate, bodyLimit, log }: WebhookOptions): ErrorRequestHandler {
  return (error: unknown, _req, res, _next) => {
    const refusal = refusalOf(error, bodyLimit)
    if (refusal.reason === 'store_unavailable') {
      log.error({ err: error }, 'an order could not be stored')
      res.setHeader('Retry-After', retryAfterSeconds)
    }
    const { status, reason, text, params } = refusal
    res.status(status).json({ status, error: reason, message: translate(text, params) })
  }
}

/** Everything that is not the sender's fault is the store's: the shop shall come again. */
function refusalOf(error: unknown, bodyLimit: number): Refusal {
  if (error instanceof Refusal) return error
  const { type = '', status = 500 } = error as { type?: string; status?: number }
  if (type === 'entity.too.large') return new Refusal('too_large', 'too_large', { limit: bodyLimit })
  if (type === 'encoding.unsupported') return new Refusal('unsupported_type', 'unsupported_encoding')
  if (status >= 400 && status < 500) return new Refusal('unreadable', 'aborted')
  return new Refusal('store_unavailable', 'store_unavailable', { seconds: retryAfterSeconds })
}
