import { STATUS_CODES } from 'node:http'
import type { Request, RequestHandler, Response } from 'express'
import { z } from 'zod'
import { nginxPage, Problem } from '../http/problems.ts'
import type { JournalEntry } from './journal.ts'

const faultShape = z.strictObject({
  method: z.string().optional(),
  /** Exact, or a beginning that ends with `*`. */
  path: z.string().default('*'),
  effect: z.enum(['lost_answer', 'drop', 'status', 'truncate', 'delay']),
  status: z.int().min(200).max(599).optional(),
  /** For `status`: whether the work is done before the answer is put in place of the true one. */
  commit: z.boolean().optional(),
  html: z.boolean().optional(),
  headers: z.record(z.string(), z.string()).optional(),
  body: z.unknown().optional(),
  delay_ms: z.number().min(0).optional(),
  times: z.int().positive().optional(),
  probability: z.number().min(0).max(1).optional(),
  seed: z.int().optional(),
})

type FaultSpec = z.infer<typeof faultShape>

interface Fault {
  spec: FaultSpec
  fired: number
  random: () => number
}

/** Faults on demand: the first in the list that fits a request is what happens to it. */
export function createFaults() {
  let faults: Fault[] = []
  return { replace, list, apply: apply() }

  function replace(body: unknown) {
    const parsed = z.array(faultShape).safeParse(body)
    if (!parsed.success) throw new Problem(400, { detail: z.prettifyError(parsed.error) })
    faults = parsed.data.map((spec) => ({ spec, fired: 0, random: randomFrom(spec.seed ?? 1) }))
    return list()
  }

  function list() {
    return faults.map(({ spec, fired }) => ({ ...spec, fired }))
  }

  function apply(): RequestHandler {
    return (req, res, next) => {
      const fault = faults.find((each) => fits(each, req))
      if (!fault) return next()
      fault.fired += 1
      const entry: JournalEntry | undefined = res.locals['journalEntry']
      if (entry) entry.fault = fault.spec.effect
      const strike = () => effects[fault.spec.effect](fault.spec, req, res, next)
      if (fault.spec.delay_ms === undefined) strike()
      else setTimeout(strike, fault.spec.delay_ms)
    }
  }
}

function fits({ spec, fired, random }: Fault, req: Request): boolean {
  if (spec.times !== undefined && fired >= spec.times) return false
  if (spec.method !== undefined && spec.method.toUpperCase() !== req.method) return false
  const path = req.originalUrl.split('?')[0] ?? ''
  if (spec.path.endsWith('*') ? !path.startsWith(spec.path.slice(0, -1)) : path !== spec.path) return false
  return spec.probability === undefined || random() < spec.probability
}

type Effect = (spec: FaultSpec, req: Request, res: Response, next: () => void) => void

const effects: Record<FaultSpec['effect'], Effect> = {
  delay: (_spec, _req, _res, next) => next(),
  drop: (_spec, req) => void req.socket.destroy(),
  lost_answer(_spec, req, res, next) {
    res.end = () => {
      req.socket.destroy()
      return res
    }
    next()
  },
  truncate(_spec, _req, res, next) {
    instead(res, (end, body) => {
      const half = body.subarray(0, Math.floor(body.length / 2))
      res.set('Content-Length', String(half.length))
      end(half)
    })
    next()
  },
  status(spec, _req, res, next) {
    if (spec.commit !== true) return answer(spec, res)
    instead(res, (end) => {
      res.removeHeader('ETag')
      const body = Buffer.from(prepare(spec, res))
      res.set('Content-Length', String(body.length))
      end(body)
    })
    next()
  },
}

/** Lets the work be done, then has `answerWith` decide what goes out. */
function instead(res: Response, answerWith: (end: (body: Buffer) => void, body: Buffer) => void) {
  const end = res.end.bind(res)
  res.end = (chunk?: unknown) => {
    const body = Buffer.isBuffer(chunk) ? chunk : Buffer.from(typeof chunk === 'string' ? chunk : '')
    answerWith((changed) => end(changed), body)
    return res
  }
}

function answer(spec: FaultSpec, res: Response) {
  res.send(prepare(spec, res))
}

function prepare(spec: FaultSpec, res: Response): string {
  const status = spec.status ?? 500
  const title = STATUS_CODES[status] ?? 'Error'
  res.status(status).type(spec.html ? 'html' : 'application/problem+json')
  if (spec.headers) res.set(spec.headers)
  if (spec.body !== undefined) return typeof spec.body === 'string' ? spec.body : JSON.stringify(spec.body)
  if (spec.html) return nginxPage(`${status} ${title}`)
  return JSON.stringify({ title, type: `https://httpstatus.es/${status}`, status, detail: title })
}

/** mulberry32: the same seed gives the same run of luck. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
