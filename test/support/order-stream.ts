import { connect } from 'node:net'
import { digits, type NumberedOrders, numberedOrders, type OrderKind } from './numbered-orders.ts'

export interface StreamOptions {
  port: number
  connections: number
  /** The webhook's unless it says otherwise. */
  kind?: OrderKind
  /** Gives the number of the order that goes next; null ends the stream. */
  next: () => number | null
  headers?: Record<string, string>
  /** Bytes that each order is longer than the sample. */
  padding?: number
  /** Also kept for each answer; costs memory. */
  keepLatencies?: boolean
}

export interface Answer {
  number: number
  status: number
  /** Empty unless the server has given one. */
  id: string
  duplicate: boolean
  /** Seconds; NaN where the answer does not say. */
  retryAfter: number
}

export interface StreamOutcome {
  answers: Answer[]
  /** Orders that were on their way when their connection broke. */
  unanswered: number[]
  /** Ms, of each answer. */
  latencies: number[]
}

/** Sends order after order over each connection, as cheaply as can be, until `next` gives none or the server is gone. */
export async function streamOrders(options: StreamOptions): Promise<StreamOutcome> {
  const outcome: StreamOutcome = { answers: [], unanswered: [], latencies: [] }
  const senders = Array.from({ length: options.connections }, () => sendOneByOne(options, outcome))
  await Promise.all(senders)
  return outcome
}

/** Over one at a time: a server may end a connection with an answer, and then the next order comes over a new one. */
async function sendOneByOne(options: StreamOptions, outcome: StreamOutcome) {
  for (let isOpen = true; isOpen; ) isOpen = await sendOverOneConnection(options, outcome)
}

/** Gives whether there is more to send and somebody who takes it. */
function sendOverOneConnection(
  { port, kind = 'webhook', next, keepLatencies = false, ...options }: StreamOptions,
  outcome: StreamOutcome,
) {
  const orders = numberedOrders[kind]
  const request = prepareRequest(orders, options)
  const numberAt = request.length - orders.tail - digits
  const receive = createReceiver(orders)
  let sent: number | null = null
  let sentAt = 0
  let hasAnswered = false
  let isOver = false

  return new Promise<boolean>((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    const send = () => {
      if (socket.destroyed || !socket.writable) return
      sent = next()
      isOver = sent === null
      if (isOver) return void socket.destroy()
      request.write(String(sent).padStart(digits, '0'), numberAt, 'latin1')
      sentAt = performance.now()
      socket.write(request)
    }
    socket.on('connect', send)
    socket.on('data', (chunk) => {
      const answer = receive(chunk)
      if (!answer || sent === null) return
      if (keepLatencies) outcome.latencies.push(performance.now() - sentAt)
      outcome.answers.push({ number: sent, ...answer.told })
      sent = null
      hasAnswered = true
      if (answer.isLast) socket.destroy()
      else send()
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      if (sent !== null) outcome.unanswered.push(sent)
      resolve(hasAnswered && sent === null && !isOver)
    })
  })
}

/** The whole request. One at a time is on its way, so the number of the order is written over. */
function prepareRequest(
  { path, contentType, body: bodyOf }: NumberedOrders,
  { headers = {}, padding = 0 }: Pick<StreamOptions, 'headers' | 'padding'>,
) {
  const body = bodyOf(0, padding)
  const head = {
    Host: '127.0.0.1',
    'User-Agent': 'partner cabinet',
    Accept: '*/*',
    'Content-Type': contentType,
    'Content-Length': Buffer.byteLength(body),
    ...headers,
  }
  const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`)
}

/** Reads one answer at a time; as servers answer in one piece, that is nearly all. */
function createReceiver({ idAfter }: NumberedOrders) {
  let received = ''
  return (chunk: Buffer): { told: Omit<Answer, 'number'>; isLast: boolean } | null => {
    received += chunk.toString('latin1')
    const headEnd = received.indexOf('\r\n\r\n')
    if (headEnd < 0) return null
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(received)?.[1])
    const end = headEnd + 4 + length
    if (received.length < end) return null
    const idAt = received.indexOf(idAfter, headEnd)
    const from = idAt + idAfter.length
    const told = {
      status: Number(received.slice(9, 12)),
      retryAfter: Number(/\r\nretry-after: *(\d+)/i.exec(received)?.[1] ?? Number.NaN),
      id: idAt < 0 ? '' : received.slice(from, received.indexOf('"', from)),
      duplicate: received.includes('"duplicate":true', headEnd),
    }
    const isLast = /\r\nconnection: *close/i.test(received)
    received = ''
    return { told, isLast }
  }
}
