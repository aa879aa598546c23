import { randomBytes } from 'node:crypto'
import type { Request, Response } from 'express'
import { checkToken, inspectConnection } from '../amocrm/account.ts'
import type { Amocrm } from '../amocrm/client.ts'
import { type Connection, HostRefusedError, OtherAccountError } from '../amocrm/connection.ts'
import { AmocrmError } from '../amocrm/errors.ts'
import type { Http } from '../amocrm/http.ts'
import { isSignedDisconnect } from '../amocrm/oauth.ts'
import type { Config } from '../config/load.ts'
import type { Audit } from './audit.ts'
import type { Route } from './routes.ts'
import type { Render } from './views.ts'

/** The account, as the pages reach it. */
export interface AmocrmAccess {
  connection: Connection
  http: Http
  client: Amocrm
}

interface ConnectionPagesOptions {
  amocrm: AmocrmAccess
  config: Config
  render: Render
  audit: Audit
  log: Record<'info' | 'warn', (details: object, message: string) => void>
  /** Unix ms. */
  now: () => number
}

declare module 'express-session' {
  interface SessionData {
    /** What this session has sent to amoCRM's consent page and waits to get back. */
    oauthStates: { value: string; issuedAt: number }[]
  }
}

/** A page may stand open in several tabs, and a consent takes its time. */
const openStates = { most: 10, ms: 60 * 60_000 }

/** `/api/auth`: how Parom is connected to amoCRM, and everything to connect it with. */
export function createConnectionPages({ amocrm, config, render, audit, log, now }: ConnectionPagesOptions): Route[] {
  const { connection, http, client } = amocrm
  const { client_id, client_secret, redirectUri, auth_url } = config.amo
  const integration = { clientId: client_id, clientSecret: client_secret, redirectUri }
  const access = 'maintenance'
  return [
    { method: 'get', path: '/api/auth', access, handle: open },
    { method: 'post', path: '/api/auth/token', access, handle: connectWithToken },
    { method: 'post', path: '/api/auth/check', access, handle: check },
    { method: 'post', path: '/api/auth/disconnect', access, handle: disconnect },
    ...['token', 'check', 'disconnect'].map(
      (form): Route => ({ method: 'get', path: `/api/auth/${form}`, access, handle: backToPage }),
    ),
    { method: 'get', path: '/api/auth/disconnected', access: 'anyone', handle: noteDisconnected },
  ]

  async function open(req: Request, res: Response) {
    if (req.query['code'] !== undefined || req.query['error'] !== undefined) return finish(req, res)
    await show(req, res)
  }

  async function connectWithToken(req: Request, res: Response) {
    const token = String(req.body?.access_token ?? '')
      .replace(/^\s*Bearer\s/i, '')
      .replace(/\s/g, '')
    if (!/^[\x21-\x7e]{20,}$/.test(token)) return refuse(req, res, 400, 'auth.token_malformed')
    await attempt(req, res, 'auth.token_refused', async () => {
      await checkToken(http, connection, token)
      await connection.connectWithToken(token)
      await audit.record(req, { action: 'connected', became: { kind: 'long_lived' } })
    })
  }

  async function check(req: Request, res: Response) {
    await connection.unlock()
    await audit.record(req, { action: 'connection_checked' })
    await attempt(req, res, 'auth.check_failed', async () => {})
  }

  async function disconnect(req: Request, res: Response) {
    await connection.disconnect()
    log.info({ login: req.user?.login }, 'amoCRM disconnected')
    await audit.record(req, { action: 'disconnected' })
    res.redirect(303, addressOf(req))
  }

  function backToPage(req: Request, res: Response) {
    res.redirect(addressOf(req))
  }

  /** amoCRM calls it when somebody switches the integration off there. The call may be an old one, so the CRM is asked. */
  function noteDisconnected(req: Request, res: Response) {
    if (client_secret === '' || !isSignedDisconnect(req.query, integration)) return void res.sendStatus(403)
    res.sendStatus(200)
    inspectConnection(client, connection)
      .catch(async (error: unknown) => {
        log.warn({ err: error }, 'integration switched off in amoCRM')
        if (error instanceof AmocrmError && error.kind === 'unauthorized')
          await connection.lost('crm_unauthorized', error.message)
      })
      .catch((err: unknown) => log.warn({ err }, 'loss of the connection could not be noted'))
  }

  /** amoCRM sends people back with a code, or with their refusal. */
  async function finish(req: Request, res: Response) {
    const { code, referer, state, error } = req.query
    if (!takeState(req, state, now())) return refuse(req, res, 400, 'auth.stale')
    await saved(req)
    if (error !== undefined) return refuse(req, res, 400, 'auth.declined')
    if (typeof code !== 'string' || typeof referer !== 'string') return refuse(req, res, 400, 'auth.incomplete')
    await attempt(req, res, 'auth.code_refused', async () => {
      await connection.connectWithCode(code, referer)
      await audit.record(req, { action: 'connected', became: { kind: 'oauth' } })
    })
  }

  /** Does the work, asks the CRM who we are, and says in words how it went. */
  async function attempt(req: Request, res: Response, refused: string, work: () => Promise<void>) {
    try {
      await work()
      await inspectConnection(client, connection)
    } catch (error) {
      if (error instanceof HostRefusedError) return refuse(req, res, 400, 'auth.host_refused', { host: error.message })
      if (error instanceof OtherAccountError) return refuse(req, res, 409, 'auth.other_account')
      if (!(error instanceof AmocrmError)) throw error
      log.warn({ err: error }, 'amoCRM not connected')
      return refuse(req, res, 502, textOf(error) ?? refused, { error: error.message })
    }
    log.info({ login: req.user?.login }, 'amoCRM connected')
    res.redirect(303, `${addressOf(req)}?done`)
  }

  function refuse(req: Request, res: Response, status: number, text: string, params = {}) {
    res.status(status)
    return show(req, res, { text, params })
  }

  async function show(req: Request, res: Response, problem?: { text: string; params: object }) {
    const status = await connection.status()
    const hasIntegration = client_id !== ''
    const state = hasIntegration ? issueState(req, now()) : ''
    allowButton(res, auth_url)
    render(req, res, 'amocrm/connection.njk', {
      status,
      problem,
      isDone: req.query['done'] !== undefined && !problem,
      hasIntegration,
      button: { clientId: client_id, state, script: `${auth_url}/auth/button.min.js`, link: consentUrl(state) },
      redirectUri,
      disconnectUri: `${redirectUri}/disconnected`,
      configuredHost: new URL(config.amo.baseUrl).host,
      host: new URL(status.baseUrl).host,
      elsewhere: new URL(redirectUri).host === req.host ? null : new URL(redirectUri).host,
    })
  }

  /** amoCRM sends back in the same window: this is the way without one of its own. */
  function consentUrl(state: string) {
    return `${auth_url}/oauth?${new URLSearchParams({ client_id, state, mode: 'post_message' })}`
  }
}

