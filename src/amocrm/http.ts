import axios, { isAxiosError } from 'axios'
import { currentTally } from './call-tally.ts'
import { AmocrmError, retryAfterOf } from './errors.ts'
import type { RequestCount } from './request-count.ts'
import { createTraffic, type Lane } from './traffic.ts'
import { transportThatAsks } from './transport.ts'
import type { Turns } from './turns.ts'

interface HttpRequest {
  method: 'GET' | 'POST' | 'PATCH'
  url: string
  headers?: Record<string, string>
  body?: unknown
  /** Once sent, its answer is waited for even when Parom stops: it cannot be had again. */
  outlivesStop?: boolean
}

export interface HttpAnswer {
  status: number
  text: string
  /** Undefined when the text is no JSON: machines before the CRM answer for it, in HTML. */
  body: unknown
  /** Ms that the CRM asks to be left alone; null when it does not. */
  retryAfter: number | null
  /** Unix ms by the other side's clock, in whole seconds; null when it does not say. */
  sentAt: number | null
}

export type Http = ReturnType<typeof createHttp>

export interface HttpOptions {
  /** Ms, monotonic. */
  monotonicNow: () => number
  /** When aborted, nothing more is sent and nothing more is waited for. */
  stop: AbortSignal
  requestsPerSecond?: Record<Lane, number>
  timeoutMs?: number
  /** What is agreed on with other processes; without it there are none. */
  turns?: Pick<Turns, 'inTurn' | 'paused'>
  /** Is told of every request. */
  count?: Pick<RequestCount, 'sent' | 'answered'>
  watch?: CrmWatch | undefined
}

/** Is told of every request that was sent, and of every pause. */
export interface CrmWatch {
  answered: (answer: CrmAnswer) => void
  paused: (ms: number) => void
}

export interface CrmAnswer {
  lane: Lane
  /** How errors call the request. */
  call: string
  method: string
  /** Null: no answer came. */
  status: number | null
  /** Since it was sent. */
  ms: number
}

const requestTimeoutMs = 20_000
/** Ms. People are told of a longer pause instead of being left to wait. */
const longestWaitOfPeople = 5000
/** Bytes; a full page of leads is under one megabyte. */
const largestAnswer = 20_000_000

/** The one way out to amoCRM, within its rate limit. Every answer is one, whatever its status. */
export function createHttp({
  monotonicNow,
  stop,
  requestsPerSecond,
  timeoutMs = requestTimeoutMs,
  turns,
  count,
  watch,
}: HttpOptions) {
  const traffic = createTraffic({ now: monotonicNow, stop, ...(requestsPerSecond && { perSecond: requestsPerSecond }) })
  const client = axios.create({
    headers: { 'User-Agent': 'Parom/0.1 (self-hosted)', Accept: 'application/hal+json, application/json' },
    responseType: 'text',
    transformResponse: (text: unknown) => text,
    validateStatus: () => true,
    maxRedirects: 0,
    maxContentLength: largestAnswer,
    proxy: false,
  })

  async function exchange(
    lane: Lane,
    name: string,
    { method, url, headers = {}, body, outlivesStop = false }: HttpRequest,
    isSurelyOurs: () => boolean,
  ) {
    let fate: 'waits' | 'refused' | 'sent' = 'waits'
    let sentAt = 0
    const tell = (status: number | null) => {
      if (fate === 'sent') watch?.answered({ lane, call: name, method, status, ms: monotonicNow() - sentAt })
    }
    const transport = transportThatAsks(() => {
      fate = isSurelyOurs() ? 'sent' : 'refused'
      sentAt = monotonicNow()
      if (fate === 'sent') count?.sent()
      return fate === 'sent'
    })
    // axios's own timeout only counts while nothing comes in.
    const timeout = AbortSignal.timeout(timeoutMs)
    const signal = outlivesStop ? timeout : AbortSignal.any([stop, timeout])
    const sent = client.request<string>({ method, url, headers, data: body, signal, transport })
    sent.then(
      ({ status }) => tell(status),
      () => tell(null),
    )
    return sent.catch((error: unknown) => {
      if (!isAxiosError(error)) throw error
      if (fate === 'refused') throw new AmocrmError('rate_limited', `${name}: not sent, the turn may be over`)
      const whyAborted = stop.aborted ? 'cut off, Parom stops' : `no answer within ${timeoutMs} ms`
      const why = error.code === 'ERR_CANCELED' ? whyAborted : error.message
      throw new AmocrmError('unavailable', `${name}: ${why}`, { mayHaveHappened: fate === 'sent', cause: error })
    })
  }

  return {
    /**
     * Throws AmocrmError `unavailable` when no answer came.
     * @param name how errors call it
     * @param prepare called when nothing but the network is left to wait for; what it throws keeps the request from being sent
     */
    async send(lane: Lane, name: string, prepare: () => HttpRequest | Promise<HttpRequest>): Promise<HttpAnswer> {
      const retryIn = traffic.pausedFor()
      if (lane === 'people' && retryIn > longestWaitOfPeople)
        throw new AmocrmError('rate_limited', `${name}: not sent during a pause`, { retryAfter: retryIn })
      const call = async (isSurelyOurs: () => boolean) => exchange(lane, name, await prepare(), isSurelyOurs)
      const tally = currentTally()
      if (tally) tally.requests += 1
      const inTurn = () => (turns ? turns.inTurn(lane, call) : call(() => true))
      const response = await traffic.run(lane, inTurn).catch((error: unknown) => {
        if (stop.aborted && !(error instanceof AmocrmError))
          throw new AmocrmError('unavailable', `${name}: not sent, Parom stops`)
        throw error
      })
      const { status, data: text, headers } = response
      const body = parseJson(text)
      const retryAfter = retryAfterOf(body, headers)
      if (status === 429) {
        const pause = traffic.tooMany(retryAfter)
        watch?.paused(pause)
        await turns?.paused(pause)
      } else traffic.answered()
      if (status < 300) count?.answered()
      const sentAt = Date.parse(String(headers['date']))
      return { status, text, body, retryAfter, sentAt: Number.isNaN(sentAt) ? null : sentAt }
    },
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
