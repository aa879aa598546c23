import type { Request, Response } from 'express'
import { type Admitting, isAcceptable } from '../inbox/accept-refused.ts'
import type { Inbox } from '../inbox/inbox.ts'
import type { Warning } from '../inbox/message.ts'
import type { StoredMessage } from '../inbox/queries.ts'
import { isOperator } from './operators.ts'
import { differencesOf, orderLines } from './order-lines.ts'
import type { User } from './session.ts'
import type { Render } from './views.ts'

interface ShowOptions {
  inbox: Inbox
  admitting: Admitting
  render: Render
  userOf: (req: Request) => User | null
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
export function createShowTransaction({ inbox, admitting, render, userOf }: ShowOptions) {
  return async function showTransaction(req: Request, res: Response, message: StoredMessage, answer: Answer = {}) {
    const attempts = await inbox.attempts(message.id)
    const warnings: Warning[] = message.warnings ? JSON.parse(message.warnings) : []
    // A viewer sees how far an order has come, not whose it is.
    const mayOperate = isOperator(userOf(req))
    render(req, res, 'transactions/show.njk', {
      message,
      attempts,
      warnings,
      mayOperate,
      again: mayOperate ? againOf(message) : null,
      answer,
      body: readableBody(message.content_type, message.body),
      conflicts: await inbox.conflictsOf([message.id]),
      original: message.original_id === null ? undefined : await lookAtOriginal(inbox, message, message.original_id),
      ...(message.state === 'rejected' ? await lookAtRefused(message, admitting) : {}),
    })
  }
}

/** As which order a refused request would be accepted, if it can be. */
async function lookAtRefused(message: StoredMessage, { read, sources }: Admitting) {
  const admission = await read(message)
  const lines = admission && (await orderLines(admission))
  return { sources, source: admission?.source, lines, isAcceptable: lines !== null && isAcceptable(message) }
}

/** The order that came first with the same id from its sender. `differences` is null where one of them cannot be read. */
async function lookAtOriginal(inbox: Inbox, message: StoredMessage, id: string) {
  const original = await inbox.find(id)
  if (!original) return { id: null, differences: null }
  const [first, second] = await Promise.all([original, message].map(linesOf))
  return { id, receivedAt: original.received_at, differences: first && second ? differencesOf(first, second) : null }
}

function linesOf({ source, content_type, body }: StoredMessage) {
  return orderLines({ source, contentType: content_type, body: Buffer.from(body) })
}

/** In which way it can be sent again; null while it is at work. */
export function againOf({ state, reason, lease_until }: StoredMessage) {
  if (state === 'rejected') return null
  if (state === 'delivered') return 'another'
  if (state === 'dead' && reason === 'unknown_outcome') return 'unknown_outcome'
  return lease_until === null ? 'waiting' : null
}

/** The body as text; a form one field a line, its names and values decoded. */
function readableBody(contentType: string, bytes: Uint8Array) {
  const text = Buffer.from(bytes).toString('utf8')
  if (!/^\s*application\/x-www-form-urlencoded/i.test(contentType)) return text
  return [...new URLSearchParams(text)].map(([name, value]) => `${name} = ${value}`).join('\n')
}
