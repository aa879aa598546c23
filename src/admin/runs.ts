import type { NextFunction, Request, Response } from 'express'
import { z } from 'zod'
import type { Config } from '../config/load.ts'
import { runOutcomes } from '../database/tables.ts'
import type { Admitting } from '../inbox/accept-refused.ts'
import { createMessageId } from '../inbox/message-id.ts'
import { mostPreviewed } from '../inbox/run-preview.ts'
import type { Run, Runs } from '../inbox/runs.ts'
import type { Audit, AuditAction } from './audit.ts'
import type { Languages } from './language.ts'
import type { Route } from './routes.ts'
import { type AskedScope, listOf, readScope } from './run-scopes.ts'
import { aboutWords, estimateMs, nameOf, pace, progressOf } from './run-words.ts'
import { may } from './session.ts'
import { localeOf, type Render } from './views.ts'

interface RunPagesOptions {
  runs: Runs
  admitting: Admitting
  /** What people call the sources of the order API, by their ids. */
  sourceNames: () => Promise<Map<string, string>>
  config: Pick<Config, 'app'>
  languages: Languages
  render: Render
  audit: Audit
  log: { info: (details: object, message: string) => void }
  /** Unix ms. */
  now: () => number
}

const listed = 25
const startForm = z.object({ token: z.uuid(), name: z.string().trim().max(100).catch('') })
const place = z.object({
  show: z.enum(runOutcomes).optional().catch(undefined),
  after: z.uuid().optional().catch(undefined),
  before: z.uuid().optional().catch(undefined),
})
const deeds = { pause: 'run_paused', resume: 'run_resumed', cancel: 'run_cancelled' } as const satisfies Record<
  string,
  AuditAction
>

/** Bytes: of hundreds of orders that were ticked. */
const ticksLimit = 48 * 1024

