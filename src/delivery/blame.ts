import { AmocrmError, isRejected } from '../amocrm/errors.ts'
import type { Failures, Reading } from './attempt.ts'

/** The CRM took a request and did not say what became of this order's part of it. */
export class UnnamedError extends AmocrmError {
  constructor(message: string) {
    super('unavailable', message, { mayHaveHappened: true })
  }
}

/** Whether the CRM has said what it did of a request, though not what was hoped for. */
export function isAnswer(error: unknown) {
  return error instanceof UnnamedError || isRejected(error)
}

/**
 * Of a request for many orders that the CRM refused: who is at fault, and who is to be sent again, in which company.
 * It may have done a part of the work all the same; nobody is sent again before that was looked at.
 */
export function blame<Each extends Reading>(attempts: Each[], failures: Failures<Each>) {
  const failed: Failures<Each> = new Map(failures)
  if (attempts.length === 1) return { failed, again: [] }

  const refused = [...failures].flatMap(([attempt, error]) => (isRejected(error) ? [{ attempt, error }] : []))
  const isNamed = refused.some(({ error }) => error.faults.length > 0)
  const innocent = refused.filter(({ error }) => !isNamed || error.faults.length === 0).map(({ attempt }) => attempt)
  const unnamed = [...failures].flatMap(([attempt, error]) => (error instanceof UnnamedError ? [attempt] : []))
  for (const attempt of [...innocent, ...unnamed]) failed.delete(attempt)
  const companies = isNamed ? [innocent] : halvesOf(innocent)
  return { failed, again: [...companies, ...unnamed.map((attempt) => [attempt])].filter(({ length }) => length > 0) }
}

/** What keeps one from asking the CRM keeps all of them; null when nothing does. */
export function obstacleIn(failures: Failures<Reading>): AmocrmError | null {
  const errors = [...failures.values()].filter((error) => error instanceof AmocrmError)
  return errors.find((error) => !isAnswer(error)) ?? null
}

export function failuresOf<Each extends Reading>(all: Each[], error: unknown): Failures<Each> {
  return new Map(all.map((each) => [each, error]))
}

function halvesOf<Each>(attempts: Each[]): Each[][] {
  const middle = Math.ceil(attempts.length / 2)
  return [attempts.slice(0, middle), attempts.slice(middle)]
}
