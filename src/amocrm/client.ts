import axios, { type AxiosError, isAxiosError } from 'axios'
import { AmocrmError, errorOfAnswer } from './errors.ts'
import { createLimiter } from './limiter.ts'

interface Call {
  method: 'GET' | 'POST' | 'PATCH'
  /** Below the account's host, with its query. */
  path: string
  body?: unknown
}

/** One request and what came back, as the order's page shows it. It holds no token. */
export interface Exchange {
  call: Call
  /** Null when no answer came. */
  status: number | null
  answer: string | null
}

interface Observer {
  /** Called when nothing but the network is left to wait for; what it throws keeps the call from being sent. */
  beforeSend?: () => Promise<void>
  onExchange?: (exchange: Exchange) => void
}

export interface AmocrmClient {
  /** The answer's body; null for 204. Throws AmocrmError. */
  request(call: Call): Promise<unknown>
}

export type Amocrm = ReturnType<typeof createAmocrmClient>

interface ClientOptions {
  /** The account's address, without a slash at its end. */
  baseUrl: string
  /** Null while there is no connection. */
  accessToken: () => string | null
  monotonicNow: () => number
  /** When aborted, nothing more is sent and nothing more is waited for. */
  stop: AbortSignal
  requestsPerSecond?: number
  timeoutMs?: number
}

/** amoCRM bans who asks more than 7 times a second; one is left to the people. */
const safeRequestsPerSecond = 6
const requestTimeoutMs = 20_000
/** Bytes; a full page of leads is under one megabyte. */
const largestAnswer = 20_000_000
const shortestPauseMs = 1000
const longestPauseMs = 60_000

/** The one way to the account: with its token, within its rate limit, with its refusals told apart. */
export function createAmocrmClient({
  baseUrl,
  accessToken,
  monotonicNow,
  stop,
  requestsPerSecond = safeRequestsPerSecond,
  timeoutMs = requestTimeoutMs,
}: ClientOptions) {
  const limiter = createLimiter(requestsPerSecond, monotonicNow, stop)
  const http = axios.create({
    baseURL: baseUrl,
    headers: { 'User-Agent': 'Parom/0.1 (self-hosted)', Accept: 'application/hal+json, application/json' },
    responseType: 'text',
    transformResponse: (text: unknown) => text,
    validateStatus: () => true,
    maxRedirects: 0,
    maxContentLength: largestAnswer,
    proxy: false,
  })

  /** axios's own timeout only counts while nothing comes in. */
  function post({ method, path, body }: Call, token: string) {
    const signal = AbortSignal.any([stop, AbortSignal.timeout(timeoutMs)])
    return http.request<string>({
      method,
      url: path,
      data: body,
      headers: { Authorization: `Bearer ${token}` },
      signal,
    })
  }

  async function send(call: Call, { beforeSend, onExchange }: Observer = {}): Promise<unknown> {
    const token = accessToken()
    if (token === null) throw new AmocrmError('not_connected', 'there is no access token')
    const name = `${call.method} ${call.path.split('?')[0]}`
    const response = await limiter
      .run(async () => {
        await beforeSend?.()
        return post(call, token)
      })
      .catch((error: unknown) => {
        if (stop.aborted && !isAxiosError(error)) throw new AmocrmError('unavailable', `${name}: not sent, Parom stops`)
        if (!isAxiosError(error)) throw error
        onExchange?.({ call, status: null, answer: null })
        throw lostAnswer(name, error)
      })
    onExchange?.({ call, status: response.status, answer: response.data })
    const body = parseJson(response.data)
    if (response.status === 204) return null
    if (response.status >= 200 && response.status < 300) {
      if (body === undefined)
        throw new AmocrmError('unavailable', `${name}: the answer is cut off or no JSON`, {
          status: response.status,
          mayHaveHappened: true,
        })
      return body
    }
    const error = errorOfAnswer(call.method, name, response.status, body, header(response.headers['retry-after']))
    if (error.kind === 'rate_limited')
      limiter.pause(Math.min(Math.max(error.retryAfter ?? 0, shortestPauseMs), longestPauseMs))
    throw error
  }

  return {
    request: (call: Call) => send(call),
    /** The same client, telling of every exchange. */
    observed: (observer: Observer): AmocrmClient => ({ request: (call) => send(call, observer) }),
  }
}

/** Only a connection that never came about is sure to have carried nothing. */
const neverSent: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'])

function lostAnswer(name: string, error: AxiosError) {
  const mayHaveHappened = !neverSent.has(error.code ?? '')
  return new AmocrmError('unavailable', `${name}: ${error.message}`, { mayHaveHappened, cause: error })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function header(value: unknown) {
  return typeof value === 'string' ? value : undefined
}
