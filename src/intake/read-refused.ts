import type { Admission, Admitting, ReceivedRequest } from '../inbox/accept-refused.ts'
import { strangers } from '../inbox/refused.ts'
import { apiContentType, apiDedupeKey } from './api-orders.ts'
import { bodyKind, ensureReadable, type FieldFinder } from './body.ts'
import { dedupeKeyOf } from './dedupe-key.ts'
import { decompress } from './read-body.ts'
import { Refusal } from './refusal.ts'
import type { Source } from './source.ts'

interface Options {
  sources: Pick<Source, 'id' | 'dedupeBy' | 'dedupeWindow'>[]
  /** Ms; of the order API. */
  dedupeWindow: number
  /** Bytes. */
  bodyLimit: number
}

/** Reads what was refused for who sent it or how as the order that it may well be. */
export function createRefusedReader({ sources, dedupeWindow, bodyLimit }: Options): Admitting {
  function read(refused: ReceivedRequest, wanted = refused.source): Admission | null {
    if (refused.format) return readApiOrder(refused, refused.format)
    const sourceOf = (wanted: string) => sources.find(({ id }) => id === wanted)
    const source = sourceOf(wanted) ?? sourceOf(refused.source) ?? sources[0]
    if (!source || refused.truncated) return null
    const headers = headersOf(refused)
    const body = inflated(refused, headers)
    const reading = body && readAsOrder(refused.content_type, body)
    if (!body || !reading) return null
    const { contentType, fieldOf } = reading
    const { key, window, digest } = dedupeKeyOf(source, { headers, contentType, body, fieldOf })
    return { source: source.id, contentType, body, bodyDigest: digest, dedupeKey: key, dedupeWindow: window }
  }

  /** It belongs to the shop that sent it, and of a stranger's nobody knows whose it would be. */
  function readApiOrder(refused: ReceivedRequest, format: NonNullable<ReceivedRequest['format']>): Admission | null {
    if (refused.source === strangers || refused.truncated) return null
    const headers = headersOf(refused)
    const body = inflated(refused, headers)
    if (!body) return null
    const contentType = apiContentType(refused.content_type, body)
    if (!unlessRefused(() => ensureReadable(bodyKind(contentType), body, contentType))) return null
    const { key, window, digest } = apiDedupeKey(format, dedupeWindow, { headers, contentType, body })
    return { source: refused.source, contentType, body, bodyDigest: digest, dedupeKey: key, dedupeWindow: window }
  }

  function inflated({ body }: ReceivedRequest, headers: Record<string, string>) {
    return unlessRefused(() => decompress(Buffer.from(body), headers['content-encoding'], bodyLimit))
  }

  return { sources: sources.map(({ id }) => id), read }
}

function headersOf({ headers }: ReceivedRequest): Record<string, string> {
  try {
    return JSON.parse(headers)
  } catch {
    return {}
  }
}

/** A body by the type that it came with, else by the one that it looks like; null when it cannot be read. */
function readAsOrder(contentType: string, body: Buffer) {
  const candidates = unlessRefused(() => bodyKind(contentType))
    ? [contentType]
    : ['application/json', ...(looksLikeForm(body) ? [form] : [])]
  for (const candidate of candidates) {
    const fieldOf = unlessRefused<FieldFinder>(() => ensureReadable(bodyKind(candidate), body, candidate))
    if (fieldOf) return { contentType: candidate, fieldOf }
  }
  return null
}

const form = 'application/x-www-form-urlencoded'

/** A form begins with a name and `=`, which other texts that have a `=` somewhere do not. */
function looksLikeForm(body: Buffer) {
  return /^[\w.%+[\]-]+=/.test(body.toString('latin1', 0, 1000))
}

function unlessRefused<Result>(read: () => Result): Result | null {
  try {
    return read()
  } catch (error) {
    if (error instanceof Refusal) return null
    throw error
  }
}
