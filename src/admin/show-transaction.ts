import type { Request, Response } from 'express'
import type { ConnectionStatus } from '../amocrm/connection-status.ts'
import { type Admitting, isAcceptable } from '../inbox/accept-refused.ts'
import type { Inbox } from '../inbox/inbox.ts'
import type { StoredAttempt, StoredMessage, StoredStep } from '../inbox/queries.ts'
import { receivedOf } from '../inbox/received.ts'
import type { Audit } from './audit.ts'
import { faultsOf } from './crm-faults.ts'
import { receivedAsCurl, requestAsCurl } from './curl.ts'
import { explain } from './explain.ts'
import type { Languages } from './language.ts'
import { maskEmail, maskPhone } from './mask.ts'
import { differencesOf, orderLines } from './order-lines.ts'
import { type ParsedOrder, readParsedOrder } from './parsed-order.ts'
import { fileName, headersOf, readableBody, shownText } from './received.ts'
import { may } from './session.ts'
import { placeDeeds, tellStory } from './story.ts'
import type { Render } from './views.ts'

interface ShowOptions {
  inbox: Inbox
  admitting: Admitting
  audit: Audit
  languages: Languages
  render: Render
  webhookUrl: (req: Request) => string
  /** What people call the sources of the order API, by their ids. */
  sourceNames: () => Promise<Map<string, string>>
  /** Time zone of the CRM's account; IANA name. */
  accountZone: () => Promise<string>
  /** Unix ms. */
  now: () => number
}

/** What a person has asked for and has to be answered on the order's page. */
export interface Answer {
  /** It is delivered, so nothing was sent. */
  asksForWords?: boolean
  /** It was refused and is known from another message, so nothing was accepted. */
  known?: { original: string; differs: boolean; source: string }
  /** Why nothing was done. */
  problem?: { text: string; params?: Record<string, string | number> }
  /** What was typed, to be mended. */
  typed?: string
}

export type ShowTransaction = ReturnType<typeof createShowTransaction>

/** Renders the page of an order. */
export function createShowTransaction(options: ShowOptions) {
  const { inbox, admitting, audit, languages, render, webhookUrl, sourceNames, accountZone, now } = options
  return async function showTransaction(req: Request, res: Response, message: StoredMessage, answer: Answer = {}) {
    const attempts = await inbox.attempts(message.id)
    const mayOperate = may(req, 'orders.send')
    const mayRead = may(req, 'orders.read')
    const isRefused = message.state === 'rejected'
    const admission = isRefused ? admitting.read(message) : null
    const words = { timeZone: await accountZone(), translate: languages.translateFor(req) }
    const isErased = message.erased_at !== null
    const order = isErased ? null : await readParsedOrder({ ...receivedOf(message), ...admission }, words)
    render(req, res, 'transactions/show.njk', {
      message,
      sourceName: (await sourceNames()).get(message.source),
      isRefused,
      mayOperate,
      mayRead,
      answer,
      now: now(),
      isAtWork: message.state === 'pending' && message.lease_until !== null,
      head: headOf(message, order, mayRead),
      order: mayRead && (!isRefused || admission) ? order : null,
      story: tellStory(message, attempts),
      /** Attempts that were deleted when they were old. */
      forgotten: (attempts.at(-1)?.number ?? message.attempts + 1) - 1,
      deeds: placeDeeds(await audit.deedsTo(message.id), attempts),
      again: mayOperate ? againOf(message) : null,
      there: whatIsThere(message, attempts),
      why: message.reason ? explain(message, attempts) : null,
      partsOf: partsOfSteps(message, res.locals['connection']),
      received: mayRead && !isErased ? showReceived(message, urlOf(webhookUrl(req), message)) : null,
      conflicts: await inbox.conflictsOf([message.id]),
      original: message.original_id === null ? undefined : await lookAtOriginal(inbox, message, message.original_id),
      ...(isRefused
        ? {
            // Whose an order of the order API is, its token has said.
            sources: admission && message.format ? [admission.source] : admitting.sources,
            source: admission?.source,
            isAcceptable: admission !== null && order !== null && isAcceptable(message),
          }
        : {}),
    })
  }

  /** The order API has an address for each kind; else, of several sources that ask for no token, the address says which it is. */
  function urlOf(url: string, { source, format }: StoredMessage) {
    if (format) return new URL(`../${format}`, url).href
    return admitting.sources.length > 1 && admitting.sources.includes(source)
      ? `${url}?source=${encodeURIComponent(source)}`
      : url
  }
}

