import type { IncomingHttpHeaders } from 'node:http'
import { Refusal } from './refusal.ts'

type BodyKind = 'form' | 'json' | 'multipart'

const kinds: ReadonlyMap<string, BodyKind> = new Map([
  ['application/x-www-form-urlencoded', 'form'],
  ['application/json', 'json'],
  ['multipart/form-data', 'multipart'],
])

export function bodyKind(contentType: string | undefined): BodyKind {
  const mediaType = (contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  const kind = kinds.get(mediaType)
  if (!kind) throw new Refusal('unsupported_type')
  return kind
}

/** What the headers tell of a body before it is read. */
export function announcedKind(headers: IncomingHttpHeaders): BodyKind {
  const length = headers['content-length']
  if (length === '0' || (length === undefined && headers['transfer-encoding'] === undefined)) throw new Refusal('empty')
  return bodyKind(headers['content-type'])
}

/** The field of a body, by its name, as far as it can be told without parsing the body; null when there is none. */
export type FieldFinder = (name: string) => string | null

/** Refuses what no parser can read; what is merely odd is for the delivery. */
export function ensureReadable(kind: BodyKind, body: Buffer, contentType: string): FieldFinder {
  if (isBlank(body)) throw new Refusal('empty')
  if (kind === 'json') return readJson(body)
  if (kind === 'multipart') return readMultipart(body, contentType)
  return readForm(body)
}

function isBlank(body: Buffer) {
  return body.length < 64 && body.toString('latin1').trim() === ''
}

function readJson(body: Buffer): FieldFinder {
  const order = parseJson(body)
  if (Object.keys(order).length === 0) throw new Refusal('empty')
  return (name) => {
    const value = Object.hasOwn(order, name) ? order[name] : null
    return typeof value === 'string' || isExact(value) ? String(value) : null
  }
}

/** Of longer numbers JavaScript makes others, and of several the same one. */
function isExact(value: unknown) {
  return typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER
}

function parseJson(body: Buffer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body.toString('utf8').replace(/^\ufeff/, ''))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch {}
  throw new Refusal('unreadable', 'unreadable_json')
}

function readForm(body: Buffer): FieldFinder {
  if (!body.includes('=')) throw new Refusal('unreadable', 'unreadable_form')
  return (name) => {
    const from = findLast(body, `${name}=`)
    if (from < 0) return null
    const end = body.indexOf(ampersand, from)
    return body.toString('latin1', from, end < 0 ? body.length : end).replace(/\+|%20/g, ' ')
  }
}

/** Where the value begins that counts, as in PHP: the last one. */
function findLast(body: Buffer, key: string) {
  for (let at = body.length; at > 0; ) {
    at = body.lastIndexOf(key, at - 1)
    if (at === 0 || body[at - 1] === ampersand) return at + key.length
  }
  return -1
}

const ampersand = '&'.charCodeAt(0)

function readMultipart(body: Buffer, contentType: string): FieldFinder {
  const boundary = multipartBoundary(contentType)
  const first = boundary ? body.indexOf(`--${boundary}\r\n`) : -1
  const isComplete = first >= 0 && body.lastIndexOf(`--${boundary}--`) > first
  if (!isComplete || !/name=/i.test(body.toString('latin1', first, first + longestPartHead)))
    throw new Refusal('unreadable', 'unreadable_multipart')
  return (name) => {
    let found = null
    for (const [head, value] of partsOf(body, `\r\n--${boundary}`, first)) {
      if (partName(head) === name) found = value
    }
    return found
  }
}

/** Each part's head and value. */
function* partsOf(body: Buffer, delimiter: string, first: number) {
  let from = first + delimiter.length - '\r\n'.length
  for (let end = body.indexOf(delimiter, from); end >= 0; end = body.indexOf(delimiter, from)) {
    const part = body.subarray(from, end)
    const headEnd = part.indexOf('\r\n\r\n')
    if (headEnd >= 0) yield [part.toString('latin1', 0, headEnd), part.toString('latin1', headEnd + 4)] as const
    from = end + delimiter.length
  }
}

/** Null for a file. */
function partName(head: string) {
  if (/;\s*filename\*?=/i.test(head)) return null
  const [, quoted, bare] = /;\s*name=(?:"([^"]*)"|([^;\s]+))/i.exec(head) ?? []
  return quoted ?? bare ?? null
}

const longestPartHead = 2000

export function multipartBoundary(contentType: string) {
  if (!/^\s*multipart\//i.test(contentType)) return undefined
  return /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType)?.slice(1).find(Boolean)
}
