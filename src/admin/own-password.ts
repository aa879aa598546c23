import { hash, verify } from '@node-rs/argon2'
import type { Request, Response } from 'express'
import type { Config } from '../config/load.ts'
import type { Directory } from '../people/directory.ts'
import { faultOfPassword, passwordLength } from '../people/new-password.ts'
import type { Throttle } from '../people/throttle.ts'
import type { Audit } from './audit.ts'
import type { Route } from './routes.ts'
import { startSession } from './session.ts'
import type { SessionList } from './session-list.ts'
import type { Render } from './views.ts'

interface OwnPasswordOptions {
  app: Config['app']
  directory: Directory
  sessions: SessionList
  throttle: Throttle
  audit: Audit
  render: Render
  /** Unix ms. */
  now: () => number
}

/** `/app/password`: everybody changes his own; `/app/password-hash`: the line of a password for users.ts. */
export function createOwnPassword(options: OwnPasswordOptions): Route[] {
  const { app, directory, sessions, throttle, audit, render, now } = options
  return [
    { method: 'get', path: '/app/password', access: 'user', handle: ask },
    { method: 'post', path: '/app/password', access: 'user', handle: change },
    { method: 'get', path: '/app/password-hash', access: 'maintenance', handle: askForHash },
    { method: 'post', path: '/app/password-hash', access: 'maintenance', handle: makeHash },
  ]

  function ask(req: Request, res: Response) {
    render(req, res, 'people/password.njk', { isChanged: req.query['changed'] !== undefined })
  }

  async function change(req: Request, res: Response) {
    const login = req.user?.login ?? ''
    const { current, password, again } = req.body as Record<string, unknown>
    const refuse = (status: number, text: string, params = {}) => {
      res.status(status)
      render(req, res, 'people/password.njk', { problem: { text, params } })
    }
    if (req.user?.isInFile) return refuse(403, 'people.password.in_file')
    const fault = faultOfPassword(password, again, login)
    if (fault || typeof password !== 'string')
      return refuse(422, fault ?? 'page.invitation.length', { ...passwordLength })

    const limit = { of: ['own password', login] as [string, string], most: 10, window: 15 * 60_000 }
    const seconds = await throttle.secondsToWait(limit)
    if (seconds > 0) return refuse(429, 'page.sign_in.throttled', { seconds })
    const { password: expected } = await directory.credentials(login)
    if (!expected || !(await verify(expected, typeof current === 'string' ? current : '')))
      return refuse(422, 'people.password.wrong')
    await throttle.forget(limit)

    await directory.people.setPassword(login, await hash(password))
    await sessions.endOf(login)
    await audit.record(req, { action: 'password_set', target: login })
    const user = await directory.find(login)
    if (user) await startSession(req, user, app, now())
    res.redirect(303, `${app.basePath}/app/password?changed`)
  }

  function askForHash(req: Request, res: Response) {
    render(req, res, 'people/password-hash.njk')
  }

  /** Nothing of it is kept. */
  async function makeHash(req: Request, res: Response) {
    const { password } = req.body as Record<string, unknown>
    const fault = faultOfPassword(password, password, '')
    if (fault) {
      res.status(422)
      return render(req, res, 'people/password-hash.njk', { problem: { text: fault, params: { ...passwordLength } } })
    }
    render(req, res, 'people/password-hash.njk', { hashed: await hash(String(password)) })
  }
}
