import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Request, Response } from 'express'
import { z } from 'zod'
import type { Translate } from '../config/translate.ts'
import type { Filter } from '../inbox/filter.ts'
import type { Inbox } from '../inbox/inbox.ts'
import type { ListedMessage } from '../inbox/list.ts'
import { zoneOf } from '../mapping/values/time-zones.ts'
import type { Audit } from './audit.ts'
import { byteOrderMark, type Cell, csvLine } from './csv.ts'
import type { Languages } from './language.ts'
import { dateOf, readListQuery } from './list-query.ts'
import type { Route } from './routes.ts'
import type { Render } from './views.ts'

interface ExportOptions {
  inbox: Inbox
  audit: Audit
  languages: Languages
  render: Render
  timeZone: string
  /** What people call the sources of the order API, by their ids. */
  sourceNames: () => Promise<Map<string, string>>
  log: { info: (details: object, message: string) => void }
  /** Unix ms. */
  now: () => number
}

/** Rows. Whoever needs more asks for them by dates. */
const most = 100_000
const atOnce = 500

const exportForm = z.object({ format: z.enum(['csv', 'json']).catch('csv') })

/** `POST /app/transactions/export`: the orders of the filter as a file. A POST, as it is kept on record. */
export function createExport(options: ExportOptions): Route[] {
  const { inbox, audit, languages, render, timeZone, sourceNames, log, now } = options
  const path = '/app/transactions/export'
  return [
    { method: 'post', path, access: 'orders.read', handle: send },
    { method: 'get', path, access: 'orders.see', handle: toList },
  ]

  function toList(req: Request, res: Response) {
    res.redirect(303, `${req.baseUrl}/app/transactions`)
  }

  async function send(req: Request, res: Response) {
    const { _csrf, format: _, ...given } = req.body ?? {}
    const { format } = exportForm.parse(req.body)
    const { filters, filter, order, ignored } = readListQuery(given, { timeZone, now: now() })
    if (ignored.length > 0) {
      const translate = languages.translateFor(req)
      const problem = `${translate('runs.fault.names')} ${ignored.join(', ')}`
      return render(req, res.status(422), 'error.njk', { title: 'listing.export.not_understood', problem })
    }
    const { q, partner, ...named } = filters
    const searched = { ...(q && { q: true }), ...(partner && { partner: true }) }
    await audit.record(req, { action: 'exported', became: { format, filter: { ...named, ...searched } } })

    const isCut = (await inbox.count(filter, most + 1)) > most
    const name = `orders-${dateOf(now(), timeZone)}${isCut ? `-first-${most}` : ''}.${format}`
    res.attachment(name).type(format === 'csv' ? 'text/csv; charset=utf-8' : 'json')
    const pages = walk(filter, order)
    const translate = languages.translateFor(req)
    const names = await sourceNames()
    const comma = languages.languageOf(req) === 'ru' ? ',' : '.'
    const chunks = format === 'csv' ? csvOf(pages, { translate, comma, timeZone, names }) : jsonOf(pages, names)
    try {
      await pipeline(Readable.from(chunks), res)
    } catch (err) {
      // Half of a file must not look like a whole one.
      log.info({ err }, 'orders not exported to their end')
      res.destroy()
    }
  }

  /** Page after page, no further than is exported. */
  async function* walk(filter: Filter, order: 'newest' | 'oldest') {
    let left = most
    for (let cursor: string | undefined; left > 0; ) {
      const { messages, next } = await inbox.list({ ...filter, order, cursor, limit: Math.min(atOnce, left) })
      yield messages
      left -= messages.length
      if (next === null) return
      cursor = next
    }
  }
}

interface CsvWords {
  translate: Translate
  comma: '.' | ','
  timeZone: string
  /** Of sources. */
  names: Map<string, string>
}

/** Columns of the table, each with its title. */
function columnsOf({ translate, timeZone, names }: CsvWords) {
  const time = (ms: number | null) => (ms === null ? null : wallTime(ms, timeZone))
  const columns: [title: string, cell: (message: ListedMessage) => Cell][] = [
    ['listing.export.received_at', ({ received_at }) => time(received_at)],
    ['listing.export.state', ({ state }) => translate(`state.${state}`)],
    ['listing.export.reason', ({ reason }) => reason && translate(`reason.${reason}`)],
    ['listing.export.source', ({ source }) => (names.has(source) ? `${names.get(source)} (${source})` : source)],
    ['listing.export.form', ({ form }) => form],
    ['listing.export.order_number', ({ order_number }) => order_number],
    ['listing.export.partner', ({ partner_id }) => partner_id],
    ['listing.export.phone', ({ phone_digits }) => phone_digits],
    ['listing.export.email', ({ email }) => email],
    ['listing.export.total', ({ total }) => (total === null ? null : Number(total))],
    ['listing.export.lead', ({ lead_id }) => lead_id],
    ['listing.export.attempts', ({ attempts }) => attempts],
    ['listing.export.delivered_at', ({ delivered_at }) => time(delivered_at)],
    ['listing.export.id', ({ id }) => id],
  ]
  return columns
}

async function* csvOf(pages: AsyncIterable<ListedMessage[]>, words: CsvWords) {
  const columns = columnsOf(words)
  yield byteOrderMark +
    csvLine(
      columns.map(([title]) => words.translate(title)),
      words.comma,
    )
  for await (const page of pages)
    yield page
      .map((message) =>
        csvLine(
          columns.map(([, cell]) => cell(message)),
          words.comma,
        ),
      )
      .join('')
}

async function* jsonOf(pages: AsyncIterable<ListedMessage[]>, names: Map<string, string>) {
  let before = '[\n'
  for await (const page of pages) {
    if (page.length === 0) continue
    yield before + page.map((message) => JSON.stringify(exported(message, names))).join(',\n')
    before = ',\n'
  }
  yield before === ',\n' ? '\n]\n' : '[]\n'
}

function exported(message: ListedMessage, names: Map<string, string>) {
  const { id, source, form, state, reason, order_number, partner_id, phone_digits, email, total, lead_id } = message
  const time = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString())
  const { received_at, delivered_at, attempts } = message
  return {
    ...{
      id,
      received_at: time(received_at),
      source,
      ...(names.has(source) && { source_name: names.get(source) }),
      form,
      state,
      reason,
      order_number,
      partner_id,
    },
    ...{ phone: phone_digits, email, total: total === null ? null : Number(total), lead_id, attempts },
    delivered_at: time(delivered_at),
  }
}

/** `2026-11-22 20:33:27`, as the clocks of the zone show it. */
function wallTime(ms: number, timeZone: string) {
  return new Date(ms + zoneOf(timeZone).offsetAt(ms) * 60_000).toISOString().slice(0, 19).replace('T', ' ')
}
