import type { IncomingHttpHeaders } from 'node:http'
import type { Request, RequestHandler, Response } from 'express'
import type { z } from 'zod'
import { withinTime } from '../inbox/within-time.ts'
import { type Answering, createLossLog, refusalOf } from '../intake/answer-refusal.ts'
import { apiContentType } from '../intake/api-orders.ts'
import { createBodyReader, type Received } from '../intake/read-body.ts'
import { Refusal } from '../intake/refusal.ts'
import { readBody } from '../order/body.ts'
import { passwordLength } from '../people/new-password.ts'

/** What cannot be done, as keys of texts. */
export class AccountRefusal extends Error {
  override name = 'AccountRefusal'
  readonly texts: string[]
  readonly params: Record<string, number>
  /** Seconds. */
  readonly retryAfter: number | null

  constructor(texts: string[], seconds: number | null = null) {
    super(texts.join(', '))
    this.texts = texts
    this.params = seconds === null ? { ...passwordLength } : { seconds }
    this.retryAfter = seconds
  }
}

/** There is no token, or it is over, or its user is blocked. */
export class UnauthenticatedError extends Error {
  override name = 'UnauthenticatedError'
}

/** A request whose body has come, as far as it did. */
export interface Asked {
  req: Request
  received: Received
}

export interface Operation {
  path: string
  /** Of success. */
  status: 200 | 201
  /** What a refusal says beside its message. */
  failed: Record<string, false>
  answer: (asked: Asked) => Promise<object>
}

/** Bytes. */
const bodyLimit = 16 * 1024
/** Ms. Hashing a password takes a while when many do. */
const patienceMs = 10_000

/** Answers as the order API does: whatever is wrong with a request is 400, and says what. */
export function createAccountAnswers({ translate, log }: Pick<Answering, 'translate' | 'log'>) {
  const readBytes = createBodyReader()
  const logLoss = createLossLog(log, 'account of the order API could not be reached')

  function answerPost({ status, failed, answer }: Operation): RequestHandler {
    return async (req, res) => {
      try {
        const received = await readBytes(req, bodyLimit, 'stranger', req.ip ?? null)
        const body = await withinTime(patienceMs, answer({ req, received }))
        res.status(status).json(body)
      } catch (error) {
        refuse(res, failed, error)
      }
    }
  }

  function refuseMethod({ failed }: Operation): RequestHandler {
    return (_req, res) => refuse(res.setHeader('Allow', 'POST'), failed, new Refusal('method_not_allowed'))
  }

  function refuse(res: Response, failed: Operation['failed'], error: unknown) {
    if (error instanceof UnauthenticatedError) return void res.status(400).json({ message: 'Unauthenticated' })
    const { status, texts, params, retryAfter } =
      error instanceof AccountRefusal ? { status: 400, ...error } : told(res, error)
    if (retryAfter !== null) res.setHeader('Retry-After', retryAfter)
    const messages = texts.map((text) => translate(text, params))
    res.status(status).json({ ...failed, message: messages.length === 1 ? messages[0] : messages })
  }

  function told(res: Response, error: unknown) {
    const { reason, text, params, retryAfter } = refusalOf(error, bodyLimit)
    if (reason === 'store_unavailable') logLoss(error)
    res.locals['reason'] = reason
    return { status: statuses[reason] ?? 400, texts: [text], params, retryAfter }
  }

  return { answerPost, refuseMethod }
}

const statuses: Partial<Record<Refusal['reason'], number>> = { method_not_allowed: 405, store_unavailable: 503 }

/** What was sent, as JSON or as a form. Throws what is wrong with it, all at once. */
export async function fieldsOf<Fields>({ req, received }: Asked, schema: z.ZodType<Fields>): Promise<Fields> {
  const { success, data, error } = schema.safeParse(await parse(req.headers, received))
  if (success) return data
  throw new AccountRefusal([...new Set(error.issues.map(({ message }) => message))])
}

async function parse(headers: IncomingHttpHeaders, { bytes, end }: Received): Promise<unknown> {
  if (end === 'too_large') throw new Refusal('too_large', 'too_large', { limit: bodyLimit })
  if (end === 'aborted') throw new Refusal('unreadable', 'aborted')
  if (end === 'crowded') throw new Error('too much is being received at the same time')
  // Inflating costs more than sending, and he may be anybody.
  if (headers['content-encoding']) throw new Refusal('unsupported_type', 'unsupported_encoding')
  // What cannot be read fits no schema.
  return readBody(apiContentType(headers['content-type'] ?? '', bytes), bytes).catch(() => undefined)
}
