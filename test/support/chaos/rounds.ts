import { setTimeout as sleep } from 'node:timers/promises'
import { createVisitor, formWith } from '../visitor.ts'
import type { startFleet } from './fleet.ts'
import type { openQueue } from './queue.ts'

const patienceMs = 10_000
type Visitor = ReturnType<typeof createVisitor>

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
  /** Ms until all had done it, infinite where they had not in time; to read the settings takes as long as it takes the first. How often a server or its database was not there to be asked; what was answered that nobody expects. */
  const results = {
    caches: [] as number[],
    settings: [] as number[],
    reading: [] as number[],
    refused: 0,
    odd: [] as string[],
  }

  async function until(isDone: () => boolean | Promise<boolean>) {
    const began = performance.now()
    while (!(await isDone())) {
      if (performance.now() - began > patienceMs) return Number.POSITIVE_INFINITY
      await sleep(10)
    }
    return performance.now() - began
  }

  /** The page, or null where there is none to be had just now. */
  async function answerOf(what: string, asking: ReturnType<Visitor['visit']>, expected = 200) {
    const answer = await asking.catch(() => null)
    if (answer?.status === expected) return answer
    if (!answer || answer.status === 503) results.refused += 1
    else results.odd.push(`${what}: ${answer.status} ${answer.location ?? ''}`.trim())
    return null
  }

  async function press(visitor: Visitor, path: string) {
    const page = await answerOf(path, visitor.visit(path))
    return page && (await answerOf(`POST ${path}`, visitor.submit(path, formWith('_csrf', /./, page.text))))
  }

  return {
    results,
    async go() {
      const first = Math.floor(random() * fleet.urls.length)
      const visitor = createVisitor(fleet.urls[first] ?? '')
      if (!(await answerOf('sign-in page', visitor.visit('/login')))) return
      if (!(await answerOf('sign-in', visitor.signIn(), 303))) return
      for (const url of fleet.urls) {
        const other = createVisitor(url)
        for (const [name, value] of visitor.cookies) other.cookies.set(name, value)
        await answerOf('signed in elsewhere', other.visit('/app/transactions'))
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
