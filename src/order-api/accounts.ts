import { hash } from '@node-rs/argon2'
import { type RequestHandler, Router } from 'express'
import type { Config } from '../config/load.ts'
import type { Translate } from '../config/translate.ts'
import { bearerToken } from '../intake/token.ts'
import { createTurns } from '../people/in-turn.ts'
import { isPassword } from '../people/is-password.ts'
import { createSignInTries } from '../people/sign-in-tries.ts'
import { type Limit, maskedNetwork, networkOf, type Throttle } from '../people/throttle.ts'
import {
  AccountRefusal,
  type Asked,
  createAccountAnswers,
  fieldsOf,
  type Operation,
  UnauthenticatedError,
} from './account-answers.ts'
import { changePasswordSchema, loginSchema, registerSchema } from './account-schemas.ts'
import { createServiceTest } from './service-test.ts'
import type { ApiTokens } from './tokens.ts'
import { type ApiUser, type ApiUsers, NoPrefixLeftError } from './users.ts'

interface AccountsOptions {
  registration: Config['app']['registration']
  users: ApiUsers
  tokens: ApiTokens
  throttle: Throttle
  translate: Translate
  log: Record<'info' | 'error', (details: object, message: string) => void>
}

const minute = 60_000

const registrationsFrom = (network: string): Limit => ({
  of: ['api registration', network],
  most: 100,
  window: 15 * minute,
})
/** Of everybody who comes without an invitation. */
const registrations: Limit = { of: ['api registrations'], most: 500, window: 60 * minute }
const passwordChangesOf = (source: string): Limit => ({
  of: ['api password', source],
  most: 10,
  window: 15 * minute,
})

/** From where a shop has signed in within a quarter: full is yes. */
const homeOf = (email: string, address: string): Limit => ({
  of: ['api home', email, networkOf(address)],
  most: 1,
  window: 90 * 24 * 60 * minute,
})

