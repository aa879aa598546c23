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

/** How long somebody stays signed in without a visit. */
export const signedInMs = 12 * 60 * 60_000
/** How long the sign-in form may be filled in. */
const anonymousMs = 60 * 60_000

/** The session cookie: not readable by scripts, not sent from other sites, bound to the host under https. */
export function createSession(store: Store, { app_key, https, basePath }: Config['app']): RequestHandler {
  return session({
    store,
    name: https ? '__Host-parom' : 'parom',
    secret: Buffer.from(hkdfSync('sha256', Buffer.from(app_key, 'base64'), '', 'session', 32)).toString('hex'),
    resave: false,
    saveUninitialized: false,
    rolling: true,
    cookie: {
      httpOnly: true,
      sameSite: 'lax',
      secure: https,
      maxAge: anonymousMs,
      path: https ? '/' : basePath || '/',
    },
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
  if (typeof sent !== 'string' || !expected || Buffer.byteLength(sent) !== Buffer.byteLength(expected)) return false
  return timingSafeEqual(Buffer.from(sent), Buffer.from(expected))
}

/** Who is signed in; nobody once the user is gone or has another password. */
export function signedInUser(req: Request, users: User[]): User | null {
  const { login, stamp } = req.session.user ?? {}
  const user = users.find((candidate) => candidate.login === login)
  return user && stampOf(user) === stamp ? user : null
}

/** A password set by an invitation is never changed but by another invitation, so the digest of that stands for it. */
export function stampOf({ password, invitation }: User) {
  return createHash('sha256')
    .update(password ?? invitation?.digest ?? '')
    .digest('base64url')
}
