import { timingSafeEqual } from 'node:crypto'
import { hash } from '@node-rs/argon2'
import type { NextFunction, Request, Response } from 'express'
import type { Config } from '../config/load.ts'
import type { Directory } from '../people/directory.ts'
import type { FirstLink } from '../people/first-link.ts'
import { digestOf } from '../people/links.ts'
import { faultOfPassword, passwordLength } from '../people/new-password.ts'
import { type Limit, networkOf, type Throttle } from '../people/throttle.ts'
import type { Audit } from './audit.ts'
import { newcomerOf } from './newcomer.ts'
import type { Route } from './routes.ts'
import { hasCsrfToken } from './session.ts'
import type { Render } from './views.ts'

interface InvitationsOptions {
  config: Pick<Config, 'app' | 'users'>
  directory: Directory
  firstLink: FirstLink
  throttle: Throttle
  audit: Audit
  render: Render
  /** Unix ms. */
  now: () => number
}

/** What a link lets one do. */
interface Invited {
  /** Null: whoever comes by it says his login and name himself. */
  login: string | null
  isOver: boolean
  /** False when somebody was quicker. @param password argon2id */
  take: (password: string, who: { login: string; name: string }) => Promise<boolean>
}

/** Tries with a link that is none or is over. */
const triesFrom = (address: string): Limit => ({ of: ['invitation', address], most: 100, window: 15 * 60_000 })

/** `GET|POST /invitations/:token`: whoever was invited sets a password, once; by the first link of all somebody becomes the administrator. */
export function createInvitations({
  config,
  directory,
  firstLink,
  throttle,
  audit,
  render,
  now,
}: InvitationsOptions): Route[] {
  const { basePath, publicBase } = config.app
  const path = '/invitations/:token'
  return [
    { method: 'get', path, access: 'anyone', handle: ask },
    { method: 'post', path, access: 'anyone', checksCsrf: true, handle: take },
  ]

  function refuse(req: Request, res: Response, status: number, text: string, params = {}, context = {}) {
    res.status(status)
    render(req, res, 'invitation.njk', { ...context, problem: { text, params } })
    return null
  }

  /** Whom the link invites; null once it has been answered with why it does not. */
  async function invited(req: Request, res: Response) {
    const limit = triesFrom(networkOf(req.ip ?? ''))
    const seconds = await throttle.secondsToWait(limit)
    if (seconds > 0) {
      res.setHeader('Retry-After', seconds)
      return refuse(req, res, 429, 'page.sign_in.throttled', { seconds })
    }
    const token = String(req.params['token'])
    const found = (await ofFile(token)) ?? (await ofTable(token)) ?? (await ofFirst(token))
    if (!found) return refuse(req, res, 404, 'page.invitation.over')
    if (found.isOver) return refuse(req, res, 410, 'page.invitation.over')
    await throttle.giveBack(limit)
    return found
  }

  async function ofFile(token: string): Promise<Invited | null> {
    const found = findInvited(config.users, token)
    if (!found) return null
    const { login, digest: invitation, until } = found
    const isOver = until <= now() || (await directory.passwords.find(login, invitation)) !== null
    return { login, isOver, take: (password) => directory.passwords.set({ login, password, invitation }) }
  }

  async function ofTable(token: string): Promise<Invited | null> {
    const person = await directory.people.findInvited(token)
    if (!person || directory.inFile(person.login)) return null
    const isOver = (person.invited_until ?? 0) <= now() || person.closed_at !== null
    return { login: person.login, isOver, take: (password) => directory.people.takeUp(token, password) }
  }

  async function ofFirst(token: string): Promise<Invited | null> {
    if (!(await firstLink.fits(token))) return null
    return { login: null, isOver: false, take: (password, who) => firstLink.takeUp({ ...who, password }) }
  }

  async function ask(req: Request, res: Response) {
    const found = await invited(req, res)
    if (found) render(req, res, 'invitation.njk', { login: found.login, isFirst: found.login === null })
  }

  async function take(req: Request, res: Response, next: NextFunction) {
    const found = await invited(req, res)
    if (!found) return
    const isFirst = found.login === null
    const newcomer = newcomerOf(req.body)
    const { login, name } = found.login === null ? newcomer : { login: found.login, name: '' }
    const askAgain = (status: number, text: string, params = {}) =>
      refuse(req, res, status, text, params, { login, name, isFirst })
    if (publicBase?.startsWith('https:') && !req.secure) return askAgain(403, 'page.https_only', { url: publicBase })
    if (!hasCsrfToken(req)) return askAgain(403, 'page.csrf')
    if (isFirst && newcomer.fault) return askAgain(422, newcomer.fault)
    if (isFirst && (await directory.isTaken(login))) return askAgain(422, 'people.login.taken')
    const { password, again } = (req.body ?? {}) as Record<string, unknown>
    const fault = faultOfPassword(password, again, login)
    if (fault || typeof password !== 'string')
      return askAgain(422, fault ?? 'page.invitation.length', { ...passwordLength })

    if (!(await found.take(await hash(password), { login, name }))) return refuse(req, res, 410, 'page.invitation.over')
    await audit.record(req, { action: 'password_set', login, target: login })
    req.session.regenerate((error: unknown) =>
      error ? next(error) : res.redirect(303, `${basePath}/login?password=set`),
    )
  }
}

/** Every invitation is compared, so that the time tells nothing of how near a guess was. */
function findInvited(users: Config['users'], token: string) {
  const digest = digestOf(token)
  let found: { login: string; digest: string; until: number } | null = null
  for (const { login, password, invitation } of users) {
    if (password !== null || !invitation) continue
    if (timingSafeEqual(Buffer.from(invitation.digest), Buffer.from(digest)))
      found = { login, digest, until: Date.parse(invitation.until) }
  }
  return found
}
