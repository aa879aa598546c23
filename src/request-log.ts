import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { RequestHandler } from 'express'
import type { Knock } from './intake/reception.ts'
import { cleanPath } from './log/clean-text.ts'
import type { Log } from './log/log.ts'
import { maskedNetwork } from './people/throttle.ts'

interface RequestLogOptions {
  /** The channel `request`. */
  log: Log
  /** Whether an address is that of a proxy of ours; on a socket there is none. */
  trusted: (address: string | undefined, hop: number) => boolean
  basePath: string
}

type Known = Pick<Knock, 'req' | 'requestId' | 'begunAt' | 'source' | 'address' | 'received'>

/** What became of a request that may be an order. */
interface Answered {
  status: number
  /** Of the message. */
  id?: string
  duplicate?: boolean
  reason?: string
}

/** One line per request, of whatever address: never its query, headers or body, and of its sender the network alone. */
export function createRequestLog({ log, trusted, basePath }: RequestLogOptions) {
  // By it the lines of one process are told from those of others.
  const own = randomBytes(5).toString('hex')
  const ofMachines = new RegExp(`^${basePath}/(public|health|metrics)([/?]|$)`, 'i')
  let count = 0

  /** That of a proxy of ours, or a new one. */
  function idOf({ headers, socket }: IncomingMessage) {
    const told = headers['x-request-id']
    const isTold = typeof told === 'string' && /^[\w.:-]{8,64}$/.test(told) && trusted(socket.remoteAddress, 0)
    return isTold ? told : `${own}-${(++count).toString(36)}`
  }

  /** Of a request that may be an order, once it is answered. */
  function ofOrder({ req, requestId, begunAt, source, address, received }: Known, answered: Answered) {
    const { status, id, duplicate, reason } = answered
    log.info(
      {
        method: req.method,
        path: cleanPath(req.url ?? ''),
        status,
        ms: since(begunAt),
        message: id,
        source,
        reason,
        duplicate: duplicate || undefined,
        bytes: received?.bytes.length ?? announcedBytes(req),
        network: reason === undefined ? undefined : maskedNetwork(address),
        request: requestId,
      },
      'request',
    )
  }

  /** Of all other addresses. What pages ask by themselves, and machines who look whether we are there, is worth no line. */
  const middleware: RequestHandler = (req, res, next) => {
    const begunAt = performance.now()
    const request = idOf(req)
    res.setHeader('X-Request-Id', request)
    res.once('close', () => {
      const { statusCode: status, writableFinished, locals } = res
      const line = { method: req.method, path: cleanPath(req.originalUrl), status, ms: since(begunAt) }
      const reason = writableFinished ? locals['reason'] : 'aborted'
      const sender = status >= 400 ? { network: maskedNetwork(req.ip) } : {}
      const login = req.user?.login
      // A stranger can say that a page of his looks again.
      const looksAgain = login !== undefined && req.method === 'GET' && req.headers['x-look'] !== undefined
      const isQuiet = status < 400 && (looksAgain || ofMachines.test(req.originalUrl))
      log[isQuiet ? 'debug' : 'info'](
        { ...line, reason, login, bytes: announcedBytes(req), ...sender, request },
        'request',
      )
    })
    next()
  }

  return { idOf, ofOrder, middleware }
}

function announcedBytes({ headers }: IncomingMessage) {
  const length = headers['content-length']
  return length === undefined ? undefined : Number(length)
}

/** Whole ms would call most of them nothing. */
function since(begunAt: number) {
  return Math.round((performance.now() - begunAt) * 10) / 10
}
