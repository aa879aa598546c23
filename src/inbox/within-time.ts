/** The store may still commit after we gave up on it: then the sender's next try is a duplicate, and nothing is lost. */
export function withinTime<Value>(ms: number, stored: Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    const tooLate = setTimeout(() => reject(new Error(`the store did not answer within ${ms} ms`)), ms)
    stored.then(resolve, reject).finally(() => clearTimeout(tooLate))
  })
}
