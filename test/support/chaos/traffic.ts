import type { startTestSandbox } from '../parom.ts'

type Request = Awaited<ReturnType<Awaited<ReturnType<typeof startTestSandbox>>['requests']>>[number]

/** What the CRM was asked, held against its limit. */
export function trafficOf(requests: Pick<Request, 'time' | 'status' | 'fault'>[]) {
  const times = requests.map(({ time }) => Date.parse(time)).sort((a, b) => a - b)
  const inSecondFrom = (time: number, index: number) => {
    let end = index
    while ((times[end] ?? Number.POSITIVE_INFINITY) < time + 1000) end++
    return end - index
  }
  return {
    mostInASecond: times.map(inSecondFrom).reduce((most, each) => Math.max(most, each), 0),
    overLimit: requests.filter(({ status, fault }) => status === 429 && !fault).length,
    struck: requests.filter(({ fault }) => fault && fault !== 'delay').length,
  }
}
