import type { Request, Response } from 'express'
import type { Settings } from '../control/settings.ts'
import { pageOf, queryOf } from './query.ts'

export const hostOf = (req: Request) => req.get('host') ?? 'localhost'
export const originOf = (req: Request) => `${req.protocol}://${hostOf(req)}`
export const addressOf = (req: Request) => `${originOf(req)}${req.originalUrl}`
export const self = (href: string) => ({ _links: { self: { href } } })

export function sendHal(res: Response, body: unknown, status = 200) {
  res.status(status).type('application/hal+json').send(JSON.stringify(body))
}

export function sendNothing(res: Response) {
  res.status(204).end()
}

/** One record, or 204: amoCRM has no 404 for an id that is not there. */
export function sendFound(res: Response, record: unknown) {
  if (record === undefined) sendNothing(res)
  else sendHal(res, record)
}

interface Listing<T> {
  req: Request
  res: Response
  name: string
  records: T[]
  show: (record: T) => unknown
  /** Some lists tell how much there is in all; most do not. */
  counted?: 'items' | 'items and pages'
  /** The highest limit, where it is not the usual one. */
  highest?: number
}

export function sendPage<T>({ req, res, name, records, show, counted, highest = Infinity }: Listing<T>) {
  const { limit_above_250, next_link_when_empty } = pagingOf(res)
  const { page, limit: asked } = pageOf(queryOf(req), limit_above_250)
  const limit = Math.min(asked, highest)
  const shown = records.slice((page - 1) * limit, page * limit)
  if (shown.length === 0) return sendNothing(res)
  const pages = Math.ceil(records.length / limit)
  const hasNext = page < pages || (next_link_when_empty && shown.length === limit)
  const at = (number: number) => ({ href: pageAddress(req, number, limit) })
  sendHal(res, {
    ...(counted ? { _total_items: records.length } : {}),
    _page: page,
    ...(counted === 'items and pages' ? { _page_count: pages } : {}),
    _links: {
      self: at(page),
      ...(hasNext ? { next: at(page + 1) } : {}),
      ...(page > 1 ? { first: at(1), prev: at(page - 1) } : {}),
      ...(counted === 'items and pages' ? { last: at(pages) } : {}),
    },
    _embedded: { [name]: shown.map(show) },
  })
}

// The router leaves the settings here for every request.
function pagingOf(res: Response): Partial<Settings> {
  return res.locals['settings'] ?? {}
}

function pageAddress(req: Request, page: number, limit: number) {
  const url = new URL(addressOf(req))
  url.searchParams.set('page', String(page))
  url.searchParams.set('limit', String(limit))
  return url.href
}
