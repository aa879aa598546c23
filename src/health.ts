import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Database } from './database/open.ts'
import { json, sendText } from './intake/answer-refusal.ts'

/** Ms that the database may take to answer, that a good answer counts, and after which a question that hangs is asked anew. */
const patienceMs = 2000
const freshMs = 100
const hangsMs = 10_000
/** Ms that a request waits for the start to be over. */
const startPatienceMs = 5000
/** Ms. Who asks more seldom takes nobody out of a balance in time; nobody is waited for longer. */
const watchfulMs = 5000
const farewellMs = 3000

export interface HealthOptions {
  database: Pick<Database, 'db'>
  basePath: string
  /** What answers once all is ready. */
  listener: RequestListener
  /** What answers who came before that, and has waited in vain since then: monotonic ms. */
  tooEarly: (req: IncomingMessage, res: ServerResponse, begunAt: number) => void
  /** The same, with whom it answers counted. */
  counted: (listener: RequestListener) => RequestListener
}

/**
 * What whoever watches this process is told, and what everybody is told before it can do anything. The CRM being down
 * does not make it unready: orders are taken in all the same.
 */
export function createHealth({ database: { db }, basePath, listener, tooEarly, counted }: HealthOptions) {
  const address = new RegExp(`^${basePath}/health/(live|ready)/?(?:\\?|$)`, 'i')
  let state: 'starting' | 'running' | 'stopping' = 'starting'
  /** Monotonic ms of the last two times that it was found ready. */
  let seenReady: number[] = []
  let seenStopping = () => {}
  const { promise: started, resolve: begin } = Promise.withResolvers<void>()

  const askDatabase = shared(() =>
    sql`SELECT 1 FROM messages WHERE 1 = 0`.execute(db).then(
      () => true,
      () => false,
    ),
  )

  async function tell(what: string, res: ServerResponse) {
    if (what === 'live') return answer(res, 200, { status: 'ok' })
    const isReady = state === 'running' && (await Promise.race([askDatabase(), sleep(patienceMs, false)]))
    // A stop may have begun meanwhile.
    if (state !== 'running') {
      if (state === 'stopping') res.once('finish', seenStopping)
      return answer(res, 503, { status: state, database: false })
    }
    if (isReady) seenReady = [...seenReady.slice(-1), performance.now()]
    answer(res, isReady ? 200 : 503, { status: isReady ? 'ok' : 'unavailable', database: isReady })
  }

  /** A start takes no longer as a rule, and who comes meanwhile need not come again. */
  async function waitThenAnswer(req: IncomingMessage, res: ServerResponse) {
    const begunAt = performance.now()
    await Promise.race([started, sleep(startPatienceMs, undefined, { ref: false })])
    if (res.destroyed) return
    if (state === 'starting') tooEarly(req, res, begunAt)
    else listener(req, res)
  }

  const answerOthers = counted((req, res) => {
    if (state === 'starting') void waitThenAnswer(req, res)
    else listener(req, res)
  })

  return {
    listener: ((req, res) => {
      if (state === 'stopping') res.setHeader('Connection', 'close')
      const [, what] = isLook(req) ? (address.exec(req.url ?? '') ?? []) : []
      if (what) return void tell(what.toLowerCase(), res)
      answerOthers(req, res)
    }) satisfies RequestListener,

    isReady() {
      state = 'running'
      begin()
    },

    /** From now on it is not ready. Fulfilled once a balancer that looks regularly has seen it and sends nobody more. */
    async leave() {
      state = 'stopping'
      const [before = Number.NEGATIVE_INFINITY] = seenReady
      const isWatched = seenReady.length === 2 && performance.now() - before < 2 * watchfulMs
      if (!isWatched) return
      await Promise.race([new Promise<void>((resolve) => (seenStopping = resolve)), sleep(farewellMs)])
    },
  }
}

function isLook({ method }: IncomingMessage) {
  return method === 'GET' || method === 'HEAD'
}

/** What everybody asks for at the same time is asked once. */
function shared(ask: () => Promise<boolean>) {
  let last: { answer: Promise<boolean>; goodUntil: number } | null = null
  return () => {
    if (last && performance.now() < last.goodUntil) return last.answer
    const asked = { answer: ask(), goodUntil: performance.now() + hangsMs }
    void asked.answer.then((isGood) => {
      asked.goodUntil = performance.now() + (isGood ? freshMs : 0)
    })
    last = asked
    return asked.answer
  }
}

function answer(res: ServerResponse, status: number, body: object) {
  res.setHeader('Cache-Control', 'no-store')
  sendText(res, status, json, JSON.stringify(body))
}
