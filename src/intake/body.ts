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

/** Refuses what no parser can read; what is merely odd is for the delivery. */
export async function ensureReadable(kind: BodyKind, body: Buffer, contentType: string) {
  if (isBlank(body)) throw new Refusal('empty')
  if (kind === 'json') ensureJsonObject(body)
  if (kind === 'form' && !body.includes('=')) throw new Refusal('unreadable', 'unreadable_form')
  if (kind === 'multipart') await ensureMultipart(body, contentType)
}

async function ensureMultipart(body: Buffer, contentType: string) {
  try {
    await new Response(new Uint8Array(body), { headers: { 'content-type': contentType } }).formData()
  } catch {
    throw new Refusal('unreadable', 'unreadable_multipart')
  }
}

export function multipartBoundary(contentType: string) {
  if (!/^\s*multipart\//i.test(contentType)) return undefined
  return /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType)?.slice(1).find(Boolean)
}

function isBlank(body: Buffer) {
  return body.length < 64 && body.toString('latin1').trim() === ''
}

function ensureJsonObject(body: Buffer) {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder().decode(body))
  } catch {
    throw new Refusal('unreadable', 'unreadable_json')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Refusal('unreadable', 'unreadable_json')
  if (Object.keys(value).length === 0) throw new Refusal('empty')
}
