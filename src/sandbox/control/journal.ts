import { createHash } from 'node:crypto'
import type { Request, RequestHandler, Response } from 'express'
import type { Tokens } from '../oauth/tokens.ts'
import type { Clock } from './clock.ts'
import { capped, masked, maskedPath, publicHeaders } from './masking.ts'

export interface JournalEntry {
  /** Of the arrival. */
  time: string
  ms: number
  method: string
  path: string
  /** 0 while there is no answer, and where there never was one. */
  status: number
  bytes: number
  request_id: string
  /** The integration whose token came with it, or that asked for a token. */
  client_id: string | null
  /** Of a request for tokens; the digest tells one refresh token from another without showing it. */
  grant_type?: string
  token_digest?: string
  fault?: string
}

/** What was said, as far as it is kept. */
interface Talk {
  request: { headers: object; body: string }
  answer: { headers: object; body: string } | null
}

type Watcher = (event: 'arrived' | 'ended' | 'cleared', entry?: JournalEntry) => void

const capacity = 10_000
const talkCapacity = 1000

/** Every request to the API in the order of arrival, with what it was answered. */
export function createJournal(clock: Clock, tokens: Tokens) {
  const entries: JournalEntry[] = []
  const talks = new Map<string, Talk>()
  const watchers = new Set<Watcher>()
  const tell: Watcher = (event, entry) => {
    for (const watcher of watchers) watcher(event, entry)
  }
  return { record: record(), noteBody, noteGrant, list: () => entries, find, mentioning, clear, watch }

  function record(): RequestHandler {
    return (req, res, next) => {
      const started = clock.ms()
      const entry: JournalEntry = {
        time: new Date(started).toISOString(),
        ms: 0,
        method: req.method,
        path: maskedPath(req.originalUrl),
        status: 0,
        bytes: 0,
        request_id: crypto.randomUUID(),
        client_id: tokens.find(req.get('authorization'))?.client_id ?? null,
      }
      const talk: Talk = { request: { headers: publicHeaders(req.headers), body: '' }, answer: null }
      keep(entry, talk)
      res.locals['journalEntry'] = entry
      res.locals['talk'] = talk
      res.set({ 'X-Request-Id': entry.request_id, Date: new Date(started).toUTCString() })
      listen(res, (body) => {
        entry.status = res.statusCode
        entry.bytes = body.length
        entry.ms = clock.ms() - started
        talk.answer = { headers: publicHeaders(res.getHeaders()), body: capped(body) }
      })
      res.on('close', () => tell('ended', entry))
      tell('arrived', entry)
      next()
    }
  }

  function keep(entry: JournalEntry, talk: Talk) {
    entries.push(entry)
    if (entries.length > capacity) entries.shift()
    talks.set(entry.request_id, talk)
    const [oldest] = talks.keys()
    if (talks.size > talkCapacity && oldest !== undefined) talks.delete(oldest)
  }

  /** For a parser of bodies: called with what came before it is parsed. */
  function noteBody(_req: unknown, res: unknown, body: Buffer) {
    const talk: Talk | undefined = (res as Response).locals['talk']
    if (talk) talk.request.body = capped(body)
  }

  function noteGrant(req: Request, res: Response, next: () => void) {
    const entry: JournalEntry | undefined = res.locals['journalEntry']
    const { grant_type, refresh_token, client_id } = (req.body ?? {}) as Record<string, unknown>
    if (entry) {
      if (typeof grant_type === 'string') entry.grant_type = grant_type
      if (typeof refresh_token === 'string') entry.token_digest = digest(refresh_token)
      if (typeof client_id === 'string') entry.client_id ??= client_id
    }
    next()
  }

  /** A request with its headers and bodies, secrets masked; `null` where they are no longer kept. */
  function find(requestId: string) {
    const entry = entries.find(({ request_id }) => request_id === requestId)
    if (!entry) return undefined
    const { request = null, answer = null } = talks.get(requestId) ?? {}
    return { ...entry, request: shown(entry, request), answer: shown(entry, answer) }
  }

  /** The latest requests that name something, in the address or in a body. */
  function mentioning(word: string, most: number): JournalEntry[] {
    return entries.filter((entry) => entry.path.includes(word) || isInTalk(entry, word)).slice(-most)
  }

  function isInTalk({ request_id }: JournalEntry, word: string) {
    const talk = talks.get(request_id)
    return talk !== undefined && (talk.request.body.includes(word) || talk.answer?.body.includes(word) === true)
  }

  function clear() {
    entries.length = 0
    talks.clear()
    tell('cleared')
  }

  function watch(watcher: Watcher): () => void {
    watchers.add(watcher)
    return () => void watchers.delete(watcher)
  }
}

/** Calls with the whole body once the answer has ended. */
function listen(res: Response, onEnd: (body: Buffer) => void) {
  const chunks: Buffer[] = []
  const note = (chunk: unknown) => {
    if (typeof chunk === 'string' || Buffer.isBuffer(chunk)) chunks.push(Buffer.from(chunk))
  }
  const [write, end] = [res.write.bind(res), res.end.bind(res)]
  res.write = (...args: unknown[]) => {
    note(args[0])
    return Reflect.apply(write, res, args)
  }
  res.end = (...args: unknown[]) => {
    note(args[0])
    onEnd(Buffer.concat(chunks))
    return Reflect.apply(end, res, args)
  }
}

function shown({ path }: JournalEntry, said: { headers: object; body: string } | null) {
  return said && { headers: said.headers, body: masked(said.body, path) }
}

const digest = (token: string) => createHash('sha256').update(token).digest('hex').slice(0, 16)
