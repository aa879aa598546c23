import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { type Answering, json, sendRefusal, sendText } from './answer-refusal.ts'
import { announcedKind, ensureReadable } from './body.ts'
import { dedupeKeyOf } from './dedupe-key.ts'
import type { Knock, Reception } from './reception.ts'
import { Refusal } from './refusal.ts'
import type { Source } from './source.ts'
import type { Sources } from './sources.ts'

interface WebhookOptions extends Pick<Answering, 'translate'> {
  reception: Reception
  sources: Sources
}

/**
 * `POST /api/order/create`: the order webhook of the partner cabinet. 200 means that the order is on disk.
 * A bare listener: the way through a framework would take longer than storing does.
 */
export function createWebhook({ reception, sources, translate }: WebhookOptions): RequestListener {
  return (req, res) => {
    const knock = reception.arrive(req)
    receive(knock).then(
      (accepted) => {
        sendAnswer(res, accepted)
        reception.answered(knock, { status: res.statusCode, id: accepted.id, duplicate: accepted.duplicate })
      },
      async (error: unknown) => {
        const refusal = await reception.turnAway(knock, error)
        sendRefusal(res.setHeader('X-Request-Id', knock.requestId), refusal, translate)
        reception.answered(knock, refusal)
      },
    )
  }

  async function receive(knock: Knock) {
    const { req, contentType, address } = knock
    const { headers } = req
    if (req.method !== 'POST') throw new Refusal('method_not_allowed')
    const source = sources.identify(headers, queryOf(req))
    // Anybody can say in the address that he is a source whose requests are signed.
    const isShown = source.tokens.length > 0 || source.signingSecrets.length === 0
    if (isShown) knock.source = source.id
    sources.locate(source, address)
    if (isShown && sources.isLimited(source)) await sources.admit(source)
    const kind = announcedKind(headers)
    const body = await reception.readWhole(knock)
    sources.verify(source, headers, body)
    knock.source = source.id
    if (!isShown && sources.isLimited(source)) await sources.admit(source)
    const fieldOf = ensureReadable(kind, body, contentType)
    const { key, window, digest } = dedupeKeyOf(source, { headers, contentType, body, fieldOf })
    const stored = reception.store(knock, { body, dedupeKey: key, dedupeWindow: window, bodyDigest: digest })
    return { source, ...(await stored) }
  }
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
