import type { Request, Response } from 'express'
import type { Config } from '../config/load.ts'
import type { Directory } from '../people/directory.ts'
import { isPassword } from '../people/is-password.ts'
import { createSignInTries } from '../people/sign-in-tries.ts'
import type { Throttle } from '../people/throttle.ts'
import type { Audit } from './audit.ts'
import type { Route } from './routes.ts'
import { hasCsrfToken, startSession } from './session.ts'
import type { Render } from './views.ts'

interface SignInOptions {
  app: Config['app']
  directory: Directory
  throttle: Throttle
  audit: Audit
  render: Render
  /** Unix ms. */
  now: () => number
}

/** Characters; nobody has a longer one. */
const longest = { login: 100, password: 1000 }

/** `GET|POST /login` and `POST /logout`. */
export function createSignIn({ app, directory, throttle, audit, render, now }: SignInOptions): Route[] {
  const { basePath, publicBase } = app
  const tries = createSignInTries(throttle, 'login')
  const home = `${basePath}/app`

  return [
    { method: 'get', path: '/login', access: 'anyone', handle: ask },
    { method: 'post', path: '/login', access: 'anyone', checksCsrf: true, handle: signIn },
    { method: 'post', path: '/logout', access: 'anyone', handle: signOut },
  ]

  function ask(req: Request, res: Response) {
    const returnPage = localPage(req.query['return_page'], basePath) ?? home
    if (req.user) return res.redirect(returnPage)
    render(req, res, 'login.njk', { returnPage, done: whatWasDone(req.query) })
  }

  async function signIn(req: Request, res: Response) {
    const { login, password } = textFields(req.body)
    const returnPage = localPage(req.body?.return_page, basePath) ?? home
    const refuse = (status: number, text: string, params = {}) => {
      res.status(status)
      render(req, res, 'login.njk', { returnPage, login, problem: { text, params } })
    }
    // Under https the cookie is Secure, so nobody can sign in by http.
    if (publicBase?.startsWith('https:') && !req.secure) return refuse(403, 'page.https_only', { url: publicBase })
    if (!hasCsrfToken(req)) return refuse(403, 'page.csrf')

    const address = req.ip ?? ''
    const { seconds, cameOff } = await tries.begin(login, address, () => audit.hasSignedIn(login, address))
    if (seconds > 0) {
      res.setHeader('Retry-After', seconds)
      return refuse(429, 'page.sign_in.throttled', { seconds })
    }
    const { isKnown, user, password: expected } = await directory.credentials(login)
    const matches = await isPassword(password, expected)
    if (!user || !matches) {
      // What was typed may be anything, a password too.
      await audit.record(req, { action: 'sign_in_failed', login: isKnown ? login : '' })
      return refuse(401, 'page.sign_in.wrong')
    }
    await cameOff()
    await startSession(req, user, app, now())
    await audit.record(req, { action: 'signed_in', login: user.login })
    res.redirect(303, returnPage)
  }

  async function signOut(req: Request, res: Response) {
    if (req.user) await audit.record(req, { action: 'signed_out' })
    req.session.destroy(() => res.redirect(303, `${basePath}/login`))
  }
}

/** What somebody has done who comes from there, for the page to say. */
function whatWasDone({ password, ended, reset }: Request['query']) {
  const counted = (count: unknown) => Math.trunc(Math.min(Math.max(Number(count), 0), 1_000_000)) || 0
  if (password === 'set') return { text: 'page.invitation.done' }
  if (ended !== undefined) return { text: 'people.everybody.done', params: { count: counted(ended) } }
  if (reset !== undefined) return { text: 'people.reset.done', params: { count: counted(reset) } }
  return null
}

function textFields(body: unknown) {
  const { login, password } = (body ?? {}) as Record<string, unknown>
  const text = (value: unknown) => (typeof value === 'string' ? value : '')
  return { login: text(login).trim().slice(0, longest.login), password: text(password).slice(0, longest.password) }
}

/** A path of this server below its folder; null for anything that could lead elsewhere. */
export function localPage(page: unknown, basePath: string): string | null {
  if (typeof page !== 'string' || !page.startsWith('/') || /[\\\s]/.test(page)) return null
  const url = URL.parse(page, 'http://parom.invalid')
  if (url?.origin !== 'http://parom.invalid' || url.pathname.startsWith('//')) return null
  return `${url.pathname}/`.startsWith(`${basePath}/`) ? `${url.pathname}${url.search}` : null
}
