import type { Request, Response } from 'express'
import { acceptableReasons } from '../inbox/accept-refused.ts'
import type { Inbox } from '../inbox/inbox.ts'
import type { ListedMessage } from '../inbox/list.ts'
import { closedReasons, reasons } from '../inbox/message.ts'
import { waitingStates } from '../inbox/redelivery.ts'
import type { Languages } from './language.ts'
import { type Filters, fieldsOf, type ListQuery, listedStates, periods, queryOf, readListQuery } from './list-query.ts'
import { createRows, type Row } from './list-rows.ts'
import type { Route } from './routes.ts'
import type { SavedView } from './saved-view-store.ts'
import { readyViews } from './saved-views.ts'
import { may } from './session.ts'
import { localeOf, type Render } from './views.ts'

export interface ListOptions {
  inbox: Inbox
  account: string
  /** Ids, for the filters. */
  sources: string[]
  forms: string[]
  /** What people call those of the order API, by their ids. */
  sourceNames: () => Promise<Map<string, string>>
  savedViews: (login: string) => Promise<SavedView[]>
  currency: () => Promise<string | null>
  timeZone: string
  languages: Languages
  render: Render
  webhookUrl: (req: Request) => string
  /** Unix ms. */
  now: () => number
}

/** Beyond these, the page says "more than". */
const mostWaiting = 1_000
const mostCounted = 10_000
/** Of which each row has to be read. */
const mostLeadless = 1_000
const mostNews = 999
/** Rows that are looked at again while they may change. */
const mostWatched = 100
const mostRemembered = 1_000
const rememberedMs = 60_000
const pageSizes = [25, 50, 100, 200]
/** No order has it or one below. */
const beforeAll = '00000000-0000-0000-0000-000000000000'
const day = 24 * 60 * 60_000

/** `GET /app/transactions`: the list of orders, and what is new of it. */
export function createList(options: ListOptions): Route[] {
  const {
    inbox,
    account,
    sources,
    forms,
    sourceNames,
    savedViews,
    currency,
    timeZone,
    languages,
    render,
    webhookUrl,
    now,
  } = options
  const manyUntil = new Map<string, number>()
  return [
    { method: 'get', path: '/app/transactions', access: 'orders.see', handle: list },
    { method: 'get', path: '/app/transactions/news', access: 'orders.see', handle: news },
  ]

  async function list(req: Request, res: Response) {
    const query = readListQuery(req.query, { timeZone, now: now(), isMasked: isMasked(req) })
    const { filter, filters, cursor, limit, order, ignored } = query
    const { messages, next, isPartial } = await inbox.list({ ...filter, cursor, limit, order })
    const nextUrl = next && urlOf(req, { cursor: next })
    if (req.accepts(['html', 'json']) === 'json') {
      return res.json({ transactions: messages.map(toJson), next: nextUrl, ...(ignored.length > 0 && { ignored }) })
    }
    const isFiltered = Object.keys(filters).length > 0
    const [conflicts, refusedToday, found, views, names, waiting] = await Promise.all([
      inbox.conflictsOf(messages.map(({ id }) => id)),
      isFiltered ? 0 : inbox.countRefused(now() - day),
      countFound(query),
      savedViews(req.user?.login ?? ''),
      sourceNames(),
      may(req, 'orders.send') ? countWaiting(query) : 0,
    ])
    render(req, res, 'transactions/index.njk', {
      ...{ query, filters, ignored, isFiltered, isPartial, conflicts, refusedToday, views, waiting, mostWaiting },
      ...{ ...found, pageSizes, periods, nextUrl },
      rows: messages.map(await rowsFor(req, names)),
      // What comes later stands before the first of these.
      newest: order === 'newest' && !cursor ? (messages[0]?.id ?? beforeAll) : null,
      states: listedStates,
      reasons: reasonsOf(filters),
      sources,
      sourceChoices: withChosen([...sources, ...names.keys()], filters.source).map((id) => ({
        id,
        name: names.get(id),
      })),
      forms: withChosen(forms, filters.form),
      readyViews: readyViews.map((view) => ({ name: view.name, query: queryOf(view.filters) })),
      here: queryOf(filters),
      fields: fieldsOf(query),
      chips: Object.entries(filters).map(([name, value]) => ({
        name,
        value: chipText(req, name, value ?? '', names),
        href: hrefOf(req, query, { [name]: null }),
      })),
      hrefWith: (changes: object) => hrefOf(req, query, changes),
      mayOperate: may(req, 'orders.send'),
      webhookUrl: webhookUrl(req),
    })
  }

  function chipText(req: Request, name: string, value: string, names: Map<string, string>) {
    if (name === 'source') return names.get(value) ?? value
    return name === 'from' || name === 'to' ? timeOf(req, value) : value
  }

  /** Where they are more than are counted, they will not be fewer in a minute. */
  async function countFound({ filters, filter }: ListQuery) {
    const key = JSON.stringify(filter)
    const mostFound = filters.lead ? mostLeadless : mostCounted
    if ((manyUntil.get(key) ?? 0) > now()) return { found: mostFound + 1, mostFound }
    const found = await inbox.count(filter, mostFound + 1)
    if (manyUntil.size >= mostRemembered) manyUntil.clear()
    if (found > mostFound) manyUntil.set(key, now() + rememberedMs)
    return { found, mostFound }
  }

  /** How many came since, and what has changed of the rows that the page shows. */
  async function news(req: Request, res: Response) {
    const { after, rows, ...given } = req.query
    const { filter } = readListQuery(given, { timeZone, now: now(), isMasked: isMasked(req) })
    const shown = readShown(rows)
    const isFirstPage = typeof after === 'string' && /^[\da-f-]{36}$/.test(after)
    const [count, messages] = await Promise.all([
      isFirstPage ? inbox.countNewer(filter, after, mostNews + 1) : 0,
      inbox.listThese([...shown.keys()]),
    ])
    const changed = messages
      .map(await rowsFor(req, await sourceNames()))
      .filter(({ id, stamp }: Row) => shown.get(id) !== stamp)
    render(req, res, 'transactions/news.njk', {
      ...{ count, mostNews, rows: changed, conflicts: await inbox.conflictsOf(changed.map(({ id }) => id)) },
      ...{ showsRefused: given['state'] === 'rejected', mayOperate: may(req, 'orders.send') },
    })
  }

  async function rowsFor(req: Request, sourceNames: Map<string, string>) {
    const locale = localeOf(languages.languageOf(req))
    return createRows({
      locale,
      timeZone,
      currency: await currency(),
      sourceNames,
      now: now(),
      isMasked: isMasked(req),
    })
  }

  function timeOf(req: Request, day: string) {
    const isWhole = day.length === 10
    const style = isWhole ? { timeZone: 'UTC' } : { timeZone, timeStyle: 'medium' as const }
    return new Intl.DateTimeFormat(localeOf(languages.languageOf(req)), { dateStyle: 'short', ...style }).format(
      Date.parse(day),
    )
  }

  /** How many of these can be sent again, one more than `mostWaiting` at most. */
  async function countWaiting({ filter, filters }: ListQuery) {
    const { state, reason, ...narrower } = filters
    const refusedFor = acceptableReasons.find((each) => each === reason)
    if (Object.keys(narrower).length > 0) {
      if (state === 'rejected' || state === 'delivered') return 0
      const isAny = state === undefined && reason === undefined
      return inbox.count({ ...filter, ...(isAny && { waiting: true as const }) }, mostWaiting + 1)
    }
    if (state === 'rejected') return refusedFor ? inbox.countRefusedFor(refusedFor) : 0
    const waiting = waitingStates.find((each) => each === filter.state)
    return waiting ? inbox.countWaiting({ account, state: waiting, reason }, mostWaiting + 1) : 0
  }
}

