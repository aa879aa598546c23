import type { IncomingHttpHeaders, RequestListener, ServerResponse } from 'node:http'
import type { Translate } from '../config/translate.ts'
import type { RateLimits } from '../inbox/rate-limits.ts'
import { json, sendText, setRefusalHeaders } from '../intake/answer-refusal.ts'
import { apiContentType, apiDedupeKey } from '../intake/api-orders.ts'
import type { Knock, Reception } from '../intake/reception.ts'
import { InvalidOrder, Refusal, rateLimited } from '../intake/refusal.ts'
import { bearerToken } from '../intake/token.ts'
import { readBody, UnreadableBodyError } from '../order/body.ts'
import { declaresCp1251 } from '../order/charset.ts'
import type { ApiFormat } from '../order/order.ts'
import type { OrderCodes } from './order-codes.ts'
import { errorIn } from './order-schemas.ts'
import { problemsOf } from './problems.ts'
import type { ApiTokens } from './tokens.ts'
import type { ApiUser } from './users.ts'

interface OrderReceiverOptions {
  reception: Reception
  tokens: ApiTokens
  codes: OrderCodes
  /** Ms in which the same body without an Idempotency-Key is the same order again. */
  dedupeWindow: number
  translate: Translate
  limits: RateLimits
}

/**
 * `POST /api/create-order`, `/api/buy-click` and `/api/callback`. 201 means that the order is on disk.
 * Bare listeners: the way through a framework would take longer than storing does.
 */
export function createOrderReceiver(options: OrderReceiverOptions): (format: ApiFormat) => RequestListener {
  const { reception, tokens, codes, dedupeWindow, translate, limits } = options

  return (format) => (req, res) => {
    const knock = reception.arrive(req, format)
    receive(knock, format).then(
      ({ id, code = '', duplicate, isConflict }) => {
        if (isConflict) sendProblems(res, 400, [translate('api.conflict')])
        else sendCode(res, code)
        const { statusCode: status } = res
        reception.answered(knock, { status, id, ...(isConflict ? { reason: 'conflict' } : { duplicate }) })
      },
      async (error: unknown) => {
        const refusal = await reception.turnAway(knock, error)
        answer(res.setHeader('X-Request-Id', knock.requestId), refusal)
        reception.answered(knock, { status: res.statusCode, reason: refusal.reason })
      },
    )
  }

  async function receive(knock: Knock, format: ApiFormat) {
    const { headers, method } = knock.req
    if (method !== 'POST') throw new Refusal('method_not_allowed')
    const user = await identify(headers)
    knock.source = user.source
    await admit(user)
    const body = await reception.readWhole(knock)
    knock.contentType = apiContentType(knock.contentType, body)
    const { contentType } = knock
    validate(format, await readOrder(contentType, body))
    const { key, window, digest } = apiDedupeKey(format, dedupeWindow, { headers, contentType, body })
    const code = await codes.next(user.source)
    return reception.store(knock, { body, code, dedupeKey: key, dedupeWindow: window, bodyDigest: digest })
  }

  async function identify(headers: IncomingHttpHeaders) {
    const token = bearerToken(headers)
    const user = token && (await tokens.identify(token))
    if (!user) throw new Refusal('unauthorized')
    return user
  }

  /** A request that is refused uses up nothing. */
  async function admit({ source, rate_requests: requests, rate_seconds: seconds }: ApiUser) {
    if (requests === null || seconds === null) return
    const wait = await limits.take(`user:${source}`, { requests, seconds })
    if (wait > 0) throw rateLimited(wait)
  }

  function validate(format: ApiFormat, order: Record<string, unknown>) {
    const error = errorIn(format, order)
    if (error) throw new InvalidOrder(problemsOf(error, translate))
  }

  function answer(res: ServerResponse, refusal: Refusal) {
    setRefusalHeaders(res, refusal)
    const { status, reason, text, params } = refusal
    if (reason === 'unauthorized') return sendText(res, 400, json, unauthenticated)
    const problems = refusal instanceof InvalidOrder ? refusal.problems : [translate(text, params)]
    sendProblems(res, otherStatuses.includes(status) ? status : 400, problems)
  }
}

/** The document knows 400 alone; but who comes to no address, or while the store is down, has done nothing wrong in his order. */
const otherStatuses = [405, 503]
const unauthenticated = '{"message":"Unauthenticated"}'

async function readOrder(contentType: string, body: Buffer): Promise<Record<string, unknown>> {
  const order = readPlainJson(contentType, body)
  if (order) return order
  if (isBlank(body)) throw new Refusal('empty')
  try {
    return await readBody(contentType, body)
  } catch (error) {
    if (!(error instanceof UnreadableBodyError)) throw error
    throw new Refusal('unreadable', /^\s*multipart/i.test(contentType) ? 'unreadable_multipart' : 'unreadable_json')
  }
}

/** As nearly all come, in half the time that it takes to find out what else they may be; null for all others. */
function readPlainJson(contentType: string, body: Buffer) {
  if (!contentType.startsWith('application/json') || declaresCp1251(contentType)) return null
  const text = body.toString()
  if (!text.startsWith('{') || text.includes('\ufffd')) return null
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return null
  }
}

function isBlank(body: Buffer) {
  return !/\S/.test(body.toString('latin1'))
}

function sendProblems(res: ServerResponse, status: number, problems: string[]) {
  const message = problems.length === 1 ? problems[0] : problems
  sendText(res, status, json, JSON.stringify({ signedIn: false, message }))
}

/** The document writes it both ways. */
function sendCode(res: ServerResponse, code: string) {
  sendText(res, 201, json, `{"OrderCreated":true,"OrderCode":"${code}","orderCode":"${code}"}`)
}
