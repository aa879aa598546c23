import { setTimeout as sleep } from 'node:timers/promises'
import type { Inbox } from '../inbox/inbox.ts'
import type { Claim, Outcome, Reason } from '../inbox/message.ts'
import { nextAttemptAt } from './backoff.ts'
import { ClaimLostError, classify } from './failure.ts'

export interface WorkerOptions {
  inbox: Inbox
  account: string
  /** Carries a message to the CRM and gives the id of its lead. */
  deliver: (claim: Claim) => Promise<number>
  /** Asks the CRM for next to nothing, to see whether it lets us in. */
  probe: () => Promise<void>
  /** Unix ms. */
  now: () => number
  /** 0 to 1. */
  random: () => number
  log: WorkerLog
}

export interface WorkerLog {
  delivered(message: string, leadId: number, sinceReceived: number): void
  failed(message: string, outcome: Outcome['kind'], reason: Reason, error: string): void
  held(reason: Reason, error: string): void
  resumed(): void
  broken(error: unknown): void
}

/** Longer than any pause in the renewals, shorter than a takeover may take. */
const leaseMs = 10_000
const renewEveryMs = 3000
const probeEveryMs = 5 * 60_000
const longestIdleMs = 1000

/** The loop that carries messages to the CRM: claim, deliver, settle. */
export function createWorker(options: WorkerOptions) {
  const { inbox, account, now, log } = options
  const stopping = new AbortController()
  let wakeUp = new AbortController()
  /** Why the CRM does not let us in, and when to look again (unix ms); null while it does. It is looked at first of all. */
  let hold: { probeAt: number; reason: Reason | null } | null = { probeAt: 0, reason: null }

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
    if (hold && !(await connect(hold))) return false
    const [claim] = await inbox.claim(account, { lease: leaseMs, limit: 1 })
    if (!claim) return false
    await settleAfter(claim)
    return true
  }

  async function connect({ probeAt, reason }: { probeAt: number; reason: Reason | null }) {
    const letIn = now() >= probeAt && (await probe())
    if (letIn) {
      if (reason) log.resumed()
      hold = null
      await inbox.releaseHeld(account)
    } else if (hold?.reason) {
      await inbox.holdDue(account, hold.reason)
    }
    return letIn
  }

  /** A CRM that is merely down is no reason to hold: each order waits by its own schedule. */
  async function probe() {
    try {
      await options.probe()
      return true
    } catch (error) {
      const failure = classify(error)
      if (failure.next === 'hold') startHold(failure)
      return failure.next !== 'hold'
    }
  }

  function startHold({ reason, error }: { reason: Reason; error: string }) {
    if (hold?.reason !== reason) log.held(reason, error)
    hold = { probeAt: now() + probeEveryMs, reason }
  }

  async function settleAfter(claim: Claim) {
    const renewal = setInterval(() => void inbox.renew(claim, leaseMs).catch(log.broken), renewEveryMs)
    try {
      const leadId = await options.deliver(claim)
      await inbox.settle(claim, { kind: 'delivered' })
      log.delivered(claim.id, leadId, now() - claim.receivedAt)
    } catch (error) {
      if (error instanceof ClaimLostError) return
      await settleFailed(claim, error)
    } finally {
      clearInterval(renewal)
    }
  }

  async function settleFailed(claim: Claim, error: unknown) {
    const failure = classify(error)
    const outcome = outcomeOf(failure, nextAttemptAt(claim.tryNumber, now(), options.random(), failure.retryAfter))
    await inbox.settle(claim, outcome)
    log.failed(claim.id, outcome.kind, failure.reason, failure.error)
    if (failure.next === 'hold') startHold(failure)
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
    },
  }
}

function outcomeOf({ next, reason, error }: ReturnType<typeof classify>, at: number | null): Outcome {
  if (next === 'hold') return { kind: 'held', reason, error }
  if (next === 'give_up' || at === null) return { kind: 'dead', reason, error }
  return { kind: 'retry', reason, error, at }
}
