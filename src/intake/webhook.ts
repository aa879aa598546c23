import type { IncomingHttpHeaders, IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Inbox } from '../inbox/inbox.ts'
import { type RefusalReason, refusalReasons } from '../inbox/message.ts'
import { keptBodyLimit, strangers } from '../inbox/refused.ts'
import { type Answering, createLossLog, json, refusalOf, sendRefusal, sendText } from './answer-refusal.ts'
import { announcedKind, ensureReadable } from './body.ts'
import { dedupeKeyOf } from './dedupe-key.ts'
import { createBodyReader, decompress, type Received } from './read-body.ts'
import { Refusal } from './refusal.ts'
import type { Source } from './source.ts'
import type { Sources } from './sources.ts'

interface WebhookOptions extends Answering {
  inbox: Inbox
  /** The amoCRM account that the orders go to. */
  account: string
  sources: Sources
  /** Network address of the sender, behind trusted proxies; null when nobody knows it. */
  addressOf: (req: IncomingMessage) => string | null
}

/** What is known of a request so far. */
interface Knock {
  req: IncomingMessage
  contentType: string
  address: string | null
  /** Who the sender has shown himself to be. */
  source: Source | null
  received: Received | null
}

/**
 * `POST /api/order/create`: the order webhook of the partner cabinet. 200 means that the order is on disk.
 * A bare listener: the way through a framework would take longer than storing does.
 */
export function createWebhook(options: WebhookOptions): RequestListener {
  const { inbox, account, sources, addressOf, bodyLimit, translate, log } = options
  const readBody = createBodyReader()
  const logLoss = createLossLog(log, 'an order could not be stored')

  return (req, res) => {
    const contentType = (req.headers['content-type'] ?? '').slice(0, 500)
    const knock: Knock = { req, contentType, address: addressOf(req), source: null, received: null }
    receive(knock).then(
      (accepted) => sendAnswer(res, accepted),
      (error: unknown) => refuse(knock, res, error),
    )
  }

  async function receive(knock: Knock) {
    const { req, contentType, address } = knock
    const { headers } = req
    if (req.method !== 'POST') throw new Refusal('method_not_allowed')
    const source = sources.identify(headers, queryOf(req))
    // Anybody can say in the address that he is a source whose requests are signed.
    const isShown = source.tokens.length > 0 || source.signingSecrets.length === 0
    if (isShown) knock.source = source
    sources.locate(source, address)
    if (isShown) sources.admit(source)
    const kind = announcedKind(headers)
    const body = await readWhole(knock)
    sources.verify(source, headers, body)
    knock.source = source
    if (!isShown) sources.admit(source)
    const fieldOf = ensureReadable(kind, body, contentType)
    const { key, window, digest } = dedupeKeyOf(source, { headers, contentType, body, fieldOf })
    const stored = inbox.accept({
      account,
      source: source.id,
      dedupeKey: key,
      dedupeWindow: window,
      bodyDigest: digest,
      contentType,
      headers: withoutSecrets(headers),
      body,
      address,
    })
    return { source, ...(await stored) }
  }

  async function readWhole(knock: Knock) {
    const { req } = knock
    const encoding = req.headers['content-encoding']
    const received = await readBody(req, bodyLimit, knock.source ? 'shop' : 'stranger')
    knock.received = received
    if (received.end === 'too_large') throw new Refusal('too_large', 'too_large', { limit: bodyLimit })
    if (received.end === 'aborted') throw new Refusal('unreadable', 'aborted')
    if (received.end === 'crowded') throw new Error('too much is being received at the same time')
    // Inflating costs more than sending, and he may be anybody.
    if (encoding && !knock.source) throw new Refusal('unsupported_type', 'unsupported_encoding')
    return decompress(received.bytes, encoding, bodyLimit)
  }

  async function refuse(knock: Knock, res: ServerResponse, error: unknown) {
    const refusal = refusalOf(error, bodyLimit)
    const { reason } = refusal
    if (reason === 'store_unavailable') logLoss(error)
    if (isKept(reason)) await keep(knock, reason)
    sendRefusal(res, refusal, translate)
  }

  /** As far as it came: a person may want to know why, or take it for an order all the same. */
  async function keep({ req, contentType, address, source, received }: Knock, reason: RefusalReason) {
    const { bytes, end } = received ?? (await readBody(req, keptBodyLimit, source ? 'shop' : 'stranger'))
    await inbox.keepRefused({
      account,
      source: source?.id ?? strangers,
      reason,
      contentType,
      headers: withoutSecrets(req.headers),
      body: bytes,
      truncated: end !== 'whole',
      address,
    })
  }
}

function isKept(reason: Refusal['reason']): reason is RefusalReason {
  return refusalReasons.some((kept) => kept === reason)
}

interface Stored {
  source: Source
  id: string
  duplicate: boolean
}

function sendAnswer(res: ServerResponse, { source: { answer }, id, duplicate }: Stored) {
  if (answer) sendText(res, answer.status, answer.contentType, answer.body)
  else sendText(res, 200, json, `{"status":200,"id":"${id}"${duplicate ? ',"duplicate":true' : ''}}`)
}

function queryOf({ url = '' }: IncomingMessage) {
  const from = url.indexOf('?')
  return from < 0 ? null : new URLSearchParams(url.slice(from))
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
