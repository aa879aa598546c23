/** Bytes. Linux takes no longer argument than 128 KiB. */
const longestArgument = 100_000

/** In the way of others, or put there by curl itself or by what is between. */
const passing =
  /^(host|connection|content-length|content-encoding|transfer-encoding|accept|accept-.*|sec-.*|keep-alive|te|trailer|upgrade|expect|via|forwarded|x-forwarded-.*|x-real-ip|cf-.*)$/i

interface Received {
  url: string
  headers: Record<string, unknown>
  body: Uint8Array
  /** Of the body, where it has to be downloaded first. */
  file: string
  /** Whether the body is as it travelled; what is an order is kept inflated. */
  isAsSent: boolean
}

/** The request that was received, as a command for any POSIX shell; `$TOKEN` stands for the token. */
export function receivedAsCurl({ url, headers, body, file, isAsSent }: Received) {
  const kept = Object.entries(headers).filter(
    (header): header is [string, string] =>
      isPlain(header[1]) && (!passing.test(header[0]) || (isAsSent && /^content-encoding$/i.test(header[0]))),
  )
  // Without one of its own curl would say that it is a form.
  if (!kept.some(([name]) => /^content-type$/i.test(name))) kept.push(['content-type', ''])
  const text = textOf(body)
  return command([
    quote(url),
    token,
    ...kept.map(([name, value]) => `-H ${quote(value === '' ? `${name}:` : `${name}: ${value}`)}`),
    text === null ? `--data-binary ${quote(`@${file}`)}` : data(text),
  ])
}

/** A request to amoCRM, as it is kept with its step; null for what is not whole or too long for a command. */
export function requestAsCurl(request: string, baseUrl: string) {
  const call = readCall(request)
  if (!call) return null
  const { method, path, body } = call
  const text = body === undefined ? null : withoutControls(JSON.stringify(body))
  if (text !== null && Buffer.byteLength(text) > longestArgument) return null
  return command([
    ...(method === 'GET' ? [] : [`-X ${method}`]),
    quote(baseUrl + path),
    token,
    ...(text === null ? [] : [`-H ${quote('Content-Type: application/json')}`, data(text)]),
  ])
}

/** A request with a JSON body, as a command to paste. @param token it shows one when it is given */
export function jsonAsCurl(url: string, body: object, token?: string) {
  return command([
    quote(url),
    ...(token === undefined ? [] : [`-H ${quote(`Authorization: Bearer ${token}`)}`]),
    `-H ${quote('Content-Type: application/json')}`,
    data(JSON.stringify(body, null, 2)),
  ])
}

function readCall(request: string): { method: string; path: string; body?: unknown } | null {
  try {
    const { method, path, body } = JSON.parse(request)
    return /^[A-Z]+$/.test(method) && typeof path === 'string' ? { method, path, body } : null
  } catch {
    return null
  }
}

const token = '-H "Authorization: Bearer $TOKEN"'

function command(parts: string[]) {
  // Else brackets in an address would stand for several.
  return ['curl --globoff', ...parts].join(' \\\n  ')
}

function data(text: string) {
  // After --data-binary an @ would name a file.
  return `${text.startsWith('@') ? '--data-raw' : '--data-binary'} ${quote(text)}`
}

/** Between single quotes a shell looks for nothing but the next one. */
function quote(text: string) {
  return `'${text.replaceAll("'", "'\\''")}'`
}

/** Null for what would not survive being pasted: binary, with keys that terminals obey, or without end. */
function textOf(body: Uint8Array) {
  if (body.length > longestArgument) return null
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body)
    return hasControls(text) ? null : text
  } catch {
    return null
  }
}

/** JSON itself leaves some of them as they are. */
function withoutControls(json: string) {
  return json.replace(/\p{Cc}/gu, (key) => `\\u${key.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function hasControls(text: string) {
  return /(?!\n)\p{Cc}/u.test(text)
}

function isPlain(value: unknown) {
  return typeof value === 'string' && /^[\x20-\x7e]+$/.test(value)
}
