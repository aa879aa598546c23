import type { AmocrmError } from '../amocrm/errors.ts'
import type { ListName, Mirror } from '../amocrm/mirror.ts'
import type { Progress } from '../inbox/progress.ts'
import type { Attempt } from './attempt.ts'

/** The part of a step that keeps on record that cards or products may have been made, until it is known. */
export function unsureUntilAnswered(mirror: Mirror, list: ListName, now: () => number) {
  const earlier = new Map<Attempt, number | null>()
  return {
    before(attempt: Attempt): Progress {
      const { claim } = attempt
      earlier.set(attempt, claim.cardsRequestAt)
      claim.cardsRequestAt = now()
      return { cards_request_at: claim.cardsRequestAt }
    },
    afterFailure(attempt: Attempt, { kind, faults, mayHaveHappened }: AmocrmError): Progress {
      // Of a refused batch a part may be made, but not what it was refused for.
      const isUnsure = mayHaveHappened || (kind === 'rejected' && earlier.size > 1 && faults.length === 0)
      if (isUnsure) mirror.mayHaveMore(list)
      attempt.claim.cardsRequestAt = isUnsure ? now() : (earlier.get(attempt) ?? null)
      return { cards_request_at: attempt.claim.cardsRequestAt }
    },
  }
}
