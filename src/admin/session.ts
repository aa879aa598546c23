import { createHash, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Request, RequestHandler } from 'express'
import session, { type Store } from 'express-session'
import type { Config } from '../config/load.ts'
import type { Right } from '../config/rights.ts'
import type { Directory, User } from '../people/directory.ts'

declare module 'express-serve-static-core' {
  interface Request {
    /** Who is signed in. */
    user?: User | null
  }
}

declare module 'express-session' {
  interface SessionData {
    /** A form was shown, so that the cookie has to be set. */
    hasForm: true
    /** Who is signed in, and a stamp that a new password makes void. */
    user: { login: string; stamp: string }
    /** When he signed in, and from where. */
    since: number
    address: string
    agent: string
  }
}

/** How long the sign-in form may be filled in. */
const anonymousMs = 60 * 60_000

/**
 * The session cookie: not readable by scripts, not sent from other sites, bound to the host under https.
 * A page that looks again by itself, of which its header `x-look` tells, prolongs no session.
 */
export function createSession(store: Store, { app_key, https, basePath }: Config['app']): RequestHandler {
  const options = {
    name: https ? '__Host-parom' : 'parom',
    secret: Buffer.from(hkdfSync('sha256', Buffer.from(app_key, 'base64'), '', 'session', 32)).toString('hex'),
    resave: false,
    saveUninitialized: false,
    genid: sessionId,
    cookie: {
      httpOnly: true,
      sameSite: 'lax' as const,
      secure: https,
      maxAge: anonymousMs,
      path: https ? '/' : basePath || '/',
    },
  }
  const prolonging = session({ ...options, store, rolling: true })
  const untouched: Store = Object.assign(Object.create(store), { touch: undefined })
  const lasting = session({ ...options, store: untouched, rolling: false })
  return (req, res, next) => (req.get('x-look') === undefined ? prolonging : lasting)(req, res, next)
}

/** Of nobody who is signed in, the cookie is all there is of a session: the id that we have signed stays, with no row. */
function sessionId({ session, sessionID }: Pick<Request, 'sessionID'> & { session?: unknown }) {
  const isNew = session === undefined
  return (isNew && sessionID) || randomBytes(24).toString('base64url')
}

/** The token that every form of this session carries. */
export function csrfToken(req: Request) {
  req.session.hasForm = true
  return csrfOf(req)
}

function csrfOf({ sessionID }: Request) {
  return createHash('sha256').update(`csrf ${sessionID}`).digest('hex')
}

export function hasCsrfToken(req: Request) {
  const sent: unknown = req.body?._csrf
  const expected = csrfOf(req)
  if (typeof sent !== 'string' || Buffer.byteLength(sent) !== Buffer.byteLength(expected)) return false
  return timingSafeEqual(Buffer.from(sent), Buffer.from(expected))
}

/** Whether who is signed in may do that. */
export function may({ user }: Request, right: Right) {
  return user?.rights.includes(right) ?? false
}

/** Who is signed in; nobody once his access is closed or he has another password or other roles. */
export async function signedInUser({ session }: Request, directory: Directory): Promise<User | null> {
  if (!session.user) return null
  const user = await directory.find(session.user.login)
  return user?.stamp === session.user.stamp ? user : null
}

/** Signs somebody in with a new session id. @param now unix ms */
export async function startSession(req: Request, user: User, { session_idle }: Config['app'], now: number) {
  await new Promise<void>((resolve, reject) => {
    req.session.regenerate((error: unknown) => (error ? reject(error) : resolve()))
  })
  req.session.user = { login: user.login, stamp: user.stamp }
  req.session.since = now
  req.session.address = (req.ip ?? '').slice(0, longest.address)
  req.session.agent = (req.get('user-agent') ?? '').slice(0, longest.agent)
  req.session.cookie.maxAge = session_idle * 1000
  await new Promise<void>((resolve, reject) => {
    req.session.save((error: unknown) => (error ? reject(error) : resolve()))
  })
}

/** Characters. */
const longest = { address: 64, agent: 255 }
