import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import express, { type ErrorRequestHandler, type Request, type RequestHandler, Router } from 'express'
import type { Mirror } from '../amocrm/mirror.ts'
import type { Config } from '../config/load.ts'
import type { Right } from '../config/rights.ts'
import type { Instances } from '../database/instances.ts'
import { type Database, isDatabaseOut } from '../database/open.ts'
import { readSize } from '../database/size.ts'
import type { Checkups } from '../doctor/checkups.ts'
import type { Admitting } from '../inbox/accept-refused.ts'
import type { Inbox } from '../inbox/inbox.ts'
import type { Retention } from '../inbox/retention-job.ts'
import type { Runs } from '../inbox/runs.ts'
import type { Rules } from '../mapping/request.mapper.ts'
import type { ApiTokens } from '../order-api/tokens.ts'
import type { ApiUsers } from '../order-api/users.ts'
import { createDirectory } from '../people/directory.ts'
import type { FirstLink } from '../people/first-link.ts'
import { createThrottle } from '../people/throttle.ts'
import { type AlertsAccess, createAlertPages } from './alerts.ts'
import { type AmocrmAccess, createConnectionPages } from './amocrm-connection.ts'
import { createApiDocs } from './api-docs.ts'
import { createAudit } from './audit.ts'
import { createAuditLog } from './audit-log.ts'
import { createAuditPage } from './audit-page.ts'
import { createBench } from './bench.ts'
import { createTicks } from './checklist.ts'
import { createDelivery } from './delivery.ts'
import { createDoctorPages } from './doctor.ts'
import { createFirstSteps } from './first-steps.ts'
import { createInvitations } from './invitations.ts'
import { createLanguages } from './language.ts'
import { type Crashes, createMaintenance, type Upkeep } from './maintenance.ts'
import { createManual } from './manual.ts'
import { createMapping } from './mapping.ts'
import { createOverview } from './overview.ts'
import { createOwnPassword } from './own-password.ts'
import { createPeoplePages } from './people.ts'
import { createProblemPages } from './problems.ts'
import type { Rehearsing } from './rehearsing.ts'
import { createRoutes, type Route } from './routes.ts'
import { createRunPages } from './runs.ts'
import { createSession, signedInUser } from './session.ts'
import { createSessionList } from './session-list.ts'
import { createSessionStore } from './session-store.ts'
import { createSessions } from './sessions.ts'
import { createSignIn } from './sign-in.ts'
import { createSourcePages } from './sources.ts'
import { createTestOrders } from './test-orders.ts'
import { createTransactions } from './transactions.ts'
import { createRender, type Render } from './views.ts'

type PagesLog = Record<'info' | 'warn' | 'error', (details: object, message: string) => void>

export interface PagesOptions {
  config: Config
  database: Database
  inbox: Inbox
  /** Who sends orders by the order API. */
  orderApi: { users: ApiUsers; tokens: ApiTokens }
  instances: Instances
  admitting: Admitting
  runs: Runs
  amocrm: AmocrmAccess
  checkups: Checkups
  rehearsal: Rehearsing
  /** Of people's requests. */
  mirror: Mirror
  rules: Rules
  firstLink: FirstLink
  alerts: AlertsAccess
  upkeep: Upkeep
  crashes: Crashes
  retention: Pick<Retention, 'standing'>
  log: PagesLog
  /** Of who comes in. */
  channels: { auth: PagesLog }
  /** Unix ms. */
  now: () => number
}

/** Beyond this, the menu says "more". */
const mostFailed = 999
/** Orders that are kept while the CRM lets nobody in; beyond this, the pages say "more than". */
const mostKept = 1000

/** What people see: sign-in and, behind it, the orders and the connection to amoCRM. */
export function createPages(options: PagesOptions) {
  const { config, database, inbox, amocrm, checkups, log, now } = options
  const { basePath } = config.app
  const languages = createLanguages(config)
  const render = createRender(config, languages)

  const directory = createDirectory({ config, db: database.db, now })
  const recogniseUser: RequestHandler = async (req, _res, next) => {
    req.user = await signedInUser(req, directory)
    next()
  }
  /** Every page says when the orders cannot go out, and to whom can mend it that the settings do not fit. */
  const lookAtConnection: RequestHandler = async ({ user }, res, next) => {
    if (!user) return next()
    const may = (right: Right) => user.rights.includes(right)
    const [connection, misfits, failed] = await Promise.all([
      amocrm.connection.status(),
      may('maintenance') ? checkups.errors() : undefined,
      may('orders.see') ? inbox.countProblems(mostFailed + 1) : undefined,
    ])
    const isDown = connection.state === 'none' || connection.state === 'lost'
    const kept = isDown ? await inbox.countKept(mostKept + 1) : 0
    Object.assign(res.locals, { connection, misfits, failed, kept })
    next()
  }

  const router = Router()
  // As in `OPTIONS *`: no page has it, and it gets no session.
  router.use((req, res, next) => void (req.path.startsWith('/') ? next() : res.sendStatus(400)))
  // Express takes capitals for small letters, a cookie does not: below another folder than its own there is no session.
  router.use((req, res, next) => void (req.baseUrl === basePath ? next() : res.redirect(`${basePath}${req.url}`)))
  router.use('/public', publicFiles())
  router.use(notKept)
  router.use(createSession(createSessionStore(database.db, config.app.session_absolute * 1000, now), config.app))
  // Browsers say how long a form is. Of who does not, each byte may come alone, and take the room of forty.
  router.use((req, res, next) => void ('transfer-encoding' in req.headers ? res.sendStatus(411) : next()))
  router.use(recogniseUser, lookAtConnection)
  router.use(createRoutes(pageRoutes({ ...options, languages, render }), { basePath, render }))

  router.use((req, res) => {
    res.status(404)
    if (req.accepts(['html', 'json']) === 'json' || req.path.startsWith('/api/')) {
      const message = languages.translateFor(req)('page.api_not_found')
      return void res.json({ status: 404, error: 'not_found', message })
    }
    render(req, res, 'error.njk', { title: 'page.not_found', hint: 'page.not_found.hint' })
  })

  router.use(answerFailure(render, log))
  return router
}

