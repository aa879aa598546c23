import type { IncomingHttpHeaders, RequestListener, ServerResponse } from 'node:http'
import type { Translate } from '../config/translate.ts'
import { json, sendText, setRefusalHeaders } from '../intake/answer-refusal.ts'
import { apiContentType, apiDedupeKey } from '../intake/api-orders.ts'
import type { Knock, Reception } from '../intake/reception.ts'
import { InvalidOrder, Refusal } from '../intake/refusal.ts'
import { bearerToken } from '../intake/token.ts'
import { readBody, UnreadableBodyError } from '../order/body.ts'
import { declaresCp1251 } from '../order/charset.ts'
import type { ApiFormat } from '../order/order.ts'
import { createLimits } from './limits.ts'
import type { OrderCodes } from './order-codes.ts'
import { errorIn } from './order-schemas.ts'
import { problemsOf } from './problems.ts'
import type { ApiTokens } from './tokens.ts'

interface OrderReceiverOptions {
  reception: Reception
  tokens: ApiTokens
  codes: OrderCodes
  /** Ms in which the same body without an Idempotency-Key is the same order again. */
  dedupeWindow: number
  translate: Translate
  /** Unix ms. */
  now: () => number
}

/**
 * `POST /api/create-order`, `/api/buy-click` and `/api/callback`. 201 means that the order is on disk.
 * Bare listeners: the way through a framework would take longer than storing does.
 */
export function createOrderReceiver(options: OrderReceiverOptions): (format: ApiFormat) => RequestListener {
  const { reception, tokens, codes, dedupeWindow, translate, now } = options
  const limits = createLimits(now)

  return (format) => (req, res) => {
    const knock = reception.arrive(req, format)
    receive(knock, format).then(
      ({ code = '', isConflict }) =>
        isConflict ? sendProblems(res, 400, [translate('api.conflict')]) : sendCode(res, code),
      async (error: unknown) => answer(res, await reception.turnAway(knock, error)),
    )
  }

  async function receive(knock: Knock, format: ApiFormat) {
    const { headers, method } = knock.req
    if (method !== 'POST') throw new Refusal('method_not_allowed')
    const user = await identify(headers)
    knock.source = user.source
    limits.admit(user)
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
