import type { Request, Response } from 'express'
import type { Inbox } from '../inbox/inbox.ts'
import type { Warning } from '../inbox/message.ts'
import type { StoredMessage } from '../inbox/queries.ts'
import { isOperator } from './operators.ts'
import type { User } from './session.ts'
import type { Render } from './views.ts'

interface ShowOptions {
  inbox: Inbox
  render: Render
  userOf: (req: Request) => User | null
}

/** What a person has asked for and has to be answered on the order's page. */
export interface Answer {
  /** It is delivered, so nothing was sent. */
  asksForWords?: boolean
  /** Why nothing was done. */
  problem?: { text: string; params?: Record<string, string | number> }
  /** What was typed, to be mended. */
  typed?: string
}

export type ShowTransaction = ReturnType<typeof createShowTransaction>

/** Renders the page of an order. */
export function createShowTransaction({ inbox, render, userOf }: ShowOptions) {
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
    })
  }
}

/** In which way it can be sent again; null while it is at work. */
export function againOf({ state, reason, lease_until }: StoredMessage) {
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