/** Every address of the pages, and who may use it. */
export function pageRoutes({
  languages,
  render,
  ...options
}: PagesOptions & { languages: ReturnType<typeof createLanguages>; render: Render }): Route[] {
  const {
    config,
    database,
    inbox,
    admitting,
    runs,
    amocrm,
    checkups,
    rehearsal,
    rules,
    mirror,
    firstLink,
    alerts,
    upkeep,
    crashes,
    retention,
    log,
    channels,
    now,
    instances,
    orderApi,
  } = options
  const { basePath, publicBase, databaseUrl, timeZone } = config.app
  const audit = createAudit({ db: database.db, log: channels.auth, now })
  const shared = { render, languages, audit, log, now }
  const bench = { ...shared, inbox, admitting, rehearsal, mirror }
  const directory = createDirectory({ config, db: database.db, now })
  const sessions = createSessionList(database.db, now)
  const throttle = createThrottle(database.db, now)
  const people = { ...shared, app: config.app, config, basePath, directory, sessions, throttle }
  const baseOf = (req: Request) => publicBase ?? `${req.protocol}://${req.host}${basePath}`
  const webhookUrl = (req: Request) => `${baseOf(req)}/api/order/create`
  return [
    { method: 'get', path: '/', access: 'anyone', handle: (_req, res) => res.redirect(`${basePath}/app`) },
    ...createSignIn(people),
    ...createInvitations({ ...people, firstLink }),
    languages.route,
    ...createOverview({
      ...shared,
      inbox,
      instances,
      crashes,
      ticks: createTicks(database.db, now),
      firstSteps: createFirstSteps({
        checkups,
        webhookUrl,
        needsToken: config.sources.every(({ tokens, signingSecrets }) => tokens.length + signingSecrets.length > 0),
        countAdmins: directory.countManagers,
        hasAlerts: () => alerts.recipients().length > 0,
      }),
      readSize: () => readSize(database, databaseUrl),
      timeZone: config.app.timeZone,
    }),
    ...createRunPages({ ...shared, runs, admitting, sourceNames: orderApi.users.names, config }),
    ...createProblemPages({ inbox, render }),
    ...createTransactions({
      ...{ ...shared, db: database.db, inbox, admitting, amocrm, rehearsal, account: config.amo.domain, webhookUrl },
      ...{ forms: Object.keys(config.requestMapper.forms), timeZone: config.app.timeZone },
      sourceNames: orderApi.users.names,
    }),
    ...createDelivery({ ...shared, inbox, connection: amocrm.connection, basePath }),
    ...createMapping({ ...shared, rules, mirror, folder: `config/${config.env}` }),
    ...createBench(bench),
    ...createTestOrders({ ...bench, client: amocrm.client, account: config.amo.domain }),
    ...createDoctorPages({ ...shared, checkups }),
    ...createAlertPages({ ...shared, alerts, env: config.env, isDiskOurs: databaseUrl.startsWith('sqlite:') }),
    ...createMaintenance({ ...shared, upkeep, instances, crashes, retention, config }),
    ...createManual({ ...shared, baseOf }),
    ...createApiDocs({ ...shared, baseOf, config }),
    ...createConnectionPages({ ...shared, amocrm, config, log: channels.auth }),
    ...createPeoplePages(people),
    ...createSourcePages({ ...shared, config, rules, orderApi, baseOf }),
    ...createSessions(people),
    ...createOwnPassword(people),
    ...createAuditPage({ ...shared, ...directory, auditLog: createAuditLog(database.db), config, timeZone }),
  ]
}

/** What somebody sees who is signed in is for nobody who uses his browser or proxy after him. */
const notKept: RequestHandler = (_req, res, next) => {
  res.setHeader('Cache-Control', 'no-store')
  next()
}

/** Our own files, and what comes from libraries by their names. */
function publicFiles() {
  const files = Router()
  const options = { maxAge: '1h' }
  const { resolve } = createRequire(import.meta.url)
  files.use('/htmx', express.static(dirname(resolve('htmx.org')), options))
  files.use('/uplot', express.static(dirname(resolve('uplot')), options))
  files.use(express.static(join(import.meta.dirname, '../../public'), options))
  return files
}

function answerFailure(render: Render, log: PagesOptions['log']): ErrorRequestHandler {
  return (err, req, res, next) => {
    if (res.headersSent) return next(err)
    const status = statusOf(err)
    if (status >= 500) log.error({ err }, 'page failed')
    if (status === 503) res.set('Retry-After', '5')
    res.status(status)
    render(req, res, 'error.njk', failureWords(status))
  }
}

function statusOf(error: unknown) {
  if (isDatabaseOut(error)) return 503
  const { status } = (error ?? {}) as { status?: unknown }
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500
}

function failureWords(status: number) {
  if (status === 503) return { title: 'page.store_out', hint: 'page.store_out.hint' }
  if (status === 500) return { title: 'page.failed', hint: 'page.failed.hint' }
  if (status === 413) return { title: 'page.too_long', hint: 'page.too_long.hint' }
  return { title: 'page.not_found', hint: 'page.not_found.hint' }
}
