import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createTraffic } from '../../src/amocrm/traffic.ts'

describe('the traffic to amoCRM', () => {
  beforeEach(() => vi.useFakeTimers())
  afterEach(() => vi.useRealTimers())

  const start = () => createTraffic({ now: () => performance.now(), stop: new AbortController().signal })
  /** When so many calls were let through that ask at once; ms from now. */
  function timesOf(traffic: ReturnType<typeof start>, lane: 'delivery' | 'people', count: number) {
    const times: number[] = []
    for (let call = 0; call < count; call++) void traffic.run(lane, async () => times.push(performance.now()))
    return times
  }

  it('is never more than seven in a second, people’s one included, and people need not wait for orders', async () => {
    const traffic = start()
    const orders = timesOf(traffic, 'delivery', 60)
    const people = timesOf(traffic, 'people', 8)
    await vi.advanceTimersByTimeAsync(12_000)
    expect([orders.length, people.length]).toEqual([60, 8])
    expect(people[0]).toBe(orders[0])
    const all = [...orders, ...people]
    for (const time of all)
      expect(all.filter((other) => other >= time && other < time + 1000).length).toBeLessThanOrEqual(7)
  })

  it('stops in every lane after a 429, for longer each time, until something is answered', async () => {
    const traffic = start()
    for (const seconds of [1, 2, 4, 8, 16, 32, 60, 60]) {
      traffic.tooMany(null)
      const began = performance.now()
      const [order, person] = [timesOf(traffic, 'delivery', 1), timesOf(traffic, 'people', 1)]
      await vi.advanceTimersByTimeAsync(seconds * 1000 - 100)
      expect([...order, ...person]).toEqual([])
      await vi.advanceTimersByTimeAsync(1200)
      expect([order[0], person[0]].map((time) => Math.round(((time ?? 0) - began) / 1000))).toEqual([seconds, seconds])
    }
    traffic.answered()
    traffic.tooMany(null)
    const [order] = [timesOf(traffic, 'delivery', 1)]
    await vi.advanceTimersByTimeAsync(1100)
    expect(order).toHaveLength(1)
  })

  it('takes the 429s of calls that were under way together for one', async () => {
    const traffic = start()
    for (let call = 0; call < 6; call++) traffic.tooMany(null)
    const order = timesOf(traffic, 'delivery', 1)
    await vi.advanceTimersByTimeAsync(1100)
    expect(order).toHaveLength(1)
  })

  it('leaves the CRM alone for as long as it asks, up to ten minutes', async () => {
    for (const [asked, waited] of [
      [300, 300],
      [86_400, 600],
    ] as const) {
      const traffic = start()
      traffic.tooMany(asked * 1000)
      const order = timesOf(traffic, 'delivery', 1)
      await vi.advanceTimersByTimeAsync(waited * 1000 - 100)
      expect(order).toEqual([])
      await vi.advanceTimersByTimeAsync(200)
      expect(order).toHaveLength(1)
    }
  })
})
