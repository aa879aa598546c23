import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Request, Response } from 'express'
import { z } from 'zod'
import type { Config } from '../config/load.ts'
import type { Translate } from '../config/translate.ts'
import { zoneOf } from '../mapping/values/time-zones.ts'
import type { People } from '../people/people.ts'
import { type Audit, auditActions } from './audit.ts'
import type { AuditEntry, AuditFilter, AuditLog, Change } from './audit-log.ts'
import { byteOrderMark, csvLine } from './csv.ts'
import type { Languages } from './language.ts'
import type { Route } from './routes.ts'
import type { Render } from './views.ts'

interface AuditPageOptions {
  auditLog: AuditLog
  audit: Audit
  people: People
  config: Pick<Config, 'users'>
  timeZone: string
  languages: Languages
  render: Render
  log: { info: (details: object, message: string) => void }
  /** Unix ms. */
  now: () => number
}

/** What an empty field of the form sends is no filter, and neither is nonsense. */
const optional = <Schema extends z.ZodType>(schema: Schema) => schema.optional().catch(undefined)
const day = optional(z.iso.date())
const auditQuery = z.object({
  login: optional(z.string().trim().min(1).max(190)),
  action: optional(z.enum(auditActions)),
  target: optional(z.string().trim().min(1).max(190)),
  from: day,
  to: day,
  cursor: optional(z.uuid()),
})
type AuditQuery = z.output<typeof auditQuery>

const perPage = 50
/** Rows of an export, and of one query of it. */
const most = 100_000
const atOnce = 1000

/** What a record says of what changed, in the words of `audit.field.<name>`. */
export const auditFields = [
  ...['roles', 'sessions', 'kind', 'lead', 'format', 'filter'],
  ...['name', 'partner', 'form', 'limit', 'token', 'tokens'],
]

/** `/app/audit`: who did what, when, and from where. */
export function createAuditPage(options: AuditPageOptions): Route[] {
  const { auditLog, audit, people, config, timeZone, languages, render, log, now } = options
  return [
    { method: 'get', path: '/app/audit', access: 'people', handle: show },
    { method: 'get', path: '/app/audit.csv', access: 'people', handle: send },
  ]

  async function show(req: Request, res: Response) {
    const query = auditQuery.parse(req.query)
    const { entries, next } = await auditLog.list(filterOf(query), perPage, query.cursor)
    const nextUrl = next && `${req.baseUrl}/app/audit?${searchOf(query, { cursor: next })}`
    if (req.accepts(['html', 'json']) === 'json') return res.json({ entries: entries.map(toJson), next: nextUrl })
    const translate = languages.translateFor(req)
    render(req, res, 'people/audit.njk', {
      entries: entries.map((entry) => ({
        ...entry,
        page: pageOf(entry),
        changes: entry.changes.map(named(translate)),
      })),
      query,
      isFiltered: searchOf(query) !== '',
      actions: auditActions
        .map((action) => ({ action, text: translate(`audit.action.${action}`) }))
        .toSorted((one, other) => one.text.localeCompare(other.text)),
      logins: [...new Set([...config.users, ...(await people.list())].map(({ login }) => login))].toSorted(),
      newestUrl: query.cursor && `${req.baseUrl}/app/audit?${searchOf(query)}`,
      nextUrl,
      csvUrl: `${req.baseUrl}/app/audit.csv?${searchOf(query)}`,
    })
  }

  function filterOf({ login, action, target, from, to }: AuditQuery): AuditFilter {
    const midnight = (date: string, days: number) => zoneOf(timeZone).instantOf(Date.parse(date) + days * 86_400_000)
    const until = to === undefined ? undefined : midnight(to, 1)
    return { login, action, target, from: from === undefined ? undefined : midnight(from, 0), until }
  }

  async function send(req: Request, res: Response) {
    const { cursor: _, ...query } = auditQuery.parse(req.query)
    await audit.record(req, {
      action: 'audit_exported',
      became: Object.keys(query).length > 0 ? { filter: query } : undefined,
    })
    res.attachment(`audit-${wallTime(now()).slice(0, 10)}.csv`).type('text/csv; charset=utf-8')
    try {
      await pipeline(Readable.from(linesOf(query, languages.translateFor(req))), res)
    } catch (err) {
      // Half of a file must not look like a whole one.
      log.info({ err }, 'audit log not exported to its end')
      res.destroy()
    }
  }

  async function* linesOf(query: AuditQuery, translate: Translate) {
    const titles = ['at', 'login', 'action', 'target', 'address', 'changes'].map((name) => translate(`audit.${name}`))
    yield byteOrderMark + csvLine(titles, '.')
    let cursor: string | undefined
    for (let left = most; left > 0; left -= atOnce) {
      const { entries, next } = await auditLog.list(filterOf(query), atOnce, cursor)
      yield entries.map((entry) => csvLine(cellsOf(entry, translate), '.')).join('')
      if (next === null) return
      cursor = next
    }
  }

  /** As the clocks of the pages show it, for spreadsheets. */
  function wallTime(at: number) {
    return new Date(at + zoneOf(timeZone).offsetAt(at) * 60_000).toISOString().slice(0, 19).replace('T', ' ')
  }

  function cellsOf({ at, login, action, target, address, changes }: AuditEntry, translate: Translate) {
    const changed = changes.map(named(translate)).map(inOneLine).join('; ')
    return [wallTime(at), login, translate(`audit.action.${action}`), target, address, changed]
  }
}

/** The filters as the address has them. */
function searchOf({ cursor: _, ...filters }: AuditQuery, place: { cursor?: string } = {}) {
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries({ ...filters, ...place })) if (value) search.set(key, value)
  return search.toString()
}

function named(translate: Translate) {
  return ({ name, ...change }: Change) => {
    const isKnown = auditFields.some((field) => field === name)
    return { ...change, name: isKnown ? translate(`audit.field.${name}`) : name }
  }
}

function inOneLine({ name, was, became }: Change) {
  const values = [was, became].filter((value) => value !== null).join(' → ')
  return name === null ? values : `${name}: ${values}`
}

/** Where to look at what it was done to, below BASE_PATH. */
function pageOf({ action, target }: AuditEntry) {
  if (target === null) return null
  if (action.startsWith('api_')) return `/app/sources/${encodeURIComponent(target)}`
  if (ofPeople.has(action)) return `/app/people/${encodeURIComponent(target)}`
  return z.uuid().safeParse(target).success && ofOrders.has(action) ? `/app/transactions/${target}` : null
}

const ofPeople: ReadonlySet<string> = new Set([
  'session_ended',
  'password_set',
  'password_reset',
  'person_invited',
  'person_changed',
  'person_removed',
  'person_reopened',
])
const ofOrders: ReadonlySet<string> = new Set(['redelivered', 'another_lead', 'outcome_told', 'refused_accepted'])

function toJson({ id, at, login, address, action, target, changes }: AuditEntry) {
  return { id, at: new Date(at).toISOString(), login, address, action, target, changes }
}
