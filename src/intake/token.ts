import { hash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { RequestHandler } from 'express'
import { Refusal } from './refusal.ts'

/** The token that a request carries: in a header, or in the address (`parameter`) where a shop cannot set headers. */
export function presentedToken(headers: IncomingHttpHeaders, parameter: string | undefined): string | null {
  const bearer = bearerToken(headers)
  if (bearer) return bearer
  const header = headers['x-webhook-token']
  return (typeof header === 'string' && header) || parameter || null
}

/** Of `Authorization: Bearer …`. */
export function bearerToken({ authorization }: IncomingHttpHeaders): string | null {
  return (authorization && /^Bearer\s+(\S+)\s*$/i.exec(authorization)?.[1]) || null
}

/** Lets in who has the token; null lets in everybody. */
export function requireToken(token: string | null): RequestHandler {
  return (req, _res, next) => {
    if (token === null) return next()
    const parameter = (req.query as Record<string, unknown>)['token']
    const presented = presentedToken(req.headers, typeof parameter === 'string' ? parameter : undefined)
    next(presented !== null && isSame(digest(presented), digest(token)) ? undefined : new Refusal('unauthorized'))
  }
}

/** Whether two digests are the same, in constant time. */
export function isSame(one: Buffer, other: Buffer) {
  return one.length === other.length && timingSafeEqual(one, other)
}

/** Digests are compared in place of tokens: they are of one length. */
export function digest(token: string): Buffer {
  return hash('sha256', token, 'buffer')
}
