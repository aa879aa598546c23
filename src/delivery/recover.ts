import { createLeadSearch } from '../amocrm/lead-search.ts'
import { type Failures, type Reading, warn } from './attempt.ts'
import { TooEarlyError, UnknownOutcomeError } from './failure.ts'
import type { StepRunner } from './steps.ts'

/** A create whose answer was lost may still be at work in the CRM; nothing is sent again before so many ms have passed. */
export const quietMs = 30_000

/** How far the CRM's clock may be behind ours. */
export const clockSkewMs = 10 * 60_000

interface Tools {
  runStep: StepRunner
  /** Id of the field that marks our leads; null when the account has none. */
  findMarker: () => Promise<number | null>
  /** Unix ms. */
  now: () => number
}

export type Recovery = ReturnType<typeof createRecovery>

/** Finds the leads of creates whose answers were lost. */
export function createRecovery({ runStep, findMarker, now }: Tools) {
  const search = createLeadSearch()

  /** Who fails has to wait until it is sure that there is no lead, or for a person. */
  return async function recoverLeads<Each extends Reading>(attempts: Each[]): Promise<Failures<Each>> {
    const unsure = attempts.filter(({ claim }) => claim.leadId === null && claim.leadRequestAt !== null)
    if (unsure.length === 0) return new Map()
    const markerField = await findMarker()
    const marked = markerField === null ? [] : unsure.filter(({ claim }) => claim.leadMarked)
    const lost = unsure.filter((attempt) => !marked.includes(attempt))
    const failures: Failures<Each> = new Map(lost.map((attempt) => [attempt, new UnknownOutcomeError()]))
    if (markerField === null) return failures
    const found = await runStep(
      {
        name: 'recover',
        send: (client) => search.find(client, { fieldId: markerField, values: keysOf(marked), since: sinceOf(marked) }),
        learn: (attempt, found) => adopt(attempt, found.get(attempt.claim.key) ?? []),
      },
      marked,
    )
    return new Map([...failures, ...found])
  }

  function adopt(attempt: Reading, [older, ...younger]: number[]) {
    const { claim, isAnswered } = attempt
    if (older === undefined) {
      const quiet = (claim.leadRequestAt ?? 0) + quietMs - now()
      if (!isAnswered && quiet > 0) throw new TooEarlyError(quiet)
      // What was answered and is not there was refused: nobody need look for it again.
      if (isAnswered) claim.leadRequestAt = null
      return { lead_request_at: claim.leadRequestAt }
    }
    claim.leadId = older
    const params = { lead: String(older), others: younger.join(', ') }
    if (younger.length > 0) warn(attempt, [{ code: 'lead_doubled', params }])
    return { lead_id: older }
  }
}

function keysOf(attempts: Reading[]) {
  return attempts.map(({ claim }) => claim.key)
}

function sinceOf(attempts: Reading[]) {
  return Math.min(...attempts.map(({ claim }) => claim.leadRequestAt ?? 0)) - clockSkewMs
}
