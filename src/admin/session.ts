import { createHash, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Request, RequestHandler } from 'express'
import session, { type Store } from 'express-session'
import type { Config } from '../config/load.ts'

export type User = Config['users'][number]

declare module 'express-session' {
  interface SessionData {
    csrf: string
    /** Who is signed in, and a stamp that a new password makes void. */
    user: { login: string; stamp: string }
  }
}

const maxAgeMs = 12 * 60 * 60_000

/** The session cookie: not readable by scripts, not sent from other sites, bound to the host under https. */
export function createSession(store: Store, { app_key, public_url, basePath }: Config['app']): RequestHandler {
  const secure = public_url?.startsWith('https:') ?? false
  return session({
    store,
    name: secure ? '__Host-parom' : 'parom',
    secret: Buffer.from(hkdfSync('sha256', Buffer.from(app_key, 'base64'), '', 'session', 32)).toString('hex'),
    resave: false,
    saveUninitialized: false,
    rolling: true,
    cookie: { httpOnly: true, sameSite: 'lax', secure, maxAge: maxAgeMs, path: secure ? '/' : basePath || '/' },
  })
}

/** The token that every form of this session carries. */
export function csrfToken(req: Request) {
  req.session.csrf ??= randomBytes(32).toString('hex')
  return req.session.csrf
}

export function hasCsrfToken(req: Request) {
  const sent: unknown = req.body?._csrf
  const expected = req.session.csrf
  if (typeof sent !== 'string' || !expected || sent.length !== expected.length) return false
  return timingSafeEqual(Buffer.from(sent), Buffer.from(expected))
}

/** Who is signed in; nobody once the user is gone or has another password. */
export function signedInUser(req: Request, users: User[]): User | null {
  const { login, stamp } = req.session.user ?? {}
  const user = users.find((candidate) => candidate.login === login)
  return user && stampOf(user) === stamp ? user : null
}

export function stampOf(user: User) {
  return createHash('sha256').update(user.password).digest('base64url')
}