/** `POST /api/register, /api/login, /api/logout, /api/change-password` and `GET /api/test`: how a shop comes by its tokens. */
export function createAccounts(options: AccountsOptions) {
  const { registration, users, tokens, throttle, translate, log } = options
  const { answerPost, refuseMethod } = createAccountAnswers({ translate, log })
  const tries = createSignInTries(throttle, 'api e-mail')
  const inTurn = createTurns()
  const operations: Operation[] = [
    { path: '/api/register', status: 201, failed: { signedUp: false }, answer: register },
    { path: '/api/login', status: 201, failed: { signedIn: false }, answer: signIn },
    { path: '/api/logout', status: 200, failed: { signedOut: false }, answer: signOut },
    { path: '/api/change-password', status: 201, failed: { passwordChanged: false }, answer: changePassword },
  ]

  const router = Router()
  for (const operation of operations)
    router.route(operation.path).all(notKept).post(answerPost(operation)).all(refuseMethod(operation))
  router.use('/api/test', notKept, createServiceTest({ registration, users, tokens, translate }))
  return router

  async function register(asked: Asked) {
    if (registration === 'closed') throw new AccountRefusal(['api.account.closed'])
    const { name, email, password, invitation } = await fieldsOf(asked, registerSchema)
    if (!invitation && registration === 'invitation') throw new AccountRefusal(['api.account.invitation_needed'])
    await ensureFew(registrationsFrom(networkOf(asked.req.ip ?? '')))
    const newcomer = { name, email, password: await hash(password) }
    const source = invitation ? await takeUp(invitation, newcomer) : await signUp(newcomer)
    log.info({ source }, 'shop registered')
    return { signedUp: true, token: await tokens.issue(source) }
  }

  async function takeUp(invitation: string, newcomer: Newcomer) {
    const { source, fault } = await users.takeUp(invitation, newcomer)
    if (source !== undefined) return source
    throw new AccountRefusal([fault === 'taken' ? 'api.account.taken' : 'api.account.invitation_over'])
  }

  async function signUp(newcomer: Newcomer) {
    await ensureFew(registrations)
    try {
      const source = await users.add({ ...newcomer, by: '' })
      if (source !== null) return source
    } catch (error) {
      if (!(error instanceof NoPrefixLeftError)) throw error
      throw new AccountRefusal(['api.account.full'])
    }
    await throttle.giveBack(registrations)
    throw new AccountRefusal(['api.account.taken'])
  }

  async function signIn(asked: Asked) {
    const fields = await fieldsOf(asked, loginSchema)
    const address = asked.req.ip ?? ''
    // At the same time, those with the right password would count as so many who try to guess it.
    return inTurn(`${networkOf(address)} ${fields.email}`, () => trySignIn(fields, address))
  }

  async function trySignIn({ email, password }: Pick<Newcomer, 'email' | 'password'>, address: string) {
    const home = homeOf(email, address)
    const { seconds, cameOff } = await tries.begin(email, address, () => throttle.isFull(home))
    ensureNoWait(seconds)
    const user = await users.findByEmail(email)
    const matches = await isPassword(password, user?.password)
    const token = user && matches ? await tokenOf(user) : null
    if (!user || !token) {
      log.info({ source: user?.source, network: maskedNetwork(address) }, 'shop could not sign in')
      throw new AccountRefusal(['api.account.wrong'])
    }
    await cameOff()
    await throttle.secondsToWait(home)
    log.info({ source: user.source }, 'shop signed in')
    return { signedIn: true, token }
  }

  /** Null when the user is blocked or has just got another password: whoever changes it revokes the tokens, but not those that come later. */
  async function tokenOf({ source, password }: Pick<ApiUser, 'source' | 'password'>) {
    const token = await tokens.issue(source)
    const user = await users.find(source)
    if (user?.password === password && user.blocked_at === null) return token
    await tokens.revoke(source, Number.parseInt(token, 10))
    return null
  }

  async function signOut({ req }: Asked) {
    const { source } = await userOf(req)
    await tokens.revokeAll(source)
    log.info({ source }, 'shop signed out')
    return { signedOut: true }
  }

  async function changePassword(asked: Asked) {
    const user = await userOf(asked.req)
    const { source } = user
    const { email, old_password, password } = await fieldsOf(asked, changePasswordSchema)
    if (email !== user.email) throw new AccountRefusal(['api.account.email_foreign'])
    if (user.password === null) throw new AccountRefusal(['api.account.no_password'])
    const limit = passwordChangesOf(source)
    await ensureFew(limit)
    const token = (await isPassword(old_password, user.password))
      ? await replacePassword(user, await hash(password))
      : null
    if (token === null) {
      log.info({ source, network: maskedNetwork(asked.req.ip) }, 'shop could not change its password')
      throw new AccountRefusal(['api.account.old_password_wrong'])
    }
    await throttle.forget(limit)
    log.info({ source }, 'shop changed its password')
    return { passwordChanged: true, token }
  }

  /** Null when somebody else has just changed it. */
  async function replacePassword({ source, password: before }: ApiUser, password: string) {
    if (before === null || !(await users.replacePassword(source, before, password))) return null
    await tokens.revokeAll(source)
    return tokenOf({ source, password })
  }

  async function userOf({ headers }: Asked['req']) {
    const token = bearerToken(headers)
    const user = token && (await tokens.identify(token))
    if (!user) throw new UnauthenticatedError()
    return user
  }

  async function ensureFew(limit: Limit) {
    ensureNoWait(await throttle.secondsToWait(limit))
  }
}

type Newcomer = Record<'name' | 'email' | 'password', string>

function ensureNoWait(seconds: number) {
  if (seconds > 0) throw new AccountRefusal(['api.account.throttled'], seconds)
}

const notKept: RequestHandler = (_req, res, next) => {
  res.setHeader('Cache-Control', 'no-store')
  next()
}
