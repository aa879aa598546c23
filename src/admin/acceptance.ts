import type { Request, Response } from 'express'
import { type Admitting, isAcceptable } from '../inbox/accept-refused.ts'
import type { Inbox } from '../inbox/inbox.ts'
import type { StoredMessage } from '../inbox/queries.ts'
import type { Audit } from './audit.ts'
import { isSecondLead, wrongWords } from './second-lead.ts'
import type { ShowTransaction } from './show-transaction.ts'

interface AcceptanceOptions {
  inbox: Inbox
  admitting: Admitting
  showTransaction: ShowTransaction
  audit: Audit
  tell: (req: Request, message: StoredMessage, what: string, details: object) => void
  toPage: (req: Request, res: Response, message: StoredMessage) => void
}

/** A person takes a refused request for an order after all. */
export function createAcceptance({ inbox, admitting, showTransaction, audit, tell, toPage }: AcceptanceOptions) {
  return async function accept(
    req: Request,
    res: Response,
    message: StoredMessage,
    { source, words }: { source?: string | undefined; words?: string | undefined },
  ) {
    const admission = isAcceptable(message) ? admitting.read(message, source) : null
    if (!admission) return toPage(req, res, message)
    const apart = words !== undefined && isSecondLead(words)
    const acceptance = await inbox.acceptRefused(message, admission, apart)
    if (acceptance.kind === 'known') {
      const known = { ...acceptance, source: admission.source }
      if (words === undefined) return showTransaction(req, res, message, { known })
      res.status(422)
      return showTransaction(req, res, message, { known, ...wrongWords(words) })
    }
    if (acceptance.kind === 'accepted') {
      const { reason } = message
      tell(req, message, 'refused request accepted', { source: admission.source, reason })
      await audit.record(req, {
        action: 'refused_accepted',
        target: message.id,
        was: { reason },
        became: { source: admission.source },
      })
    }
    toPage(req, res, message)
  }
}
