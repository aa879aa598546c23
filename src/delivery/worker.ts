import { setTimeout as sleep } from 'node:timers/promises'
import type { Inbox } from '../inbox/inbox.ts'
import type { Claim, Outcome, Reason } from '../inbox/message.ts'
import { nextAttemptAt } from './backoff.ts'
import { ClaimLostError, classify, DeadlyMessageError, type Failure } from './failure.ts'

interface WorkerOptions {
  inbox: Inbox
  account: string
  /** Carries a message to the CRM and gives the id of its lead. */
  deliver: (claim: Claim) => Promise<number>
  connection: ConnectionWatch
  /** One process delivers at a time. */
  turn: { keep(): Promise<boolean>; release(): Promise<void> }
  /** Unix ms. */
  now: () => number
  /** 0 to 1. */
  random: () => number
  log: WorkerLog
}

interface ConnectionWatch {
  /** Asks the CRM for next to nothing, to see whether it lets us in. */
  probe(): Promise<unknown>
  /** It does not. */
  lost(reason: Reason, error: string): Promise<void>
  /** Whether somebody has mended it since it was told to be lost. */
  isMended(): Promise<boolean>
  /** Whether the CRM asked to be left alone for a while. */
  isPaused(): Promise<boolean>
  /** It lets us in again. */
  regained(): Promise<void>
  /** An order went out, whatever anybody said of the connection long ago. */
  works(): Promise<void>
}

export interface WorkerLog {
  delivered(message: string, leadId: number, sinceReceived: number): void
  failed(message: string, outcome: Outcome['kind'], reason: Reason, error: string): void
  held(reason: Reason, error: string): void
  resumed(): void
  broken(error: unknown): void
}

/** A message over which so many processes died is left alone. */
const mostDeaths = 5
const renewEveryMs = 1500
/** Who is locked out is only let in by people, and makes it worse by knocking. */
const probeEveryMs: Partial<Record<Reason, number>> & { otherwise: number } = {
  crm_forbidden: 60 * 60_000,
  otherwise: 5 * 60_000,
}
/** After a look that found nobody there. */
const probeAgainMs = 15_000
const longestIdleMs = 1000

interface Hold {
  /** Unix ms. */
  probeAt: number
  reason: Reason | null
  /** Whether others know of it, so that they can tell when it is mended. */
  isNoted: boolean
}

/** The loop that carries messages to the CRM: claim, deliver, settle. */
export function createWorker(options: WorkerOptions) {
  const { inbox, account, now, log } = options
  const stopping = new AbortController()
  let wakeUp = new AbortController()
  /** Why the CRM does not let us in, and when to look again (unix ms); null while it does. It is looked at first of all. */
  let hold: Hold | null = { probeAt: 0, reason: null, isNoted: false }

  async function run() {
    while (!stopping.signal.aborted) {
      const awake = wakeUp.signal
      const worked = await round().catch((error: unknown) => {
        log.broken(error)
        return false
      })
      if (!worked) await idle(awake)
    }
  }

  /** One message, if one is due. */
  async function round(): Promise<boolean> {
    if (!(await options.turn.keep()) || (await options.connection.isPaused())) return false
    if (hold && !(await endHold(hold))) {
      // Another process may be let in.
      await options.turn.release()
      return false
    }
    const [claim] = await inbox.claim(account, 1)
    // What another process held before it died waits for whoever is let in.
    if (!claim) return inbox.releaseHeld(account)
    await settleAfter(claim)
    return true
  }

  async function endHold({ probeAt, reason, isNoted }: Hold) {
    const isDue = now() >= probeAt || (isNoted && (await options.connection.isMended()))
    if (isDue && (await probe(reason))) {
      if (reason) await options.connection.regained()
      await inbox.releaseHeld(account)
      if (reason) log.resumed()
      hold = null
      return true
    }
    if (hold?.reason) await inbox.holdDue(account, hold.reason)
    return false
  }

  /** Before the first look, a CRM that is merely down is no reason to hold: each order waits by its own schedule. */
  async function probe(reason: Reason | null) {
    try {
      await options.connection.probe()
      return true
    } catch (error) {
      const failure = classify(error)
      if (failure.next === 'hold') await startHold(failure)
      else if (reason) hold = { probeAt: now() + (failure.retryAfter ?? probeAgainMs), reason, isNoted: false }
      return failure.next !== 'hold' && reason === null
    }
  }

  async function startHold({ reason, error }: { reason: Reason; error: string }) {
    if (hold?.reason !== reason) log.held(reason, error)
    await options.connection.lost(reason, error)
    hold = { probeAt: now() + (probeEveryMs[reason] ?? probeEveryMs.otherwise), reason, isNoted: true }
  }

  async function settleAfter(claim: Claim) {
    const renewal = setInterval(() => {
      void Promise.all([inbox.renew(claim), options.turn.keep()]).catch(log.broken)
    }, renewEveryMs)
    try {
      if (claim.deaths >= mostDeaths) throw new DeadlyMessageError(claim.deaths)
      const leadId = await options.deliver(claim)
      await inbox.settle(claim, { kind: 'delivered' })
      log.delivered(claim.id, leadId, now() - claim.receivedAt)
      await options.connection.works().catch(log.broken)
    } catch (error) {
      if (error instanceof ClaimLostError) return
      await settleFailed(claim, error)
    } finally {
      clearInterval(renewal)
    }
  }

  async function settleFailed(claim: Claim, error: unknown) {
    const failure = classify(error)
    const tries = failure.isUntried ? 1 : claim.tryNumber
    const outcome = outcomeOf(failure, nextAttemptAt(tries, now(), options.random(), failure.retryAfter))
    await inbox.settle(claim, outcome)
    log.failed(claim.id, outcome.kind, failure.reason, failure.error)
    if (failure.next === 'hold') await startHold(failure)
  }

  /** Until something is accepted or becomes due. */
  async function idle(awake: AbortSignal) {
    await sleep(longestIdleMs, undefined, { signal: AbortSignal.any([awake, stopping.signal]) }).catch(() => {})
  }

  const running = run()

  return {
    /** Looks for work at once. */
    wake() {
      wakeUp.abort()
      wakeUp = new AbortController()
    },
    /** Takes no more messages and waits for the one at work. */
    async stop() {
      stopping.abort()
      await running
      await options.turn.release().catch(log.broken)
    },
  }
}

function outcomeOf({ next, reason, error, isUntried = false }: Failure, at: number | null): Outcome {
  if (next === 'hold') return { kind: 'held', reason, error }
  if (next === 'give_up' || at === null) return { kind: 'dead', reason, error }
  return { kind: 'retry', reason, error, at, isUntried }
}
