import type { Context } from '../context.ts'
import type { JournalEntry } from '../control/journal.ts'
import { accountOf } from '../present/present.ts'
import type { PageParts } from './page-parts.ts'

const requestsOnPage = 200

interface JournalFilter {
  method: string
  path: string
  /** `2`, `4`, `5` for a hundred of codes, `lost` for no answer, `fault` for a fault on demand. */
  outcome: string
}

/** The journal of requests, and one of them with all that was said. */
export function createJournalPage({ store, journal }: Context, { wording }: PageParts) {
  return { list, request, row }

  function list(filter: JournalFilter) {
    const fitting = journal.list().filter((entry) => fits(entry, filter))
    const { timezone } = accountOf(store)
    return {
      rows: fitting.slice(-requestsOnPage).reverse().map(row),
      filter,
      fitting: fitting.length,
      total: journal.list().length,
      timezone,
    }
  }

  function request(id: string) {
    const found = journal.find(id)
    if (!found) return undefined
    const { request: sent, answer } = found
    return { entry: row(found), sent: said(sent), answer: said(answer) }
  }

  function row(entry: JournalEntry) {
    return {
      ...entry,
      clock: wording().clockTime(Date.parse(entry.time)),
      path: readable(entry.path),
      outcome: entry.status === 0 ? 'lost' : `s${String(entry.status)[0]}`,
    }
  }
}

function fits(entry: JournalEntry, { method, path, outcome }: JournalFilter): boolean {
  if (method !== '' && entry.method !== method) return false
  if (path !== '' && !readable(entry.path).includes(path)) return false
  if (outcome === 'fault') return entry.fault !== undefined
  if (outcome === 'lost') return entry.status === 0
  return outcome === '' || String(entry.status).startsWith(outcome)
}

function said(talk: { headers: object; body: string } | null) {
  return talk && { headers: Object.entries(talk.headers), body: indented(talk.body) }
}

function indented(text: string) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}

function readable(path: string) {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
