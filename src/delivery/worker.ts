import { setTimeout as sleep } from 'node:timers/promises'
import { currentTally, tallied } from '../amocrm/call-tally.ts'
import { isSuspect } from '../inbox/claim.ts'
import type { Inbox } from '../inbox/inbox.ts'
import type { Claim, Outcome } from '../inbox/message.ts'
import { nextAttemptAt } from './backoff.ts'
import type { Course } from './deliver.ts'
import { ClaimLostError, classify, DeadlyMessageError, type Failure } from './failure.ts'
import { type ConnectionWatch, createGate } from './gate.ts'
import { createNap } from './nap.ts'
import type { Effort, WorkerLog } from './worker-log.ts'

interface WorkerOptions {
  inbox: Inbox
  account: string
  /** The same one until the settings have changed. */
  course: () => Course
  /** Sees to what can wait; false when there was nothing. */
  tidyUp: () => Promise<boolean>
  /** Messages of a batch. */
  ordersAtOnce: number
  connection: ConnectionWatch
  /** One process delivers at a time. */
  turn: { keep(): Promise<boolean>; release(): Promise<void> }
  /** Unix ms. */
  now: () => number
  /** 0 to 1. */
  random: () => number
  log: WorkerLog
}

/** A message over which so many processes died is left alone. */
const mostDeaths = 5
const renewEveryMs = 1500
/** Others take orders in, too, and do not wake us. */
const longestIdleMs = 250
const shutIdleMs = 1000
const restMs = 100

/** Batches at work: while one waits for an answer, the next one is prepared and takes what the rate limit leaves. */
const mostBatches = 2
/** Ms. A CRM that was out of order for so long has kept orders waiting; they go out when it is back. */
const longOutageMs = 60_000
/** Ms after which what can wait is tried again. */
const tidyUpAgainMs = 60_000

