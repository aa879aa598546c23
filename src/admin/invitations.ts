import { createHash, timingSafeEqual } from 'node:crypto'
import { hash } from '@node-rs/argon2'
import { type Request, type Response, Router } from 'express'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import type { Passwords } from './passwords.ts'
import { hasCsrfToken, type User } from './session.ts'
import { secondsToWait } from './throttle.ts'
import type { Render } from './views.ts'

interface InvitationsOptions {
  users: User[]
  passwords: Passwords
  basePath: string
  /** Under https the cookie is Secure, so no form can be sent by http. */
  publicBase: string | null
  render: Render
  /** Unix ms. */
  now: () => number
}

/** Characters. */
const length = { shortest: 10, longest: 1000 }

/** Tries with a link that is none or is over, from one address within a quarter of an hour. */
const tries = { points: 100, duration: 15 * 60 }

/** `GET|POST /invitations/:token`: whoever was invited sets a password, once. */
export function createInvitations({ users, passwords, basePath, publicBase, render, now }: InvitationsOptions) {
  const byAddress = new RateLimiterMemory(tries)
  const router = Router()

  function refuse(req: Request, res: Response, status: number, text: string, params = {}, login?: string) {
    res.status(status)
    render(req, res, 'invitation.njk', { login, problem: { text, params } })
    return null
  }

  /** Whom the link invites; null once it has been answered with why it does not. */
  async function invited(req: Request<{ token: string }>, res: Response) {
    const address = req.ip ?? ''
    const seconds = await secondsToWait([byAddress, address])
    if (seconds > 0) {
      res.setHeader('Retry-After', seconds)
      return refuse(req, res, 429, 'page.sign_in.throttled', { seconds })
    }
    const found = findInvited(users, req.params.token)
    if (!found) return refuse(req, res, 404, 'page.invitation.over')
    if (found.until <= now() || (await passwords.find(found.login, found.digest)))
      return refuse(req, res, 410, 'page.invitation.over')
    await byAddress.reward(address)
    return found
  }

  router.get('/:token', async (req, res) => {
    const user = await invited(req, res)
    if (user) render(req, res, 'invitation.njk', { login: user.login })
  })

  router.post('/:token', async (req, res, next) => {
    const user = await invited(req, res)
    if (!user) return
    const askAgain = (status: number, text: string, params = {}) => refuse(req, res, status, text, params, user.login)
    if (publicBase?.startsWith('https:') && !req.secure) return askAgain(403, 'page.https_only', { url: publicBase })
    if (!hasCsrfToken(req)) return askAgain(403, 'page.csrf')
    const { password, again } = (req.body ?? {}) as Record<string, unknown>
    const fault = faultOf(password, again, user.login)
    if (fault || typeof password !== 'string') return askAgain(422, fault ?? 'page.invitation.length', length)

    const isSet = await passwords.set({
      login: user.login,
      password: await hash(password),
      invitation: user.digest,
    })
    if (!isSet) return refuse(req, res, 410, 'page.invitation.over')
    req.session.regenerate((error: unknown) =>
      error ? next(error) : res.redirect(303, `${basePath}/login?password=set`),
    )
  })
  return router
}

/** Every invitation is compared, so that the time tells nothing of how near a guess was. */
function findInvited(users: User[], token: string) {
  const digest = createHash('sha256').update(token).digest('base64url')
  let found: { login: string; digest: string; until: number } | null = null
  for (const { login, password, invitation } of users) {
    if (password !== null || !invitation) continue
    if (timingSafeEqual(Buffer.from(invitation.digest), Buffer.from(digest)))
      found = { login, digest, until: Date.parse(invitation.until) }
  }
  return found
}

/** What is wrong with the password, as a key of the translations. */
function faultOf(password: unknown, again: unknown, login: string) {
  if (typeof password !== 'string') return 'page.invitation.length'
  const { length: characters } = Array.from(password)
  if (characters < length.shortest || characters > length.longest) return 'page.invitation.length'
  if (password.trim().toLowerCase() === login.toLowerCase()) return 'page.invitation.login'
  return password === again ? null : 'page.invitation.differ'
}
