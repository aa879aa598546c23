import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { multipartBoundary } from './body.ts'

/**
 * What makes two requests the same order: the sender's own id of the request where there is one, for ever;
 * else the bytes of the body, for a while, since a partner may well order the same things again next week.
 */
export function dedupeKeyOf(
  headers: IncomingHttpHeaders,
  contentType: string,
  body: Buffer,
): { key: string; lasting: boolean } {
  const id = headers['idempotency-key'] ?? headers['webhook-id']
  if (typeof id === 'string' && id !== '') return { key: `id:${sha256(id)}`, lasting: true }
  return { key: `body:${sha256(withoutBoundary(contentType, body))}`, lasting: false }
}

/** The boundary of a multipart body is another one each time. */
function withoutBoundary(contentType: string, body: Buffer) {
  const boundary = multipartBoundary(contentType)
  return boundary ? body.toString('latin1').replaceAll(boundary, '') : body
}

function sha256(value: string | Buffer) {
  return createHash('sha256').update(value).digest('base64url')
}
