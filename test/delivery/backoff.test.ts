import { expect, it } from 'vitest'
import { nextAttemptAt } from '../../src/delivery/backoff.ts'

it('tries ten times within 72 hours, the second time within five seconds, whatever the luck', () => {
  for (const jitter of [0, 0.5, 1]) {
    const moments = [0]
    for (let attempt = 1; ; attempt++) {
      const at = nextAttemptAt(attempt, moments.at(-1) ?? 0, jitter, null)
      if (at === null) break
      moments.push(at)
    }
    expect(moments).toHaveLength(10)
    expect(moments[1]).toBeLessThan(5_000)
    expect(moments.at(-1)).toBeLessThan(72 * 3600_000)
  }
})

it('waits as long as the CRM asks for, but not for ever', () => {
  expect(nextAttemptAt(1, 0, 0.5, 60_000)).toBe(60_000)
  expect(nextAttemptAt(1, 0, 0.5, 365 * 24 * 3600_000)).toBe(3600_000)
})
