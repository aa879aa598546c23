import type { Reason } from '../inbox/message.ts'
import { classify } from './failure.ts'

export interface ConnectionWatch {
  /** Asks the CRM for next to nothing, to see whether it lets us in. */
  probe(): Promise<unknown>
  /** It does not. */
  lost(reason: Reason, error: string): Promise<void>
  /** Whether somebody has mended it since it was told to be lost. */
  isMended(): Promise<boolean>
  /** Whether the CRM asked to be left alone for a while, or a person has stopped the delivery. */
  isPaused(): Promise<boolean>
  /** It lets us in: for the first time, or again after a loss. */
  opened(afterLoss: boolean): Promise<void>
  /** An order went out, whatever anybody said of the connection long ago. */
  works(): Promise<void>
}

interface GateOptions {
  connection: Pick<ConnectionWatch, 'probe' | 'lost' | 'isMended' | 'opened'>
  /** Unix ms. */
  now: () => number
  log: { held(reason: Reason, error: string): void; resumed(): void }
}

interface Hold {
  /** Unix ms. */
  probeAt: number
  reason: Reason | null
  /** Whether others know of it, so that they can tell when it is mended. */
  isNoted: boolean
}

/** Who is locked out is only let in by people, and makes it worse by knocking. */
const probeEveryMs: Partial<Record<Reason, number>> & { otherwise: number } = {
  crm_forbidden: 60 * 60_000,
  otherwise: 5 * 60_000,
}
/** After a look that found nobody there. */
const probeAgainMs = 15_000

/** Whether the CRM lets us in. It is looked at first of all, and again now and then while it does not. */
export function createGate({ connection, now, log }: GateOptions) {
  let hold: Hold | null = { probeAt: 0, reason: null, isNoted: false }

  /** Whether it is open. */
  async function tryToOpen(): Promise<boolean> {
    if (!hold) return true
    const { probeAt, reason, isNoted } = hold
    const isDue = now() >= probeAt || (isNoted && (await connection.isMended()))
    if (!isDue || !(await probe(reason))) return false
    await connection.opened(reason !== null)
    if (reason) log.resumed()
    hold = null
    return true
  }

  /** Before the first look, a CRM that is merely down is no reason to hold: each order waits by its own schedule. */
  async function probe(reason: Reason | null) {
    try {
      await connection.probe()
      return true
    } catch (error) {
      const failure = classify(error)
      if (failure.next === 'hold') await shut(failure)
      else if (reason) hold = { probeAt: now() + (failure.retryAfter ?? probeAgainMs), reason, isNoted: false }
      return failure.next !== 'hold' && reason === null
    }
  }

  async function shut({ reason, error, logged }: { reason: Reason; error: string; logged?: string }) {
    if (hold?.reason !== reason) log.held(reason, logged ?? error)
    const probeAt = now() + (probeEveryMs[reason] ?? probeEveryMs.otherwise)
    // It is shut even where that cannot be noted.
    hold = { probeAt, reason, isNoted: false }
    await connection.lost(reason, error)
    hold = { probeAt, reason, isNoted: true }
  }

  return {
    tryToOpen,
    shut,
    /** Why it is shut; null while it is open, or was never tried. */
    reason: () => hold?.reason ?? null,
  }
}
