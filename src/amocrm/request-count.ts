export type RequestCount = ReturnType<typeof createRequestCount>

const secondsKept = 60

/** How often this process has asked the CRM of late. @param now unix ms */
export function createRequestCount(now: () => number) {
  /** By the second of unix time. */
  const counts = new Map<number, number>()
  let answeredAt: number | null = null

  function forgetOld(second: number) {
    for (const each of counts.keys()) if (each <= second - secondsKept || each > second) counts.delete(each)
  }

  return {
    sent() {
      const second = Math.floor(now() / 1000)
      if (!counts.has(second)) forgetOld(second)
      counts.set(second, (counts.get(second) ?? 0) + 1)
    },

    /** The CRM has let us in. */
    answered() {
      answeredAt = now()
    },

    /** Of the last minute: how many there were, and most of them in one second. */
    read() {
      forgetOld(Math.floor(now() / 1000))
      const perSecond = [...counts.values()]
      const requests = perSecond.reduce((sum, count) => sum + count, 0)
      return { requests, busiest: Math.max(0, ...perSecond), answeredAt }
    },
  }
}