/** `/app/runs`: many orders are sent again in one go, after a look at what that will do. */
export function createRunPages(options: RunPagesOptions): Route[] {
  const { runs, admitting, sourceNames, config, languages, render, audit, log, now } = options
  const { timeZone } = config.app
  const deed = (name: keyof typeof deeds): Route => ({
    method: 'post',
    path: `/app/runs/:id/${name}`,
    access: 'orders.send',
    handle: (req, res, next) => change(req, res, next, name),
  })
  return [
    { method: 'get', path: '/app/runs', access: 'orders.see', handle: history },
    { method: 'post', path: '/app/runs', access: 'orders.send', formLimit: ticksLimit, handle: start },
    { method: 'get', path: '/app/runs/new', access: 'orders.send', handle: (req, res) => ask(req, res, req.query) },
    {
      method: 'post',
      path: '/app/runs/new',
      access: 'orders.send',
      formLimit: ticksLimit,
      handle: (req, res) => ask(req, res, req.body, true),
    },
    { method: 'get', path: '/app/runs/:id', access: 'orders.see', handle: show },
    deed('pause'),
    deed('resume'),
    deed('cancel'),
    { method: 'get', path: '/app/runs/:id/:deed', access: 'orders.see', handle: toRun },
  ]

  /** Says what a run will do, before anything is done. */
  async function ask(req: Request, res: Response, given: Record<string, unknown>, isForm = false) {
    const asked = readScope(given, calendarOf(req), { isForm })
    if ('fault' in asked) return refuse(req, res, asked)
    const { scope, fields } = asked
    const translate = languages.translateFor(req)
    const preview = await runs.preview(scope)
    const sendable = Object.values(preview.sendable).reduce((sum, each) => sum + each, 0)
    const date = new Intl.DateTimeFormat(localeOf(languages.languageOf(req)), { dateStyle: 'short', timeZone })
    render(req, res, 'runs/new.njk', {
      scope,
      fields,
      preview,
      sendable,
      mostPreviewed,
      about: aboutWords(estimateMs(sendable), translate),
      pace,
      name: nameOf(scope, date.format(now()), translate),
      token: createMessageId(now()),
      sources: admitting.sources,
      listAddress: 'filter' in scope ? listOf(scope.filter) : null,
      sourceName: await sourceNameOf(scope),
    })
  }

  async function sourceNameOf(scope: Run['scope']) {
    const source = 'filter' in scope ? scope.filter.source : undefined
    return source === undefined ? undefined : (await sourceNames()).get(source)
  }

  function calendarOf(req: Request) {
    return { timeZone, now: now(), isMasked: !may(req, 'orders.read') }
  }

  function refuse(req: Request, res: Response, { fault, names = [] }: Extract<AskedScope, { fault: string }>) {
    res.status(422)
    render(req, res, 'runs/fault.njk', { fault, names })
  }

  async function start(req: Request, res: Response) {
    const asked = readScope(req.body, calendarOf(req), { isForm: true })
    if ('fault' in asked) return refuse(req, res, asked)
    const form = startForm.safeParse(req.body)
    if (!form.success) return refuse(req, res, { fault: 'not_understood', names: ['token'] })
    const { token, name } = form.data
    const { scope } = asked
    const by = req.user?.login ?? ''
    const run = await runs.start({ id: token, name: name || languages.translateFor(req)('runs.untitled'), by, scope })
    if (run.isNew) {
      log.info({ run: run.id, login: by }, 'run started')
      await audit.record(req, {
        action: 'run_started',
        target: run.id,
        became: 'ids' in scope ? { orders: scope.ids.length } : deedScope(scope),
      })
    }
    // Another one that means the same orders is under way.
    res.redirect(303, `${req.baseUrl}/app/runs/${run.id}${run.isNew || run.id === token ? '' : '?known=1'}`)
  }

  async function change(req: Request, res: Response, next: NextFunction, name: keyof typeof deeds) {
    const id = String(req.params['id'])
    if (!(await runs.find(id))) return next()
    if (await runs[name](id)) {
      log.info({ run: id, login: req.user?.login }, `run asked to ${name}`)
      await audit.record(req, { action: deeds[name], target: id })
    }
    toRun(req, res)
  }

  function toRun(req: Request, res: Response) {
    res.redirect(303, `${req.baseUrl}/app/runs/${req.params['id']}`)
  }

  async function history(req: Request, res: Response) {
    const { before } = place.parse(req.query)
    const found = await runs.list({ before, limit: listed + 1 })
    const shown = found.slice(0, listed)
    if (req.accepts(['html', 'json']) === 'json') return res.json({ runs: shown.map(toJson) })
    render(req, res, 'runs/index.njk', {
      runs: shown.map((run) => ({ ...run, ...progressOf(run) })),
      isFirst: before === undefined,
      older: found.length > listed ? shown.at(-1)?.id : null,
    })
  }

  async function show(req: Request, res: Response, next: NextFunction) {
    const run = await runs.find(String(req.params['id']))
    if (!run) return next()
    if (req.accepts(['html', 'json']) === 'json') return res.json(toJson(run))
    const { show = runOutcomes.find((outcome) => run[outcome] > 0) ?? 'failed', after } = place.parse(req.query)
    const found = await runs.items(run.id, show, { after, limit: listed + 1 })
    const items = found.slice(0, listed)
    const progress = progressOf(run)
    const { scope } = run
    render(req, res, 'runs/show.njk', {
      run,
      progress,
      about: progress.eta === null ? null : aboutWords(progress.eta, languages.translateFor(req)),
      outcomes: runOutcomes.filter((outcome) => run[outcome] > 0 || outcome === show),
      show,
      items,
      after,
      more: found.length > listed ? items.at(-1)?.message_id : null,
      isKnown: req.query['known'] !== undefined,
      origin: 'failedOf' in scope ? await runs.find(scope.failedOf) : null,
      listAddress: 'filter' in scope ? listOf(scope.filter) : null,
      sourceName: await sourceNameOf(scope),
    })
  }
}

/** For the record: a filter may hold what somebody typed to find a person. */
function deedScope(scope: Run['scope']) {
  if (!('filter' in scope)) return scope
  const { text, partner, ...filter } = scope.filter
  return { ...scope, filter: { ...filter, ...(text && { text: true }), ...(partner && { partner: true }) } }
}

function toJson(run: Run) {
  const { id, name, state, created_by, total, waiting, queued, retrying, delivered, failed, skipped } = run
  const counts = { total, waiting, queued, retrying, delivered, failed, skipped }
  return { id, name, state, created_at: new Date(run.created_at).toISOString(), created_by, ...counts }
}
