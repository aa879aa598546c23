import { STATUS_CODES } from 'node:http'
import type { Request, Response } from 'express'
import {
  internalError,
  nginxPage,
  Problem,
  paymentRequired,
  tooManyItems,
  tooManyRequests,
  unauthorized,
} from '../http/problems.ts'
import type { Store } from '../store/store.ts'
import type { Effect, FaultSpec } from './fault-shape.ts'

interface Strike {
  spec: FaultSpec
  random: () => number
  req: Request
  res: Response
  next: () => void
}

const usualBodyMs = 3000
const pieces = 20

/** What each fault does to the request that it strikes. */
export function createEffects(store: Store): Record<Effect, (strike: Strike) => void> {
  return { delay, drop, lost_answer, truncate, slow_body, status, partial_link, field_deleted }

  function delay({ next }: Strike) {
    next()
  }

  function drop({ req }: Strike) {
    req.socket.destroy()
  }

  function lost_answer({ req, res, next }: Strike) {
    res.end = () => {
      req.socket.destroy()
      return res
    }
    next()
  }

  function truncate({ res, next }: Strike) {
    instead(res, (end, body) => {
      const half = body.subarray(0, Math.floor(body.length / 2))
      res.set('Content-Length', String(half.length))
      end(half)
    })
    next()
  }

  function slow_body({ spec, res, next }: Strike) {
    instead(res, (end, body) => trickle(res, end, body, spec.body_ms ?? usualBodyMs))
    next()
  }

  function status({ spec, res, next }: Strike) {
    if (spec.commit !== true) return void res.send(prepare(spec, res))
    instead(res, (end) => {
      res.removeHeader('ETag')
      const body = Buffer.from(prepare(spec, res))
      res.set('Content-Length', String(body.length))
      end(body)
    })
    next()
  }

  /** The answer names every link; about half of them are as if they had not been sent. One is always lost. */
  function partial_link({ res, random, next }: Strike) {
    const before = new Map(store.links.all().map((link) => [link.id, link]))
    instead(res, (end, body) => {
      const made = store.links.all().filter((link) => before.get(link.id) !== link)
      const surely = Math.floor(random() * made.length)
      const lost = made.filter((_, index) => index === surely || random() < 0.5)
      store.write(() => {
        for (const { id } of lost) {
          const earlier = before.get(id)
          if (earlier) store.links.put(earlier)
          else store.links.remove(id)
        }
      })
      end(body)
    })
    next()
  }

  /** As if a person had deleted the field a moment ago. It stays deleted. */
  function field_deleted({ spec, next }: Strike) {
    if (spec.field_id !== undefined && store.fields.get(spec.field_id)) store.fields.remove(spec.field_id)
    next()
  }
}

/** Lets the work be done, then has `answerWith` decide what goes out. */
function instead(res: Response, answerWith: (end: (body: Buffer) => void, body: Buffer) => void) {
  const end = res.end.bind(res)
  res.end = (chunk?: unknown) => {
    res.end = end
    const body = Buffer.isBuffer(chunk) ? chunk : Buffer.from(typeof chunk === 'string' ? chunk : '')
    answerWith((changed) => end(changed), body)
    return res
  }
}

function trickle(res: Response, end: (body: Buffer) => void, body: Buffer, ms: number) {
  if (body.length === 0) return end(body)
  const size = Math.ceil(body.length / pieces)
  let sent = 0
  res.flushHeaders()
  const timer = setInterval(() => {
    const piece = body.subarray(sent, sent + size)
    sent += size
    if (sent < body.length) return void res.write(piece)
    clearInterval(timer)
    end(piece)
  }, ms / pieces).unref()
  res.on('close', () => clearInterval(timer))
}

function prepare(spec: FaultSpec, res: Response): string {
  const status = spec.status ?? 500
  const title = STATUS_CODES[status] ?? 'Error'
  res.status(status).type(spec.html ? 'html' : 'application/problem+json')
  if (spec.headers) res.set(spec.headers)
  if (spec.body !== undefined) return typeof spec.body === 'string' ? spec.body : JSON.stringify(spec.body)
  if (spec.html) return nginxPage(`${status} ${title}`)
  return JSON.stringify((usual.get(status)?.() ?? new Problem(status, { detail: title })).body)
}

const usual = new Map<number, () => Problem>([
  [401, unauthorized],
  [402, paymentRequired],
  [422, tooManyItems],
  [429, tooManyRequests],
  [500, internalError],
])
