import qs from 'qs'
import { declaresCp1251, fromCp1251, isUtf8, unescapeBytes } from './charset.ts'

/** The body of a message cannot be read as an order. */
export class UnreadableBodyError extends Error {
  override name = 'UnreadableBodyError'
}

/** The fields of a form or JSON body, brackets read as PHP does; keys like `__proto__` are mere keys. */
export async function readBody(contentType: string, body: Buffer): Promise<Record<string, unknown>> {
  try {
    if (/^\s*application\/json/i.test(contentType)) return readJson(contentType, withoutMark(body))
    if (/^\s*multipart\//i.test(contentType)) return parseBrackets(await multipartPairs(contentType, body))
    return readForm(contentType, withoutMark(body))
  } catch (error) {
    throw new UnreadableBodyError(error instanceof Error ? error.message : String(error))
  }
}

const byteOrderMark = Buffer.from('\ufeff')

/** Windows editors put it before what they save, where it would become part of the first field's name. */
function withoutMark(body: Buffer) {
  return body.subarray(0, byteOrderMark.length).equals(byteOrderMark) ? body.subarray(byteOrderMark.length) : body
}

function readJson(contentType: string, body: Buffer) {
  const isCp1251 = declaresCp1251(contentType) || !isUtf8(body)
  const text = isCp1251 ? fromCp1251(body) : new TextDecoder().decode(body)
  const value: unknown = /\d{16}/.test(text) ? JSON.parse(text, keepLongNumbers) : JSON.parse(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('not a JSON object')
  return value as Record<string, unknown>
}

/** An order's number of twenty digits stays as it was sent. */
function keepLongNumbers(_key: string, value: unknown, context?: { source: string }) {
  const isExact = typeof value !== 'number' || !Number.isInteger(value) || Number.isSafeInteger(value)
  return isExact ? value : context?.source
}

function readForm(contentType: string, body: Buffer) {
  const isCp1251 = declaresCp1251(contentType) || !isUtf8(unescapeBytes(body.toString('latin1')))
  if (!isCp1251) return parseBrackets(body.toString('utf8'))
  return parseBrackets(body.toString('latin1'), (text) => fromCp1251(unescapeBytes(text.replaceAll('+', ' '))))
}

/** `products[0][name]=…` to any size: an order that fits the body limit is never cut. */
function parseBrackets(query: string, decoder?: (text: string) => string) {
  return qs.parse(query, {
    parameterLimit: Number.POSITIVE_INFINITY,
    arrayLimit: 2000,
    depth: 20,
    duplicates: 'last',
    plainObjects: true,
    ...(decoder ? { decoder } : {}),
  }) as Record<string, unknown>
}

async function multipartPairs(contentType: string, body: Buffer) {
  const asSent = await readParts(contentType, body)
  // A file among the parts may be anything, so the texts tell.
  const isCp1251 = declaresCp1251(contentType) || asSent.some(([, value]) => value.includes('\ufffd'))
  const pairs = isCp1251 ? await readParts(contentType, Buffer.from(fromCp1251(body))) : asSent
  return pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&')
}

async function readParts(contentType: string, body: Buffer) {
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': contentType } }).formData()
  return [...form.entries()].map(([name, value]) => [name, typeof value === 'string' ? value : value.name] as const)
}
