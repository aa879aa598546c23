import axios, { isAxiosError } from 'axios'
import { AmocrmError, errorOfAnswer } from './errors.ts'
import { createLimiter } from './limiter.ts'

export interface Call {
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

export interface AmocrmClient {
  /** The account's address, without a slash at its end. */
  baseUrl: string
  /** The answer's body; null for 204. Throws AmocrmError. */
  request(call: Call): Promise<unknown>
}

export interface ClientOptions {
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
    timeout: timeoutMs,
    headers: { 'User-Agent': 'Parom/0.1 (self-hosted)', Accept: 'application/hal+json, application/json' },
    responseType: 'text',
    transformResponse: (text: unknown) => text,
    validateStatus: () => true,
    maxRedirects: 0,
    maxContentLength: largestAnswer,
    proxy: false,
    signal: stop,
  })

  async function send(call: Call, onExchange?: (exchange: Exchange) => void): Promise<unknown> {
    const token = accessToken()
    if (token === null) throw new AmocrmError('not_connected', 'there is no access token')
    const name = `${call.method} ${call.path.split('?')[0]}`
    const headers = { Authorization: `Bearer ${token}` }
    const response = await limiter
      .run(() => http.request<string>({ method: call.method, url: call.path, data: call.body, headers }))
      .catch((error: unknown) => {
        onExchange?.({ call, status: null, answer: null })
        throw lostAnswer(name, error)
      })
    onExchange?.({ call, status: response.status, answer: response.data })
    const body = readAnswer(response.data)
    if (response.status === 204) return null
    if (response.status >= 200 && response.status < 300) {
      if (body === undefined)
        throw new AmocrmError('unavailable', `${name}: the answer is cut off or no JSON`, {
          status: response.status,
          mayHaveHappened: true,
        })
      return body
    }
    const error = errorOfAnswer(name, response.status, body, header(response.headers['retry-after']))
    if (error.kind === 'rate_limited')
      limiter.pause(Math.min(Math.max(error.retryAfter ?? 0, shortestPauseMs), longestPauseMs))
    throw error
  }

  return {
    baseUrl,
    request: (call: Call) => send(call),
    /** The same client, telling of every exchange. */
    observed: (onExchange: (exchange: Exchange) => void): AmocrmClient => ({
      baseUrl,
      request: (call) => send(call, onExchange),
    }),
  }
}

/** Only a connection that never came about is sure to have carried nothing. */
const neverSent: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
])

/** What axios did not throw kept the call from being sent at all. */
function lostAnswer(name: string, error: unknown) {
  const mayHaveHappened = isAxiosError(error) && !neverSent.has(error.code ?? '')
  const message = error instanceof Error ? error.message : String(error)
  return new AmocrmError('unavailable', `${name}: ${message}`, { mayHaveHappened, cause: error })
}

function readAnswer(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function header(value: unknown) {
  return typeof value === 'string' ? value : undefined
}
