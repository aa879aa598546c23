import { hashSync, verify } from '@node-rs/argon2'
import { Router } from 'express'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import type { Passwords } from './passwords.ts'
import { requireCsrf } from './require-csrf.ts'
import { hasCsrfToken, signedInMs, signedInUser, stampOf, type User } from './session.ts'
import { secondsToWait } from './throttle.ts'
import type { Render } from './views.ts'

interface SignInOptions {
  users: User[]
  passwords: Passwords
  basePath: string
  /** Under https the cookie is Secure, so nobody can sign in by http. */
  publicBase: string | null
  render: Render
}

/** Failures within a quarter of an hour: for one login from one address, and for one address. */
const window = 15 * 60
const most = { login: 10, address: 100 }

/** Characters; nobody has a longer one. */
const longest = { login: 100, password: 1000 }

/** `GET|POST /login` and `POST /logout`. */
export function createSignIn({ users, passwords, basePath, publicBase, render }: SignInOptions) {
  const byLogin = new RateLimiterMemory({ points: most.login, duration: window })
  const byAddress = new RateLimiterMemory({ points: most.address, duration: window })
  /** Checked when nobody has the login, so that the answer takes as long. */
  const nobody = hashSync('nobody has this password')
  const home = `${basePath}/app/transactions`
  const router = Router()

  router.get('/login', (req, res) => {
    const returnPage = localPage(req.query['return_page'], basePath) ?? home
    if (signedInUser(req, users)) return res.redirect(returnPage)
    render(req, res, 'login.njk', { returnPage, isPasswordSet: req.query['password'] === 'set' })
  })

  router.post('/login', async (req, res, next) => {
    const { login, password } = textFields(req.body)
    const returnPage = localPage(req.body?.return_page, basePath) ?? home
    const refuse = (status: number, text: string, params = {}) => {
      res.status(status)
      render(req, res, 'login.njk', { returnPage, login, problem: { text, params } })
    }
    if (publicBase?.startsWith('https:') && !req.secure) return refuse(403, 'page.https_only', { url: publicBase })
    if (!hasCsrfToken(req)) return refuse(403, 'page.csrf')

    const address = req.ip ?? ''
    const key = `${address} ${login}`
    const seconds = await secondsToWait([byAddress, address], [byLogin, key])
    if (seconds > 0) {
      res.setHeader('Retry-After', seconds)
      return refuse(429, 'page.sign_in.throttled', { seconds })
    }
    const found = users.find((candidate) => candidate.login === login)
    // Asked for everybody, so that the answer takes as long.
    const own = await passwords.find(login, found?.invitation?.digest ?? '')
    const expected = found ? (found.password ?? own) : null
    const matches = await verify(expected ?? nobody, password)
    const user = found && expected && matches ? found : null
    if (!user) return refuse(401, 'page.sign_in.wrong')
    await byLogin.delete(key)
    await byAddress.reward(address)
    req.session.regenerate((error: unknown) => {
      if (error) return next(error)
      req.session.user = { login: user.login, stamp: stampOf(user) }
      req.session.cookie.maxAge = signedInMs
      req.session.save((failure: unknown) => (failure ? next(failure) : res.redirect(303, returnPage)))
    })
  })

  router.post('/logout', requireCsrf(render), (req, res) => {
    req.session.destroy(() => res.redirect(303, `${basePath}/login`))
  })
  return router
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
