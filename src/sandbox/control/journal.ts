import type { RequestHandler } from 'express'
import type { Clock } from './clock.ts'

export interface JournalEntry {
  time: string
  ms: number
  method: string
  path: string
  /** 0 while there is no answer, and where there never was one. */
  status: number
  bytes: number
  request_id: string
  fault?: string
}

const capacity = 10_000

/** Every request to the API in the order of arrival, with what it was answered. */
export function createJournal(clock: Clock) {
  const entries: JournalEntry[] = []
  return { record: record(), list: () => entries, clear: () => entries.splice(0) }

  function record(): RequestHandler {
    return (req, res, next) => {
      const started = clock.ms()
      const entry: JournalEntry = {
        time: new Date(started).toISOString(),
        ms: 0,
        method: req.method,
        path: req.originalUrl,
        status: 0,
        bytes: 0,
        request_id: crypto.randomUUID(),
      }
      entries.push(entry)
      if (entries.length > capacity) entries.shift()
      res.locals['journalEntry'] = entry
      res.set('X-Request-Id', entry.request_id)
      const end = res.end.bind(res)
      res.end = (...args: unknown[]) => {
        entry.status = res.statusCode
        entry.bytes = byteLength(args[0])
        entry.ms = clock.ms() - started
        return Reflect.apply(end, res, args)
      }
      next()
    }
  }
}

function byteLength(chunk: unknown): number {
  return typeof chunk === 'string' || Buffer.isBuffer(chunk) ? Buffer.byteLength(chunk) : 0
}
