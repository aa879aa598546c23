import { hash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { senderKey } from '../inbox/sender-key.ts'
import { type FieldFinder, multipartBoundary } from './body.ts'
import type { Source } from './source.ts'

export interface DedupeKey {
  key: string
  /** Ms; null: for ever. */
  window: number | null
  /** Of the body, where the key is not made of it. */
  digest: string | null
}

export interface Knock {
  headers: IncomingHttpHeaders
  contentType: string
  body: Buffer
  fieldOf: FieldFinder
}

/**
 * What makes two requests the same order: the sender's own id where there is one, for ever;
 * else the bytes of the body, for a while, since a partner may well order the same things again next week.
 */
export function dedupeKeyOf(source: Pick<Source, 'dedupeBy' | 'dedupeWindow'>, knock: Knock): DedupeKey {
  const digest = sha256(withoutBoundary(knock.contentType, knock.body))
  for (const { in: place, name } of source.dedupeBy) {
    const id = place === 'header' ? knock.headers[name] : knock.fieldOf(name)
    if (typeof id !== 'string' || id.trim() === '' || (place === 'field' && id === '0')) continue
    const text = place === 'header' ? id : `${name}=${id}`
    return { key: senderKey(text), window: null, digest }
  }
  return { key: `body:${digest}`, window: source.dedupeWindow, digest: null }
}

/** The boundary of a multipart body is another one each time. */
function withoutBoundary(contentType: string, body: Buffer) {
  const boundary = multipartBoundary(contentType)
  return boundary ? body.toString('latin1').replaceAll(boundary, '') : body
}

function sha256(value: string | Buffer) {
  return hash('sha256', value, 'base64url')
}
