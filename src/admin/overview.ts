import type { Request, Response } from 'express'
import type { ConnectionStatus } from '../amocrm/connection-status.ts'
import type { Instances } from '../database/instances.ts'
import type { DatabaseSize } from '../database/size.ts'
import { countOf, quantileOf, sumOf } from '../inbox/durations.ts'
import { type Figures, mostFigured } from '../inbox/figures.ts'
import type { Inbox } from '../inbox/inbox.ts'
import type { Audit } from './audit.ts'
import { barsOf, chartData, sumWithin } from './chart.ts'
import { type createTicks, tickable } from './checklist.ts'
import { hoursOf, lastDays, type Span } from './days.ts'
import { type FirstSteps, isAllDone } from './first-steps.ts'
import type { Languages } from './language.ts'
import type { Crashes } from './maintenance.ts'
import { createMeasures } from './measures.ts'
import type { Route } from './routes.ts'
import { may } from './session.ts'
import { localeOf, type Render } from './views.ts'

interface OverviewOptions {
  inbox: Inbox
  instances: Pick<Instances, 'all'>
  crashes: Crashes
  ticks: ReturnType<typeof createTicks>
  firstSteps: FirstSteps
  readSize: () => Promise<DatabaseSize>
  timeZone: string
  render: Render
  languages: Languages
  audit: Audit
  /** Unix ms. */
  now: () => number
}

const daysShown = 7
/** Of fewer deliveries a quantile says little. */
const few = 20
const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
/** Ms that the oldest order may wait before it looks bad, and before it is bad. */
const longWait = { warning: 5 * minute, bad: 15 * minute }
/** Requests a second, of all processes together. */
const limit = 7

/** `/app`: how the installation is doing, and what is left to do before it is ready. */
export function createOverview(options: OverviewOptions): Route[] {
  const { inbox, instances, crashes, ticks, firstSteps, timeZone, render, languages, audit, now } = options
  const readSize = remembered(options.readSize, now)
  const measures = { ru: createMeasures(localeOf('ru')), en: createMeasures(localeOf('en')) }
  return [
    { method: 'get', path: '/app', access: 'orders.see', handle: show },
    { method: 'post', path: '/app/checklist', access: 'maintenance', handle: tick },
    { method: 'get', path: '/app/checklist', access: 'user', handle: backToPage },
  ]

  async function show(req: Request, res: Response) {
    const days = lastDays(now(), daysShown, timeZone)
    const [first = { from: now(), to: now() }, today = first] = [days[0], days.at(-1)]
    const figures = await inbox.figures(first.from)
    const all = { from: first.from, to: today.to }
    const shown = { today: summaryOf(figures, today), week: summaryOf(figures, all) }
    if (req.accepts(['html', 'json']) === 'json') return res.json(toJson(figures, shown))
    const status: ConnectionStatus = res.locals['connection']
    const running = await instances.all()
    render(req, res, 'overview/index.njk', {
      figures,
      mostFigured,
      age: figures.oldest && now() - figures.oldest.receivedAt,
      health: healthOf(figures, now()),
      ...shown,
      few,
      charts: chartsOf(req, figures, days),
      daysLeft: status.until === null ? null : Math.max(0, Math.ceil((status.until - now()) / day)),
      traffic: trafficOf(running),
      instances: running,
      crashes: crashes.recent(now() - hour),
      size: await readSize(),
      steps: may(req, 'maintenance') ? await stepsOf(req, status, figures) : null,
      measure: measures[languages.languageOf(req)],
      now: now(),
    })
  }

  async function stepsOf(req: Request, status: ConnectionStatus, { first }: Figures) {
    const ticked = await ticks.all()
    const steps = await firstSteps({ req, status, firstOrder: first, backup: ticked.backup ?? null })
    return { ...steps, isDismissed: ticked.dismissed !== undefined, isAllDone: isAllDone(steps) }
  }

  function chartsOf(req: Request, { tallies }: Figures, days: Span[]) {
    const locale = localeOf(languages.languageOf(req))
    const format = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, { ...options, timeZone })
    const [clock, date] = [format({ timeStyle: 'short' }), format({ dateStyle: 'long' })]
    const today = barsOf({
      spans: hoursOf(days.at(-1) ?? { from: now(), to: now() }),
      tallies,
      label: format({ hour: '2-digit', hourCycle: 'h23' }),
      title: ({ from, to }) => `${clock.format(from)}–${clock.format(to)}`,
    })
    const week = barsOf({
      spans: days,
      tallies,
      label: format({ weekday: 'short', day: 'numeric' }),
      title: ({ from }) => date.format(from),
    })
    const t = languages.translateFor(req)
    return [
      { name: 'today', bars: today, data: chartData(today, t) },
      { name: 'week', bars: week, data: chartData(week, t) },
    ]
  }

  async function tick(req: Request, res: Response) {
    const item = tickable.find((each) => each === req.body?.item)
    const isSet = req.body?.done === '1'
    const isChanged = item && (isSet ? await ticks.set(item, req.user?.login ?? '') : await ticks.unset(item))
    if (isChanged) await audit.record(req, { action: 'checklist_changed', target: item, became: { done: isSet } })
    backToPage(req, res)
  }

  function backToPage(req: Request, res: Response) {
    res.redirect(303, `${req.baseUrl}/app`)
  }
}

function summaryOf({ tallies }: Figures, span: Span) {
  const durations = sumOf(
    tallies.filter(({ slotAt }) => slotAt >= span.from && slotAt < span.to).map((tally) => tally.durations),
  )
  return {
    ...sumWithin(tallies, span),
    timed: countOf(durations),
    median: quantileOf(durations, 0.5),
    slow: quantileOf(durations, 0.95),
  }
}

function healthOf({ oldest }: Figures, now: number) {
  const age = oldest ? now - oldest.receivedAt : 0
  if (age >= longWait.bad) return 'bad'
  return age >= longWait.warning ? 'wait' : 'good'
}

type Running = Awaited<ReturnType<Instances['all']>>

function trafficOf(running: Running) {
  const alive = running.filter(({ isAlive }) => isAlive)
  const answered = running.flatMap(({ answeredAt }) => answeredAt ?? [])
  return {
    perSecond: alive.reduce((sum, { requests }) => sum + requests, 0) / 60,
    busiest: Math.max(0, ...alive.map(({ busiest }) => busiest)),
    limit,
    answeredAt: answered.length > 0 ? Math.max(...answered) : null,
  }
}

function toJson({ oldest, pending, held, dead, isPartial }: Figures, { today, week }: Record<string, object>) {
  const oldestAt = oldest && new Date(oldest.receivedAt).toISOString()
  return { oldest_received_at: oldestAt, pending, held, dead, today, last_7_days: week, partial: isPartial }
}

/** To ask for it each time would be dear. */
function remembered<Value>(read: () => Promise<Value>, now: () => number) {
  let last: { value: Promise<Value>; at: number } | null = null
  return () => {
    if (!last || Math.abs(now() - last.at) > minute) last = { value: read(), at: now() }
    const { value } = last
    value.catch(() => {
      last = null
    })
    return value
  }
}
