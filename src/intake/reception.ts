import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Inbound } from '../inbox/accept.ts'
import { StoreBusyError } from '../inbox/group-commit.ts'
import type { Inbox } from '../inbox/inbox.ts'
import { type RefusalReason, refusalReasons } from '../inbox/message.ts'
import { keptBodyLimit, strangers } from '../inbox/refused.ts'
import { type Answering, createLossLog, refusalOf } from './answer-refusal.ts'
import { createBodyReader, decompress, type Received } from './read-body.ts'
import { InvalidOrder, Refusal } from './refusal.ts'

interface ReceptionOptions extends Pick<Answering, 'bodyLimit' | 'log'> {
  inbox: Inbox
  /** The amoCRM account that the orders go to. */
  account: string
  /** Network address of the sender, behind trusted proxies; null when nobody knows it. */
  addressOf: (req: IncomingMessage) => string | null
  requestIdOf: (req: IncomingMessage) => string
  /** Is told why one was answered 503. */
  notStored: (error: unknown) => void
  /** Is told what every request came to. */
  answered: (knock: Knock, answered: { status: number; id?: string; duplicate?: boolean; reason?: string }) => void
}

/** What is known of a request so far. */
export interface Knock {
  req: IncomingMessage
  requestId: string
  /** Ms, monotonic. */
  begunAt: number
  contentType: string
  address: string | null
  /** Id of the source that the sender has shown himself to be. */
  source: string | null
  /** What its body is, where the address says so. */
  format: NonNullable<Inbound['format']> | null
  received: Received | null
}

export type Reception = ReturnType<typeof createReception>

/** What is done with every request that may be an order, whichever address it comes to. */
export function createReception(options: ReceptionOptions) {
  const { inbox, account, addressOf, requestIdOf, notStored, answered, bodyLimit, log } = options
  const readBody = createBodyReader()
  const logLoss = createLossLog(log, 'order could not be stored')

  function arrive(req: IncomingMessage, format: Knock['format'] = null): Knock {
    const contentType = (req.headers['content-type'] ?? '').slice(0, 500)
    const begunAt = performance.now()
    const requestId = requestIdOf(req)
    return { req, requestId, begunAt, contentType, address: addressOf(req), source: null, format, received: null }
  }

  /** Throws a Refusal for what cannot be read to its end. */
  async function readWhole(knock: Knock) {
    const { req } = knock
    const encoding = req.headers['content-encoding']
    const received = await readBody(req, bodyLimit, knock.source ? 'shop' : 'stranger', knock.address)
    knock.received = received
    if (received.end === 'too_large') throw new Refusal('too_large', 'too_large', { limit: bodyLimit })
    if (received.end === 'aborted') throw new Refusal('unreadable', 'aborted')
    if (received.end === 'crowded') throw new StoreBusyError('too much is being received at the same time')
    // Inflating costs more than sending, and he may be anybody.
    if (encoding && !knock.source) throw new Refusal('unsupported_type', 'unsupported_encoding')
    return decompress(received.bytes, encoding, bodyLimit)
  }

  function store(knock: Knock, order: Pick<Inbound, 'dedupeKey' | 'dedupeWindow' | 'body'> & Partial<Inbound>) {
    const { req, contentType, address, format } = knock
    const headers = withoutSecrets(req.headers)
    return inbox.accept({ account, source: knock.source ?? strangers, contentType, headers, address, format, ...order })
  }

  /** Gives what the sender is to be told; what he sent is kept. */
  async function turnAway(knock: Knock, error: unknown): Promise<Refusal> {
    const refusal = refusalOf(error, bodyLimit)
    const { reason } = refusal
    if (reason === 'store_unavailable') {
      logLoss(error)
      notStored(error)
    }
    if (isKept(reason)) await keep(knock, reason, refusal instanceof InvalidOrder ? refusal.problems.join('\n') : null)
    return refusal
  }

  /** As far as it came: a person may want to know why, or take it for an order all the same. */
  async function keep({ req, received, source, ...known }: Knock, reason: RefusalReason, error: string | null) {
    const { bytes, end } = received ?? (await readBody(req, keptBodyLimit, source ? 'shop' : 'stranger', known.address))
    await inbox.keepRefused({
      ...known,
      account,
      source: source ?? strangers,
      reason,
      error,
      headers: withoutSecrets(req.headers),
      body: bytes,
      truncated: end !== 'whole',
    })
  }

  return { arrive, readWhole, store, turnAway, answered }
}

function isKept(reason: Refusal['reason']): reason is RefusalReason {
  return refusalReasons.some((kept) => kept === reason)
}

const secretHeaders: ReadonlySet<string> = new Set([
  'authorization',
  'proxy-authorization',
  'cookie',
  'x-webhook-token',
  'x-api-key',
  'x-auth-token',
  // These may hold our own address with ?token=…
  'referer',
  'x-forwarded-uri',
  'x-original-uri',
  'x-original-url',
  'x-rewrite-url',
])

/** What the inbox keeps of a request's headers. */
function withoutSecrets(headers: IncomingHttpHeaders) {
  const kept: Record<string, unknown> = {}
  for (const name in headers) if (!secretHeaders.has(name)) kept[name] = headers[name]
  return kept
}
