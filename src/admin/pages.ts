import { join } from 'node:path'
import express, { type ErrorRequestHandler, type Request, type RequestHandler, Router } from 'express'
import type { Config } from '../config/load.ts'
import type { Translate } from '../config/translate.ts'
import type { Database } from '../database/open.ts'
import type { Checkups } from '../doctor/checkups.ts'
import type { Admitting } from '../inbox/accept-refused.ts'
import type { Inbox } from '../inbox/inbox.ts'
import { type AmocrmAccess, createConnectionPages } from './amocrm-connection.ts'
import { createDelivery } from './delivery.ts'
import { createDoctorPages } from './doctor.ts'
import { createInvitations } from './invitations.ts'
import { createRequireOperator } from './operators.ts'
import { createPasswords } from './passwords.ts'
import { createSession, signedInUser } from './session.ts'
import { createSessionStore } from './session-store.ts'
import { createSignIn } from './sign-in.ts'
import { createTransactions } from './transactions.ts'
import { createRender, type Render } from './views.ts'

interface PagesOptions {
  config: Config
  database: Database
  inbox: Inbox
  admitting: Admitting
  amocrm: AmocrmAccess
  checkups: Checkups
  translate: Translate
  log: Record<'info' | 'warn' | 'error', (details: object, message: string) => void>
  /** Unix ms. */
  now: () => number
}

/** What people see: sign-in and, behind it, the orders and the connection to amoCRM. */
export function createPages(options: PagesOptions) {
  const { config, database, inbox, admitting, amocrm, checkups, translate, log, now } = options
  const { basePath, publicBase } = config.app
  const render = createRender(config, translate)
  const userOf = (req: Request) => signedInUser(req, config.users)

  const requireUser: RequestHandler = (req, res, next) => {
    if (userOf(req)) return next()
    if (req.accepts(['html', 'json']) === 'json')
      return void res.status(401).json({ status: 401, error: 'unauthorized' })
    // A code of amoCRM's is worth nothing to another session, and belongs on no page.
    const [path = ''] = req.originalUrl.split('?')
    const page = req.query['code'] === undefined ? req.originalUrl : path
    res.redirect(`${basePath}/login?return_page=${encodeURIComponent(page)}`)
  }
  const requireAdmin: RequestHandler = (req, res, next) => {
    requireUser(req, res, () => {
      if (userOf(req)?.roles.includes('admin')) return next()
      res.status(403)
      render(req, res, 'error.njk', { title: 'page.admins_only' })
    })
  }
  /** Every page says when the orders cannot go out, and to whom can mend it that the settings do not fit. */
  const lookAtConnection: RequestHandler = async (req, res, next) => {
    const user = userOf(req)
    if (user) res.locals['connection'] = await amocrm.connection.status()
    if (user?.roles.includes('admin')) res.locals['misfits'] = await checkups.errors()
    next()
  }
  const webhookUrl = (req: Request) => `${publicBase ?? `${req.protocol}://${req.host}${basePath}`}/api/order/create`

  const router = Router()
  // As in `OPTIONS *`: no page has it, and it gets no session.
  router.use((req, res, next) => void (req.path.startsWith('/') ? next() : res.sendStatus(400)))
  router.use('/public', express.static(join(import.meta.dirname, '../../public'), { maxAge: '1h' }))
  router.use(createSession(createSessionStore(database.db, now), config.app))
  // Browsers say how long a form is. Of who does not, each byte may come alone, and take the room of forty.
  router.use((req, res, next) => void ('transfer-encoding' in req.headers ? res.sendStatus(411) : next()))
  router.use(express.urlencoded({ extended: false, limit: '16kb' }))
  router.use(lookAtConnection)
  router.get('/', (_req, res) => res.redirect(`${basePath}/app`))
  const signing = { users: config.users, passwords: createPasswords(database.db), basePath, publicBase, render }
  router.use(createSignIn(signing))
  router.use('/invitations', createInvitations({ ...signing, now }))
  router.get('/app', requireUser, (_req, res) => res.redirect(`${basePath}/app/transactions`))
  const operating = { inbox, render, requireOperator: createRequireOperator(userOf, render), userOf, log }
  const orders = { ...operating, admitting, amocrm, account: config.amo.domain, webhookUrl, now }
  router.use('/app/transactions', requireUser, createTransactions(orders))
  const { connection } = amocrm
  router.use('/app/delivery', requireUser, createDelivery({ ...operating, connection, basePath }))
  router.use('/app/doctor', requireAdmin, createDoctorPages({ checkups, translate, render, log }))
  router.use('/api/auth', createConnectionPages({ amocrm, config, render, requireAdmin, log, now }))

  router.use((req, res) => {
    res.status(404)
    if (req.accepts(['html', 'json']) === 'json' || req.path.startsWith('/api/')) {
      return void res.json({ status: 404, error: 'not_found', message: translate('page.api_not_found') })
    }
    render(req, res, 'error.njk', { title: 'page.not_found', hint: 'page.not_found.hint' })
  })

  router.use(answerFailure(render, log))
  return router
}

function answerFailure(render: Render, log: PagesOptions['log']): ErrorRequestHandler {
  return (err, req, res, next) => {
    if (res.headersSent) return next(err)
    const status = typeof err?.status === 'number' && err.status >= 400 && err.status < 500 ? err.status : 500
    if (status === 500) log.error({ err }, 'a page failed')
    res.status(status)
    render(req, res, 'error.njk', { title: 'page.failed', hint: 'page.failed.hint' })
  }
}
