import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Config } from './config/load.ts'
import type { Translate } from './config/translate.ts'
import { refusalOf, sendRefusal } from './intake/answer-refusal.ts'
import type { Log } from './log/log.ts'
import { createRequestLog } from './request-log.ts'
import { addressOf, trustOf } from './trusted-proxies.ts'

interface TooEarlyOptions {
  app: Config['app']
  /** The channel `request`. */
  log: Log
  translate: Translate
}

/** Answers whoever came before all was ready and has waited in vain: it may be an order, and shall come again. */
export function createTooEarly({ app, log, translate }: TooEarlyOptions) {
  const trusted = trustOf(app.trusted_proxies, app.socket !== null)
  const { idOf, ofOrder } = createRequestLog({ log, trusted, basePath: app.basePath })

  /** @param begunAt ms, monotonic */
  return (req: IncomingMessage, res: ServerResponse, begunAt: number) => {
    const requestId = idOf(req)
    const refusal = refusalOf(new Error('not started yet'), app.body_limit)
    sendRefusal(res.setHeader('X-Request-Id', requestId), refusal, translate)
    ofOrder({ req, requestId, begunAt, source: null, address: addressOf(req, trusted), received: null }, refusal)
  }
}
