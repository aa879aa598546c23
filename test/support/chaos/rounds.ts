import { setTimeout as sleep } from 'node:timers/promises'
import { createVisitor, formWith } from '../visitor.ts'
import type { startFleet } from './fleet.ts'
import type { openQueue } from './queue.ts'

const patienceMs = 10_000
const asked = (kind: string) => `"kind":"${kind}","msg":"done because`

/**
 * A person signs in at one server, looks at all the others, and asks all of them for something; only when all is well.
 * @param random 0 to 1
 */
export function createRounds(
  fleet: Awaited<ReturnType<typeof startFleet>>,
  queue: Pick<ReturnType<typeof openQueue>, 'settingsReadAt'>,
  random: () => number,
) {
  /** How often nobody could be asked, for the database was not there; ms until all had done it; infinite where they had not in time. To read the settings takes as long as it takes the first. */
  const results = {
    caches: [] as number[],
    settings: [] as number[],
    reading: [] as number[],
    signedOut: 0,
    refused: 0,
  }

  async function until(isDone: () => boolean | Promise<boolean>) {
    const began = performance.now()
    while (!(await isDone())) {
      if (performance.now() - began > patienceMs) return Number.POSITIVE_INFINITY
      await sleep(10)
    }
    return performance.now() - began
  }

  async function press(visitor: ReturnType<typeof createVisitor>, path: string) {
    const { text } = await visitor.visit(path)
    const { status } = await visitor.submit(path, formWith('_csrf', /./, text))
    if (status !== 200) results.refused += 1
    return status === 200
  }

  return {
    results,
    async go() {
      const first = Math.floor(random() * fleet.urls.length)
      const visitor = createVisitor(fleet.urls[first] ?? '')
      await visitor.signIn()
      for (const url of fleet.urls) {
        const other = createVisitor(url)
        for (const [name, value] of visitor.cookies) other.cookies.set(name, value)
        if ((await other.visit('/app/transactions')).status !== 200) results.signedOut += 1
      }

      const others = fleet.running().filter((_, index) => index !== first)
      const heard = () => others.map((server) => server.output().split(asked('caches')).length)
      const before = heard()
      if (!(await press(visitor, '/api/cache/clear'))) return
      results.caches.push(await until(() => heard().every((count, index) => count > (before[index] ?? 0))))

      const at = Date.now()
      if (!(await press(visitor, '/api/cache/config'))) return
      const answeredAt = Date.now()
      const pids = fleet.running().map(({ child }) => child.pid ?? 0)
      await until(async () => (await queue.settingsReadAt(pids)).every((readAt) => readAt >= at))
      results.reading.push(answeredAt - at)
      const readAt = await queue.settingsReadAt(pids)
      results.settings.push(Math.max(0, ...readAt.map((each) => (each >= at ? each - answeredAt : Infinity))))
    },
  }
}