function addressOf({ baseUrl }: Request) {
  return `${baseUrl}/api/auth`
}

function issueState(req: Request, now: number) {
  const value = randomBytes(24).toString('base64url')
  const open = (req.session.oauthStates ?? []).filter(({ issuedAt }) => issuedAt > now - openStates.ms)
  req.session.oauthStates = [...open, { value, issuedAt: now }].slice(-openStates.most)
  return value
}

/** Before anything else is done: the same address may be opened a second time meanwhile. */
function saved({ session }: Request) {
  return new Promise<void>((resolve, reject) => session.save((error: unknown) => (error ? reject(error) : resolve())))
}

/** Whether this session has issued the state and not had it back yet. */
function takeState(req: Request, value: unknown, now: number) {
  const open = req.session.oauthStates ?? []
  const found = open.find((state) => state.value === value && state.issuedAt > now - openStates.ms)
  if (found) req.session.oauthStates = open.filter((state) => state !== found)
  return found !== undefined
}

/** What fails whatever is asked; null when it is about what was asked. */
function textOf({ kind, temporary }: AmocrmError) {
  if (kind === 'rate_limited') return 'auth.wait'
  if (kind === 'blocked') return 'auth.mend.crm_forbidden'
  return temporary ? 'auth.unavailable' : null
}

/** amoCRM's button is a script of amoCRM's that brings its own styles and talks to the window that it opens. */
function allowButton(res: Response, site: string) {
  const policy = String(res.getHeader('Content-Security-Policy') ?? '')
    .replace(/style-src [^;]*/, `style-src 'self' 'unsafe-inline'`)
    .replace(/img-src [^;]*/, `img-src 'self' data: ${site}`)
    .replace(/script-src [^;]*/, `script-src 'self' ${site}`)
  res.setHeader('Content-Security-Policy', policy)
  res.setHeader('Cross-Origin-Opener-Policy', 'same-origin-allow-popups')
}
