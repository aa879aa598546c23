import type { Amocrm, AmocrmClient, Exchange } from '../amocrm/client.ts'
import { AmocrmError, withFaults } from '../amocrm/errors.ts'
import type { Inbox } from '../inbox/inbox.ts'
import type { Progress } from '../inbox/progress.ts'
import type { StepName } from '../inbox/steps.ts'
import type { Failures, Reading } from './attempt.ts'
import { ClaimLostError } from './failure.ts'
import { createOwnParts, ownFaults } from './own-part.ts'

/** One request, or a few that belong together, for one order or for many. */
interface Step<Each extends Reading, Answer> {
  name: StepName
  /** What is on record before anything is sent. */
  before?: (attempt: Each) => Progress
  send: (client: AmocrmClient) => Promise<Answer>
  /** What an attempt has reached by the answer; throws where the answer does not speak of it. */
  learn?: (attempt: Each, answer: Answer) => Progress
  /** Whether what became of it may be recorded with what comes next: it can be found out again. */
  isRecordedLater?: true
  /** What is on record after a failure. */
  afterFailure?: (attempt: Each, error: AmocrmError) => Progress
}

export type StepRunner = ReturnType<typeof createStepRunner>

interface Tools {
  inbox: Inbox
  amocrm: Amocrm
  /** Unix ms. */
  now: () => number
}

/** What became of an attempt's part of a step. */
interface Ending {
  state: 'confirmed' | 'failed' | 'unknown'
  progress: Progress
}

/** Runs steps; each is on record before it is sent and again when its answer is known. */
export function createStepRunner({ inbox, amocrm, now }: Tools) {
  return async function runStep<Each extends Reading, Answer>(
    step: Step<Each, Answer>,
    attempts: Each[],
  ): Promise<Failures<Each>> {
    const failures: Failures<Each> = new Map()
    if (attempts.length === 0) return failures
    let places: Place[] = []
    let exchange: Exchange | null = null
    let isBegun = false

    /** A process that slept, or waited long for its turn, may have lost its claims to another. */
    async function begin() {
      if (!isBegun) places = attempts.map((attempt) => placeOf(attempt, step.name))
      const lost = await inbox.record(isBegun ? attempts.map(({ claim }) => ({ claim })) : attempts.map(beginning))
      isBegun = true
      if (lost.size === 0) return
      for (const attempt of attempts) if (lost.has(attempt.claim)) failures.set(attempt, new ClaimLostError())
      throw new AmocrmError('rate_limited', 'not sent: another process is at work on a part of the batch')
    }

    function beginning(attempt: Each, index: number) {
      const { ordinal, isPlanned } = places[index] as Place
      const first = isPlanned ? {} : { first: { name: step.name, startedAt: now() } }
      const sent = { ordinal, ...first, state: 'sent' as const, sent_at: now(), orders: attempts.length }
      return { claim: attempt.claim, progress: { ...step.before?.(attempt), ...warningsOf(attempt) }, steps: [sent] }
    }

    async function end(endingOf: (attempt: Each) => Ending) {
      const partOf = exchange ? createOwnParts(exchange, attempts) : () => ({ request: null, answer: null })
      const entries = attempts.map((attempt, index) => {
        const { state, progress } = endingOf(attempt)
        const { ordinal } = places[index] as Place
        const answered = { host: exchange?.host ?? null, http_status: exchange?.status ?? null, finished_at: now() }
        const steps = [{ ordinal, state, ...answered, ...partOf(attempt) }]
        return { claim: attempt.claim, progress: { ...progress, ...warningsOf(attempt) }, steps }
      })
      if (step.isRecordedLater) return entries.forEach(inbox.recordLater)
      const lost = await inbox.record(entries)
      for (const attempt of attempts) if (lost.has(attempt.claim)) failures.set(attempt, new ClaimLostError())
    }

    function learn(attempt: Each, answer: Answer): Ending {
      try {
        return { state: 'confirmed', progress: step.learn?.(attempt, answer) ?? {} }
      } catch (error) {
        failures.set(attempt, error)
        return { state: 'unknown', progress: {} }
      }
    }

    function learnFailure(attempt: Each): Ending {
      const error = failures.get(attempt)
      if (!(error instanceof AmocrmError)) return { state: 'unknown', progress: {} }
      const progress = step.afterFailure?.(attempt, error) ?? {}
      return { state: error.mayHaveHappened ? 'unknown' : 'failed', progress }
    }

    try {
      const onExchange = (each: Exchange) => {
        exchange = each
      }
      const answer = await step.send(amocrm.observed({ beforeSend: begin, onExchange }))
      await end((attempt) => learn(attempt, answer))
    } catch (error) {
      for (const attempt of attempts)
        if (!failures.has(attempt)) failures.set(attempt, ownError(attempt, error, attempts, exchange))
      if (isBegun) await end(learnFailure)
    }
    return failures
  }
}

type Place = ReturnType<typeof placeOf>

/** The step's place among those of its attempt: as it was planned, or the next one. */
function placeOf({ steps }: Reading, name: StepName) {
  const planned = steps.planned.get(name)
  steps.planned.delete(name)
  if (planned !== undefined) return { ordinal: planned, isPlanned: true }
  steps.next += 1
  return { ordinal: steps.next - 1, isPlanned: false }
}

function warningsOf({ claim: { warnings } }: Reading) {
  return { warnings }
}

/** Of many orders in a request, each hears of its own faults alone. */
function ownError(attempt: Reading, error: unknown, attempts: Reading[], exchange: Exchange | null) {
  if (attempts.length === 1 || !(error instanceof AmocrmError)) return error
  return withFaults(error, ownFaults(attempt, error.faults, exchange?.call.body))
}
