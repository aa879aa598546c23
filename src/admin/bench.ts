import { isUtf8 } from 'node:buffer'
import type { Request, Response } from 'express'
import { v4 as uuidv4 } from 'uuid'
import { z } from 'zod'
import { AmocrmError } from '../amocrm/errors.ts'
import type { Mirror } from '../amocrm/mirror.ts'
import type { Admitting } from '../inbox/accept-refused.ts'
import type { Inbox } from '../inbox/inbox.ts'
import type { StoredMessage } from '../inbox/queries.ts'
import { receivedOf } from '../inbox/received.ts'
import { apiFormats, isApiFormat } from '../order/order.ts'
import { ofAnyShop } from '../order/order-api.ts'
import { benchCases, textOfCase } from './bench-cases.ts'
import type { Languages } from './language.ts'
import type { Problem, RehearsedMessage, Rehearsing } from './rehearsing.ts'
import type { Route } from './routes.ts'
import { may } from './session.ts'
import type { Render } from './views.ts'

export interface BenchOptions {
  inbox: Inbox
  admitting: Admitting
  rehearsal: Rehearsing
  mirror: Pick<Mirror, 'counts'>
  languages: Languages
  render: Render
}

/** Bytes. In a form each byte of an order may take three. */
export const benchFormLimit = 3 * 1024 * 1024 + 16 * 1024
const latestShown = 15

const contentTypes = { json: 'application/json', form: 'application/x-www-form-urlencoded' }

/** What the form of the page holds. */
export const benchForm = z.object({
  source: z.string().catch(''),
  type: z.enum(['auto', 'json', 'form']).catch('auto'),
  /** Empty: what comes to the webhook, where the body itself tells. */
  format: z.enum(['', ...apiFormats]).catch(''),
  order: z.string().catch(''),
  /** Of a stored one that no text can hold. */
  message: z.uuid().optional().catch(undefined),
  token: z.uuid().optional().catch(undefined),
})
type BenchForm = z.output<typeof benchForm>

const benchQuery = z.object({
  message: z.uuid().optional().catch(undefined),
  case: z.enum(benchCases).optional().catch(undefined),
})

/** The order of the form as a shop would have sent it. */
export function messageOf({ source, type, format, order }: BenchForm, sources: string[]): RehearsedMessage {
  const text = order.trim()
  const isJson = type === 'auto' ? /^[{[]/.test(text) : type === 'json'
  const known = sources.includes(source) ? source : (sources[0] ?? '')
  const message = { contentType: contentTypes[isJson ? 'json' : 'form'], body: Buffer.from(text) }
  return format === '' ? { source: known, ...message } : { ...ofAnyShop, ...message, format }
}

/** `/app/mapping/bench`: what would become of an order. Nothing is sent. */
export function createBench(options: BenchOptions): Route[] {
  const { inbox, admitting, rehearsal, mirror, languages, render } = options
  const access = 'settings.see'
  return [
    { method: 'get', path: '/app/mapping/bench', access, handle: open },
    { method: 'post', path: '/app/mapping/bench', access, formLimit: benchFormLimit, handle: tryOut },
  ]

  async function open(req: Request, res: Response) {
    const query = benchQuery.parse(req.query)
    const empty = benchForm.parse({})
    if (query.message && may(req, 'orders.read')) {
      const stored = await inbox.find(query.message)
      if (stored?.erased_at) return show(req, res, empty, null, { text: 'order.erased.plan' })
      if (stored) return show(req, res, formOf(stored), asMessage(stored))
    }
    const chosen = query.case && (await fillIn(req, query.case))
    if (chosen) return show(req, res, chosen, messageOf(chosen, admitting.sources))
    await show(req, res, empty, null)
  }

  async function tryOut(req: Request, res: Response) {
    const form = benchForm.parse(req.body)
    await show(req, res, form, messageOf(form, admitting.sources))
  }

  async function fillIn(req: Request, name: (typeof benchCases)[number]): Promise<BenchForm | null> {
    const empty = benchForm.parse({})
    if (name !== 'duplicate')
      return {
        ...empty,
        format: isApiFormat(name) ? name : '',
        order: textOfCase(name, name === 'two_contacts' ? await partnerOfTwo() : null),
      }
    const known = may(req, 'orders.read') ? await latestRealOrder() : null
    return known ? { ...formOf(known), message: undefined } : { ...empty, order: textOfCase('clean', null) }
  }

  /** A test order is nobody's, so that no other repeats it. */
  async function latestRealOrder() {
    const { messages } = await inbox.list({ limit: latestShown })
    for (const { id } of messages) {
      const stored = await inbox.find(id)
      if (stored && stored.test === null && stored.erased_at === null) return stored
    }
    return null
  }

  async function partnerOfTwo() {
    try {
      return (await mirror.counts()).duplicatePartners[0]?.partnerId ?? null
    } catch (error) {
      if (error instanceof AmocrmError) return null
      throw error
    }
  }

  async function show(
    req: Request,
    res: Response,
    form: BenchForm,
    message: RehearsedMessage | null,
    fault: Problem | null = null,
  ) {
    const refusal = message && rehearsal.refusalOf(message.contentType, message.body)
    const tried = message && !refusal ? await rehearsal.rehearse(message, languages.translateFor(req)) : null
    const problem = fault ?? refusal ?? tried?.problem
    if (problem) res.status(422)
    render(req, res, 'mapping/bench.njk', {
      form,
      plan: tried?.plan,
      problem,
      contentType: message?.contentType,
      same: message && !message.id && !message.format && !refusal ? await findSame(message) : null,
      cases: benchCases,
      formats: apiFormats,
      sources: admitting.sources,
      latest: may(req, 'orders.read') ? (await inbox.list({ limit: latestShown })).messages : [],
      token: uuidv4(),
    })
  }

  /** The order that this one would merely repeat. */
  async function findSame({ source, contentType, body }: RehearsedMessage) {
    const admission = await admitting.read(
      { source, content_type: contentType, headers: '{}', body, truncated: 0 },
      source,
    )
    return admission && (await inbox.findSame(admission))
  }
}

export function asMessage(message: StoredMessage): RehearsedMessage {
  return { id: message.id, isTest: message.test !== null, ...receivedOf(message) }
}

/** A stored order as the form would hold it; what is no text stays out of it. */
function formOf({ id, source, content_type, format, body }: StoredMessage): BenchForm {
  const bytes = Buffer.from(body)
  const type = /^\s*application\/json/i.test(content_type) ? 'json' : 'form'
  const isText = isUtf8(bytes) && !/^\s*multipart\//i.test(content_type)
  return { source, type, format: format ?? '', order: isText ? bytes.toString() : '', message: id, token: undefined }
}
