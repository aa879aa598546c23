import { setTimeout as sleep } from 'node:timers/promises'

/** The store may still commit after we gave up on it: then the sender's next try is a duplicate, and nothing is lost. */
export async function withinTime<Value>(ms: number, stored: Promise<Value>): Promise<Value> {
  const timeout = new AbortController()
  const tooLate = sleep(ms, undefined, { signal: timeout.signal }).then(() => {
    throw new Error(`the store did not answer within ${ms} ms`)
  })
  try {
    return await Promise.race([stored, tooLate])
  } finally {
    timeout.abort()
    tooLate.catch(() => {})
    stored.catch(() => {})
  }
}
