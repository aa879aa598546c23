import type { ServerResponse } from 'node:http'
import type { ErrorRequestHandler } from 'express'
import { Refusal } from './refusal.ts'

export interface Answering {
  /** Bytes. */
  bodyLimit: number
  /** The text of a refusal in the language of the installation. */
  translate: (key: string, params: Record<string, string | number>) => string
  log: { error: (details: object, message: string) => void }
}

const retryAfterSeconds = 10

/** @param lost what the log says of a request that could not be stored */
export function answerRefusal(answering: Answering, lost: string): ErrorRequestHandler {
  const logLoss = createLossLog(answering.log, lost)
  return (error: unknown, _req, res, _next) => {
    const refusal = refusalOf(error, answering.bodyLimit)
    if (refusal.reason === 'store_unavailable') logLoss(error)
    res.locals['reason'] = refusal.reason
    sendRefusal(res, refusal, answering.translate)
  }
}

const betweenLinesMs = 1000

/** Logs the first loss at once, and then a line a second with how many there were: a store that is gone fails thousands. */
export function createLossLog(log: Answering['log'], lost: string) {
  let isWaiting = false
  let count = 0
  let latest: unknown

  return (error: unknown) => {
    if (!isWaiting) return tell({ err: error })
    count += 1
    latest = error
  }

  function tell(details: object) {
    log.error(details, lost)
    isWaiting = true
    setTimeout(tellOthers, betweenLinesMs).unref()
  }

  function tellOthers() {
    isWaiting = false
    if (count > 0) tell({ err: latest, count })
    count = 0
  }
}

/** Everything that is not the sender's fault is the store's: the sender shall come again. */
export function refusalOf(error: unknown, bodyLimit: number): Refusal {
  if (error instanceof Refusal) return error
  const { type = '', status = 500 } = error as { type?: string; status?: number }
  if (type === 'entity.too.large') return new Refusal('too_large', 'too_large', { limit: bodyLimit })
  if (type === 'encoding.unsupported') return new Refusal('unsupported_type', 'unsupported_encoding')
  if (status >= 400 && status < 500) return new Refusal('unreadable', 'aborted')
  const params = { seconds: retryAfterSeconds }
  return new Refusal('store_unavailable', 'store_unavailable', params, retryAfterSeconds)
}

export function sendRefusal(res: ServerResponse, refusal: Refusal, translate: Answering['translate']) {
  const { status, reason, text, params } = refusal
  setRefusalHeaders(res, refusal)
  sendText(res, status, json, JSON.stringify({ status, error: reason, message: translate(text, params) }))
}

export function setRefusalHeaders(res: ServerResponse, { reason, retryAfter }: Refusal) {
  if (retryAfter !== null) res.setHeader('Retry-After', retryAfter)
  if (reason === 'method_not_allowed') res.setHeader('Allow', 'POST')
}

export const json = 'application/json; charset=utf-8'

export function sendText(res: ServerResponse, status: number, contentType: string, text: string) {
  if (status === 204) return void res.writeHead(status).end()
  res.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(text) })
  res.end(text)
}
