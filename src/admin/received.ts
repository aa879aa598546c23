import type { StoredMessage } from '../inbox/queries.ts'
import { fromCp1251, isUtf8, unescapeBytes } from '../order/charset.ts'

/** Characters of a text that a page holds at once; the whole of it is loaded on demand. */
const shownAtOnce = 20_000

/** Deeper or longer, line breaks would blow a text up out of all measure. */
const prettiest = { depth: 12, length: 2_000_000 }

interface Shown {
  text: string
  /** Characters of the whole; null where all of it is shown. */
  cutFrom: number | null
}

/** The beginning of a text, with line breaks where it is JSON. */
export function shownText(text: string): Shown {
  const whole = prettyText(text)
  if (whole.length <= shownAtOnce) return { text: whole, cutFrom: null }
  return { text: whole.slice(0, shownAtOnce).replace(/[\ud800-\udbff]$/, ''), cutFrom: whole.length }
}

/** JSON with line breaks; any other text as it is. Numbers and names stay as they were written, also those that JavaScript cannot hold. */
export function prettyText(text: string) {
  return text.length > prettiest.length || depthOf(text) > prettiest.depth || !isJson(text) ? text : indented(text)
}

function isJson(text: string) {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** Strings, empty lists and objects, signs, spaces and all else: numbers, true, false and null. */
const tokens = /"(?:[^"\\]+|\\.)*"|\[\s*\]|\{\s*\}|[{}[\],:]|\s+|[^\s{}[\],:"]+/g

function indented(json: string) {
  let line = '\n'
  return json.replace(tokens, (token) => {
    if (token.startsWith('"')) return JSON.stringify(JSON.parse(token))
    if (token === '{' || token === '[') {
      line += '  '
      return token + line
    }
    if (token === '}' || token === ']') {
      line = line.slice(0, -2)
      return line + token
    }
    if (token === ',') return token + line
    return token === ':' ? ': ' : token.replace(/\s+/g, '')
  })
}

function depthOf(text: string) {
  let depth = 0
  let deepest = 0
  for (const character of text) {
    if (character === '{' || character === '[') deepest = Math.max(deepest, ++depth)
    else if (character === '}' || character === ']') depth -= 1
  }
  return deepest
}

type Received = Pick<StoredMessage, 'content_type' | 'body'> & { truncated?: number | undefined }

/** The body as it came, as text. */
export function bodyText({ body, truncated }: Received) {
  const bytes = Buffer.from(body)
  if (isInUtf8(bytes, truncated)) return bytes.toString('utf8')
  // A file that stands between the fields of a form says nothing about them.
  const lines = bytes.toString('latin1').split('\n')
  return lines.map((line) => decodeLine(Buffer.from(line, 'latin1'))).join('\n')
}

function decodeLine(line: Buffer) {
  return isUtf8(line) ? line.toString('utf8') : fromCp1251(line)
}

/** What was cut may end within a letter. */
function isInUtf8(bytes: Uint8Array, truncated: number | undefined) {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: truncated === 1 })
    return true
  } catch {
    return false
  }
}

/** The body as people read it; a form one field a line, its names and values decoded. */
export function readableBody({ content_type, body, truncated }: Received) {
  if (!/^\s*application\/x-www-form-urlencoded/i.test(content_type)) return bodyText({ content_type, body, truncated })
  const form = Buffer.from(body).toString('latin1')
  const isUtf8Form = isInUtf8(unescapeBytes(form), truncated)
  const decode = (part: string) => {
    const bytes = unescapeBytes(part.replaceAll('+', ' '))
    return isUtf8Form ? bytes.toString('utf8') : fromCp1251(bytes)
  }
  const pairs = form.split('&').filter(Boolean)
  return pairs.map((pair) => pair.split(/=(.*)/s, 2).map(decode).join(' = ')).join('\n')
}

/** What a browser saves the body as. */
export function fileName({ id, content_type }: Pick<StoredMessage, 'id' | 'content_type'>) {
  const extension = /json/i.test(content_type)
    ? 'json'
    : /urlencoded|multipart|text/i.test(content_type)
      ? 'txt'
      : 'bin'
  return `order-${id}.${extension}`
}

export function headersOf({ headers }: Pick<StoredMessage, 'headers'>): Record<string, unknown> {
  try {
    return JSON.parse(headers)
  } catch {
    return {}
  }
}
