import { type Bucket, createBucket } from '../inbox/token-bucket.ts'
import { rateLimited } from '../intake/refusal.ts'
import type { ApiUser } from './users.ts'

/** How often users may come to this process; a limit that was changed begins anew. @param now unix ms */
export function createLimits(now: () => number) {
  const limits = new Map<string, { bucket: Bucket; requests: number; seconds: number }>()

  /** Throws a Refusal for who comes too often; a request that is refused uses up nothing. */
  function admit({ source, rate_requests: requests, rate_seconds: seconds }: ApiUser) {
    if (requests === null || seconds === null) return
    const known = limits.get(source)
    const isSame = known?.requests === requests && known.seconds === seconds
    const limit = isSame ? known : { bucket: createBucket({ requests, seconds }), requests, seconds }
    limits.set(source, limit)
    const wait = limit.bucket.waitAt(now())
    if (wait > 0) throw rateLimited(wait)
    limit.bucket.take()
  }

  return { admit }
}
