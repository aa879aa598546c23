import { hashSync, verify } from '@node-rs/argon2'
import { Router } from 'express'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import { hasCsrfToken, signedInUser, stampOf, type User } from './session.ts'
import type { Render } from './views.ts'

export interface SignInOptions {
  users: User[]
  basePath: string
  /** Under https the cookie is Secure, so nobody can sign in by http. */
  publicBase: string | null
  render: Render
}

const tries = { points: 10, duration: 15 * 60 }

/** `GET|POST /login` and `POST /logout`. */
export function createSignIn({ users, basePath, publicBase, render }: SignInOptions) {
  const failures = new RateLimiterMemory(tries)
  /** Checked when nobody has the login, so that the answer takes as long. */
  const nobody = hashSync('nobody has this password')
  const home = `${basePath}/app/transactions`
  const router = Router()

  router.get('/login', (req, res) => {
    const returnPage = localPage(req.query['return_page'], basePath) ?? home
    if (signedInUser(req, users)) return res.redirect(returnPage)
    render(req, res, 'login.njk', { returnPage })
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

    const throttle = `${req.ip} ${login}`
    const seconds = await secondsToWait(failures, throttle)
    if (seconds > 0) {
      res.setHeader('Retry-After', seconds)
      return refuse(429, 'page.sign_in.throttled', { seconds })
    }
    const found = users.find((candidate) => candidate.login === login)
    const matches = await verify(found?.password ?? nobody, password)
    const user = found && matches ? found : null
    if (!user) {
      await failures.consume(throttle).catch(() => {})
      return refuse(401, 'page.sign_in.wrong')
    }
    await failures.delete(throttle)
    req.session.regenerate((error: unknown) => {
      if (error) return next(error)
      req.session.user = { login: user.login, stamp: stampOf(user) }
      req.session.save((failure: unknown) => (failure ? next(failure) : res.redirect(303, returnPage)))
    })
  })

  router.post('/logout', (req, res) => {
    if (!hasCsrfToken(req)) {
      res.status(403)
      return render(req, res, 'error.njk', { title: 'page.csrf' })
    }
    req.session.destroy(() => res.redirect(303, `${basePath}/login`))
  })
  return router
}

async function secondsToWait(failures: RateLimiterMemory, key: string) {
  const record = await failures.get(key)
  return record && record.consumedPoints >= tries.points ? Math.ceil(record.msBeforeNext / 1000) : 0
}

function textFields(body: unknown) {
  const { login, password } = (body ?? {}) as Record<string, unknown>
  return {
    login: typeof login === 'string' ? login.trim() : '',
    password: typeof password === 'string' ? password : '',
  }
}

/** A path of this server below its folder; null for anything that could lead elsewhere. */
export function localPage(page: unknown, basePath: string): string | null {
  if (typeof page !== 'string' || !page.startsWith('/') || /[\\\s]/.test(page)) return null
  const { origin, pathname, search } = new URL(page, 'http://parom.invalid')
  if (origin !== 'http://parom.invalid' || !`${pathname}/`.startsWith(`${basePath}/`) || pathname.startsWith('//'))
    return null
  return `${pathname}${search}`
}
