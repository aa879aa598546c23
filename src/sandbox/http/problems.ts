import { STATUS_CODES } from 'node:http'
import type { ErrorRequestHandler, Request, RequestHandler } from 'express'
import { addressOf } from './hal.ts'

/** An answer that is not a success; what is thrown anywhere below a route becomes that route's answer. */
export class Problem extends Error {
  readonly status: number
  readonly body: Record<string, unknown>
  readonly items: ItemFaults[] | undefined

  constructor(status: number, extra: Record<string, unknown> = {}, items?: ItemFaults[]) {
    super(`${status} ${extra['detail'] ?? ''}`)
    this.name = 'Problem'
    this.status = status
    this.items = items
    this.body = { title: STATUS_CODES[status], type: `https://httpstatus.es/${status}`, status, ...extra }
  }
}

/** What is wrong with one item of a write. */
interface ItemFaults {
  request_id: string
  errors: ItemError[]
}

export interface ItemError {
  code: string
  path: string
  detail: string
}

export const emptyRequest = () => new Problem(400, { detail: 'Request data can not be empty' })
export const tooManyItems = (limit = 250, status = 422) => new Problem(status, { detail: `Limit ${limit} per page` })
export const unauthorized = () => new Problem(401, { detail: 'Invalid user name or password' })
export const forbidden = () => new Problem(403, { detail: 'Forbidden' })
export const paymentRequired = () => new Problem(402, { detail: 'Payment required' })
export const refused = (detail: string) => new Problem(400, { detail })
export const notFound = (req: Request) => new Problem(404, { detail: `Cannot ${req.method} ${addressOf(req)}` })

export function invalid(items: ItemFaults[]) {
  return new Problem(400, { 'validation-errors': items, detail: 'Request validation failed' }, items)
}

export const answerNotFound: RequestHandler = (req) => {
  throw notFound(req)
}

export const answerWrongMethod: RequestHandler = () => {
  throw new Problem(405, { detail: 'Method Not Allowed' })
}

export const answerProblem =
  (log: (line: string) => void): ErrorRequestHandler =>
  (error, req, res, _next) => {
    const problem = toProblem(error)
    if (problem.status >= 500) log(`${req.method} ${req.originalUrl}: ${error instanceof Error ? error.stack : error}`)
    if (res.headersSent) req.socket.destroy()
    else res.status(problem.status).type('application/problem+json').send(JSON.stringify(problem.body))
  }

function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  const status = error instanceof Error && 'status' in error && typeof error.status === 'number' ? error.status : 500
  if (status < 500) return new Problem(status, { detail: status === 400 ? 'Malformed JSON' : STATUS_CODES[status] })
  return internalError()
}

export const internalError = () =>
  new Problem(500, { title: 'ErrInternalServer', detail: 'Internal Server Error', trace_id: crypto.randomUUID() })

/** What nginx in front of amoCRM answers. */
export const nginxPage = (title: string) =>
  `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`

export const tooManyRequests = () =>
  new Problem(429, {
    detail: 'You have sent too many requests in a given amount of time. Please try again later.',
    retry_after: 300,
  })
