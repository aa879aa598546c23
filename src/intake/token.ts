import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { RequestHandler } from 'express'
import { Refusal } from './refusal.ts'

/** The token that a request carries: in a header, or in the address where a shop cannot set headers. */
function presentedToken(headers: IncomingHttpHeaders, query: unknown): string | null {
  const bearer = /^Bearer\s+(\S+)\s*$/i.exec(headers.authorization ?? '')?.[1]
  if (bearer) return bearer
  const header = headers['x-webhook-token']
  if (typeof header === 'string' && header !== '') return header
  const parameter = (query as Record<string, unknown>)['token']
  return typeof parameter === 'string' && parameter !== '' ? parameter : null
}

/** Lets in who has the token; null lets in everybody. */
export function requireToken(token: string | null): RequestHandler {
  return (req, _res, next) => {
    if (token === null) return next()
    const presented = presentedToken(req.headers, req.query)
    next(presented !== null && sameToken(presented, token) ? undefined : new Refusal('unauthorized'))
  }
}

/** Compares in constant time, whatever the lengths. */
function sameToken(presented: string, expected: string) {
  return timingSafeEqual(digest(presented), digest(expected))
}

function digest(token: string) {
  return createHash('sha256').update(token).digest()
}
