import fc from 'fast-check'

/** One thing that is sent over a connection of its own. */
export interface Knock {
  kind: string
  bytes: Buffer
  /** Whether a server that reads it to its end knows that it has ended, and so has to answer or hang up by itself. */
  isWhole: boolean
  /** Whether the sender is gone as soon as it has sent. */
  hangsUp: boolean
}

export type Headers = [name: string, value: string][]

/** What the server under test asks for. */
export const token = 'right-token-of-the-shop'

const form: Headers = [['Content-Type', 'application/x-www-form-urlencoded']]

interface Request {
  method?: string
  path?: string
  headers?: Headers
  body?: string | Buffer
  /** In place of the true one; null: none. */
  length?: string | null
}

/** The bytes of a request; text stands for bytes, one each. */
export function request(options: Request = {}) {
  const { method = 'POST', path = '/api/order/create', headers = form, body = 'a=1', length } = options
  const bytes = typeof body === 'string' ? Buffer.from(body, 'latin1') : body
  const lines = [['Host', 'shop'], ['Connection', 'close'], ...(hasToken(headers, path) ? [] : bearer), ...headers]
  if (length !== null) lines.push(['Content-Length', length ?? String(bytes.length)])
  const head = `${method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
  return Buffer.concat([Buffer.from(head, 'latin1'), bytes])
}

const bearer: Headers = [['Authorization', `Bearer ${token}`]]

function hasToken(headers: Headers, path: string) {
  return path.includes('token=') || headers.some(([name]) => /authorization|token/i.test(name))
}

export const whole = (kind: string, bytes: Buffer): Knock => ({ kind, bytes, isWhole: true, hangsUp: false })
export const open = (kind: string, bytes: Buffer, hangsUp = false): Knock => ({ kind, bytes, isWhole: false, hangsUp })

/** Bytes as text of one character each. */
export const anyBytes = (maxLength: number) =>
  fc.uint8Array({ maxLength, size: 'max' }).map((bytes) => Buffer.from(bytes).toString('latin1'))

/** The same without what HTTP itself would refuse in a header, so that it gets as far as the server's own code. */
export const inHeader = (maxLength: number) =>
  fc
    .array(fc.oneof(fc.integer({ min: 0x20, max: 0x7e }), fc.integer({ min: 0x80, max: 0xff }), fc.constant(0x09)), {
      maxLength,
      size: 'max',
    })
    .map((codes) => String.fromCharCode(...codes))

/** A text many times over: what is too much, cheaply. */
export const repeated = (text: string, most: number) =>
  fc.integer({ min: 1, max: most }).map((times) => text.repeat(times))
