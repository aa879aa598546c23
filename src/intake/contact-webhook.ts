import express, { type RequestHandler, Router } from 'express'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import { withinTime } from '../inbox/within-time.ts'
import { type Answering, answerRefusal } from './answer-refusal.ts'
import { bodyKind } from './body.ts'
import { Refusal } from './refusal.ts'
import { requireToken } from './token.ts'

interface ContactWebhookOptions extends Answering {
  /** Takes a body in; the promise is fulfilled once it is on disk. */
  receive: (body: string) => Promise<'taken' | 'unreadable' | 'foreign'>
  /** Notes that there was news which is not taken in. */
  overflow: () => Promise<void>
  /** Null leaves the address open. */
  token: string | null
}

const path = '/api/cache/update/contacts'
/** Ms. amoCRM waits for 2 s, and comes again after a 503. */
const patienceMs = 1500
/** In a second; a change of many contacts at once comes as one request each, and a hundred refusals end the webhook. */
const most = 100

/** `POST /api/cache/update/contacts`: amoCRM's own webhooks of contacts and companies. */
export function createContactWebhook(options: ContactWebhookOptions) {
  const limiter = new RateLimiterMemory({ points: most, duration: 1 })

  const limit: RequestHandler = async (_req, res, next) => {
    const isWithin = await limiter.consume(path).then(
      () => true,
      () => false,
    )
    if (isWithin) return next()
    await withinTime(patienceMs, options.overflow())
    res.json({ status: 200 })
  }

  const checkType: RequestHandler = (req, _res, next) => {
    if (bodyKind(req.headers['content-type']) !== 'form') throw new Refusal('unsupported_type')
    next()
  }

  const receive: RequestHandler = async (req, res) => {
    const body = Buffer.isBuffer(req.body) ? req.body.toString('utf8') : ''
    const outcome = await withinTime(patienceMs, options.receive(body))
    if (outcome === 'unreadable') throw new Refusal('unreadable', 'unreadable_news')
    if (outcome === 'foreign') throw new Refusal('unreadable', 'foreign_news')
    res.json({ status: 200 })
  }

  const read = express.raw({ type: () => true, limit: options.bodyLimit })
  const router = Router()
  router
    .route(path)
    .post(requireToken(options.token), limit, checkType, read, receive)
    .all(() => {
      throw new Refusal('method_not_allowed')
    })
  router.use(path, answerRefusal(options, 'news of a contact could not be stored'))
  return router
}