function isMasked(req: Request) {
  return !may(req, 'orders.read')
}

/** Those that the list can be filtered by. */
function reasonsOf({ state }: Filters) {
  if (state === undefined) return reasons
  const isRefusal = (reason: string) => closedReasons.some((each) => each === reason)
  return reasons.filter((reason) => isRefusal(reason) === (state === 'rejected'))
}

/** An address may name what the settings no longer know. */
function withChosen(known: string[], chosen: string | undefined) {
  return chosen === undefined || known.includes(chosen) ? known : [...known, chosen]
}

/** The same list at another place, with all that stands in the address. */
function urlOf(req: Request, place: { cursor: string }) {
  const { cursor: _, queued: __, ...rest } = req.query
  const kept = Object.entries(rest).filter((pair): pair is [string, string] => typeof pair[1] === 'string')
  return `${req.baseUrl}/app/transactions?${new URLSearchParams([...kept, ['cursor', place.cursor]])}`
}

/** The list with other filters, from its beginning. */
function hrefOf(req: Request, { filters, order, limit }: ListQuery, changes: object) {
  const place = { ...(order === 'oldest' && { order }), ...(limit !== 50 && { limit }) }
  const changed = Object.entries({ ...filters, ...place, ...changes }).filter(([, value]) => value !== null)
  const query = queryOf(Object.fromEntries(changed))
  return `${req.baseUrl}/app/transactions${query && `?${query}`}`
}

/** `<id without dashes>.<stamp>` of each row that may change. */
function readShown(rows: unknown) {
  const named = typeof rows === 'string' ? rows.split(',').slice(0, mostWatched) : []
  return new Map(
    named.flatMap((each): [string, string][] => {
      const [, ...parts] = /^(.{8})(.{4})(.{4})(.{4})(.{12})\.([\w-]{8})$/.exec(each) ?? []
      const stamp = parts.pop()
      return stamp && /^[\da-f]{32}$/.test(parts.join('')) ? [[parts.join('-'), stamp]] : []
    }),
  )
}

function toJson(message: ListedMessage) {
  const { id, source, state, reason, order_number, partner_id, lead_id, attempts, next_attempt_at } = message
  const time = (ms: number) => new Date(ms).toISOString()
  return {
    id,
    received_at: time(message.received_at),
    source,
    state,
    reason,
    order_number,
    partner_id,
    lead_id,
    attempts,
    // A new one is due since it came.
    next_attempt_at: next_attempt_at === null ? null : time(Math.max(next_attempt_at, message.received_at)),
  }
}