/** Whose order it is and what it is worth; who may not read orders is told of no names, and of no whole phones. */
function headOf(message: StoredMessage, order: ParsedOrder | null, mayRead: boolean) {
  const { name, phone, email } = order?.buyer ?? {
    name: '',
    phone: message.phone_digits ?? '',
    email: message.email ?? '',
  }
  const buyer = mayRead ? [name, phone, email] : [maskPhone(phone), maskEmail(email)]
  return {
    buyer: buyer.filter(Boolean),
    total: order?.total || (message.total === null ? '' : String(message.total)),
    currency: order?.currency ?? null,
  }
}

/** What sending again finds done, with when, and what it leaves to do. */
function whatIsThere(message: StoredMessage, attempts: StoredAttempt[]) {
  const { lead_id, lead_request_at, products_linked_at, note_id, contact_id, company_id } = message
  const made = attempts
    .flatMap(({ steps }) => steps)
    .find(({ name, state }) => name === 'lead' && state === 'confirmed')
  return {
    leadId: lead_id,
    leadAt: lead_id === null ? null : (made?.finished_at ?? lead_request_at),
    mayHaveLead: lead_id === null && lead_request_at !== null,
    hasProducts: products_linked_at !== null,
    hasNote: note_id !== null,
    contactId: contact_id,
    companyId: company_id,
    isNothing: lead_id === null && contact_id === null && company_id === null,
  }
}

/** What was asked and answered in a step, as its page shows it. */
function partsOfSteps({ id }: StoredMessage, connection: ConnectionStatus | undefined) {
  const baseUrlOf = (host: string | null) => {
    const known = connection?.baseUrl
    return known && host !== null && new URL(known).host === host ? known : `https://${host}`
  }
  return ({ attempt, ordinal, request, answer, host }: StoredStep, error: string | null) => {
    const whole = `${id}/text?attempt=${attempt}&step=${ordinal}&part=`
    return {
      texts: [
        ...(request === null ? [] : [{ title: 'page.request', whole: `${whole}request`, ...shownText(request) }]),
        ...(answer === null ? [] : [{ title: 'page.answer', whole: `${whole}answer`, ...shownText(answer) }]),
      ],
      faults: faultsOf({ request, answer }, error),
      curl: request === null ? null : requestAsCurl(request, baseUrlOf(host)),
    }
  }
}

function showReceived(message: StoredMessage, url: string) {
  const headers = headersOf(message)
  const file = fileName(message)
  const isAsSent = message.state === 'rejected'
  return {
    body: { whole: `${message.id}/text?part=body`, ...shownText(readableBody(message)) },
    headers: { whole: `${message.id}/text?part=headers`, ...shownText(message.headers) },
    file,
    curl: message.truncated ? null : receivedAsCurl({ url, headers, body: message.body, file, isAsSent }),
  }
}

/** The order that came first with the same id from its sender. `differences` is null where one of them cannot be read. */
async function lookAtOriginal(inbox: Inbox, message: StoredMessage, id: string) {
  const original = await inbox.find(id)
  if (!original) return { id: null, differences: null }
  // The number of an order of the order API is ours, and never the same.
  const [first, second] = await Promise.all(
    [original, message].map((each) => orderLines({ ...receivedOf(each), code: null })),
  )
  const differences = first && second ? differencesOf(first, second) : null
  const isErased = original.erased_at !== null || message.erased_at !== null
  return { id, receivedAt: original.received_at, isErased, differences }
}

/** In which way it can be sent again; null while it is at work, and where there is nothing left that could be sent. */
export function againOf({ state, reason, lease_until, erased_at }: StoredMessage) {
  if (state === 'rejected' || erased_at !== null) return null
  if (state === 'delivered') return 'another'
  if (state === 'dead' && reason === 'unknown_outcome') return 'unknown_outcome'
  return lease_until === null ? 'waiting' : null
}