/** The loop that carries messages to the CRM: claim, deliver, settle. */
export function createWorker(options: WorkerOptions) {
  const { inbox, account, turn, connection, now, log } = options
  const stopping = new AbortController()
  const nap = createNap(stopping.signal)
  const batches = new Set<Promise<void>>()
  const claimed = new Set<Claim>()
  const gate = createGate(options)
  let course = options.course()
  let hasTurn = false
  /** Whether nothing may go out at present. */
  let isTurnedAway = false
  /** Whether nothing waits any more for a gate that is open. */
  let isReleased = false
  /** Unix ms, since when nothing goes through. */
  let outageSince: number | null = null
  let tidyUpAt = 0
  let keptAt = 0

  async function run() {
    while (!stopping.signal.aborted) {
      nap.forget()
      const worked = hasRoom() && (await round().catch(broken))
      if (!worked) await idle()
    }
    await Promise.all(batches)
  }

  function hasRoom() {
    return batches.size < mostBatches && ![...claimed].some(isSuspect)
  }

  function broken(error: unknown) {
    log.broken(error)
    return false
  }

  /** Whether there was anything to do. */
  async function round(): Promise<boolean> {
    isTurnedAway = true
    if (!(await takeTurn()) || (await connection.isPaused())) return false
    if (!(await isLetIn())) {
      if (batches.size === 0) await leaveTurn()
      return false
    }
    isTurnedAway = false
    await keepClaims()
    // Orders under way end as they began, and what they make is found by those after them.
    if (batches.size > 0 && options.course() !== course) return false
    course = options.course()
    const claims = await inbox.claim(account, options.ordersAtOnce, batches.size > 0, course.version)
    if (claims.length > 0) begin(claims, course)
    return claims.length > 0 || (batches.size === 0 && (await tidyUp()))
  }

  /** What the one before held when it died, or when it was not let in, is ours now. */
  async function takeTurn() {
    const isKept = await turn.keep()
    if (isKept && !hasTurn) {
      isReleased = false
      // Else what it holds lapses soon.
      if (batches.size === 0) await inbox.takeOver(account)
    }
    hasTurn = isKept
    return isKept
  }

  /** Another process may be let in. */
  async function leaveTurn() {
    hasTurn = false
    await turn.release()
  }

  async function isLetIn() {
    if (await gate.tryToOpen()) {
      if (!isReleased) await releaseHeld()
      return true
    }
    isReleased = false
    const reason = gate.reason()
    if (reason) await inbox.holdDue(account, reason)
    return false
  }

  /** A batch may hold more of them meanwhile. */
  async function releaseHeld() {
    isReleased = true
    await inbox.releaseHeld(account).catch((error: unknown) => {
      isReleased = false
      throw error
    })
  }

  /** A process that slept would otherwise claim what it is at work on. */
  async function keepClaims() {
    if (claimed.size === 0 || now() - keptAt < renewEveryMs) return
    keptAt = now()
    await inbox.renew([...claimed])
  }

  function begin(claims: Claim[], { deliver }: Course) {
    for (const claim of claims) claimed.add(claim)
    const batch = tallied({ requests: 0, begunAt: now(), batch: claims.length }, () =>
      carry(claims, deliver)
        .catch((error: unknown) => abandon(claims, error))
        .catch(log.broken)
        .finally(() => {
          for (const claim of claims) claimed.delete(claim)
          batches.delete(batch)
          wake()
        }),
    )
    batches.add(batch)
  }

  /** Of the batch that this is asked for. */
  function effort(): Effort | null {
    const tally = currentTally()
    return tally ? { ...tally, endedAt: now() } : null
  }

  async function carry(claims: Claim[], deliver: Course['deliver']) {
    const deadly = claims.filter(({ deaths }) => deaths >= mostDeaths)
    await settleFailed(new Map(deadly.map((claim) => [claim, new DeadlyMessageError(claim.deaths)])))
    const harmless = claims.filter((claim) => !deadly.includes(claim))
    await deliver(harmless, { delivered: settleDelivered, failed: settleFailed })
  }

  /** The database was disturbed, as a rule. Those of whom nothing can be written now lapse. */
  async function abandon(claims: Claim[], error: unknown) {
    log.broken(error)
    await settleFailed(new Map(claims.filter((claim) => claimed.has(claim)).map((claim) => [claim, error])))
  }

  async function settleDelivered(claims: Claim[]) {
    if (claims.length === 0) return
    const lost = await inbox.settle(claims.map((claim) => ({ claim, outcome: { kind: 'delivered' } })))
    for (const claim of claims) {
      claimed.delete(claim)
      if (!lost.has(claim)) log.delivered(claim, effort())
    }
    await connection.works().catch(log.broken)
    if (outageSince !== null && now() - outageSince >= longOutageMs) await inbox.hurry(account, 'crm_unavailable')
    outageSince = null
  }

  async function settleFailed(failures: Map<Claim, unknown>) {
    const settlements = [...failures].flatMap(([claim, error]) => {
      if (error instanceof ClaimLostError) return []
      const failure = classify(error)
      return [{ claim, failure, error, outcome: outcomeOf(failure, claim) }]
    })
    await inbox.settle(settlements)
    for (const claim of failures.keys()) claimed.delete(claim)
    for (const { claim, failure, error, outcome } of settlements) log.failed(claim, outcome, failure, error, effort())
    // An order that fails again and again says nothing of the CRM.
    const isOut = ({ claim, failure }: { claim: Claim; failure: Failure }) =>
      failure.reason === 'crm_unavailable' && !failure.isUntried && claim.tryNumber === 1
    if (settlements.some(isOut)) outageSince ??= now()
    const held = settlements.find(({ failure }) => failure.next === 'hold')
    if (!held) return
    isReleased = false
    await gate.shut(held.failure)
  }

  function outcomeOf({ next, reason, error, retryAfter, isUntried = false }: Failure, { tryNumber }: Claim): Outcome {
    if (next === 'hold') return { kind: 'held', reason, error }
    if (next === 'give_up') return { kind: 'dead', reason, error }
    // Cut short by our own stop: the next process goes on at once.
    if (stopping.signal.aborted) return { kind: 'retry', reason, error, at: now(), isUntried: true }
    const at = nextAttemptAt(isUntried ? 1 : tryNumber, now(), options.random(), retryAfter)
    return at === null ? { kind: 'dead', reason, error } : { kind: 'retry', reason, error, at, isUntried }
  }

  async function tidyUp() {
    if (now() < tidyUpAt) return false
    return options.tidyUp().catch((error: unknown) => {
      tidyUpAt = now() + tidyUpAgainMs
      return broken(error)
    })
  }

  /** Until something is accepted or becomes due, or a batch is through. */
  async function idle() {
    // What is accepted meanwhile changes nothing, and there may be thousands a second.
    if (isTurnedAway) await sleep(restMs, undefined, { signal: stopping.signal }).catch(() => {})
    await nap.take(gate.reason() === null ? longestIdleMs : shutIdleMs)
  }

  /** Looks for work at once, if it can take any. */
  function wake() {
    if (hasRoom()) nap.wake()
  }

  const renewal = setInterval(() => {
    if (claimed.size > 0) void Promise.all([keepClaims(), turn.keep()]).catch(log.broken)
  }, renewEveryMs)
  const running = run()

  return {
    wake,
    /** Takes no more messages and waits for those at work. */
    async stop() {
      stopping.abort()
      await running
      clearInterval(renewal)
      await turn.release().catch(log.broken)
    },
  }
}
