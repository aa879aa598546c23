/** A function that has those with the same key wait for one another, each for the end of the one before. */
export function createTurns() {
  const last = new Map<string, Promise<unknown>>()

  return async function inTurn<Result>(key: string, act: () => Promise<Result>): Promise<Result> {
    const before = last.get(key) ?? Promise.resolve()
    const own = before.then(act, act)
    last.set(key, own)
    try {
      return await own
    } finally {
      if (last.get(key) === own) last.delete(key)
    }
  }
}
