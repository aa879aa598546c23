import { describe, expect, it } from 'vitest'
import { createRequestCount } from '../../src/amocrm/request-count.ts'

describe('the count of requests', () => {
  it('holds those of the last minute, and most of them in a second', () => {
    let now = 1_800_000_000_000
    const count = createRequestCount(() => now)
    expect(count.read()).toEqual({ requests: 0, busiest: 0, answeredAt: null })
    for (const wait of [0, 100, 100, 1000, 30_000]) {
      now += wait
      count.sent()
    }
    count.answered()
    expect(count.read()).toEqual({ requests: 5, busiest: 3, answeredAt: now })
    now += 29_000
    expect(count.read()).toMatchObject({ requests: 2, busiest: 1 })
    now += 60_000
    expect(count.read()).toMatchObject({ requests: 0, busiest: 0 })
  })

  it('forgets what a clock that was set back would take for the future', () => {
    let now = 1_800_000_000_000
    const count = createRequestCount(() => now)
    count.sent()
    now -= 3_600_000
    expect(count.read()).toMatchObject({ requests: 0 })
  })
})
