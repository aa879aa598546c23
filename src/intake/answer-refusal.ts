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
export function answerRefusal({ translate, bodyLimit, log }: Answering, lost: string): ErrorRequestHandler {
  return (error: unknown, _req, res, _next) => {
    const refusal = refusalOf(error, bodyLimit)
    const { status, reason, text, params } = refusal
    if (reason === 'store_unavailable') {
      log.error({ err: error }, lost)
      res.setHeader('Retry-After', retryAfterSeconds)
    }
    res.status(status).json({ status, error: reason, message: translate(text, params) })
  }
}

/** Everything that is not the sender's fault is the store's: the sender shall come again. */
function refusalOf(error: unknown, bodyLimit: number): Refusal {
  if (error instanceof Refusal) return error
  const { type = '', status = 500 } = error as { type?: string; status?: number }
  if (type === 'entity.too.large') return new Refusal('too_large', 'too_large', { limit: bodyLimit })
  if (type === 'encoding.unsupported') return new Refusal('unsupported_type', 'unsupported_encoding')
  if (status >= 400 && status < 500) return new Refusal('unreadable', 'aborted')
  return new Refusal('store_unavailable', 'store_unavailable', { seconds: retryAfterSeconds })
}
