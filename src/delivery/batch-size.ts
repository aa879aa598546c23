import { AmocrmError } from '../amocrm/errors.ts'

/**
 * How many items go into a request: fewer after the CRM has choked on many (HTTP 504, or 500 over one of them), until it
 * takes them again.
 * @param most items
 */
export function createBatchSize(most: number) {
  let size = most

  return {
    /** Batches of attempts that have so many items each; one that has too many goes alone. */
    split<Each>(attempts: Each[], itemsOf: (attempt: Each) => number): Each[][] {
      const batches: Each[][] = []
      let items = Number.POSITIVE_INFINITY
      for (const attempt of attempts) {
        items += itemsOf(attempt)
        if (items > size) {
          batches.push([])
          items = itemsOf(attempt)
        }
        batches.at(-1)?.push(attempt)
      }
      return batches
    },

    /** To be told what became of so many items. */
    learn(items: number, failures: ReadonlyMap<unknown, unknown>) {
      const isChoked = [...failures.values()].some(
        (error) => error instanceof AmocrmError && (error.status ?? 0) >= 500,
      )
      if (isChoked && items > 1) size = Math.max(1, Math.floor(items / 2))
      // One more attempt may not have fitted in, so a full batch may be a little smaller.
      else if (failures.size === 0 && items > size / 2) size = Math.min(most, size * 2)
    },

    /** Items. */
    get current() {
      return size
    },
  }
}
