import { setTimeout as sleep } from 'node:timers/promises'
import type { Galera } from '../galera.ts'
import type { startFleet } from './fleet.ts'

interface DisturbancesOptions {
  fleet: Awaited<ReturnType<typeof startFleet>>
  cluster: Galera | null
  /** 0 to 1. */
  random: () => number
}

/** Ms. */
const longestAbsence = 8000
const shortestAbsence = 1500
/** Ms that the longest of them takes, with coming back. */
const longest = 25_000

const names = [
  'process killed',
  'process stopped',
  'node killed',
  'node stopped',
  'node frozen',
  'node cut off',
  'process and node killed',
] as const
type Name = (typeof names)[number]
const calm = 'all is well'

/** What happens to servers and to the nodes of their database, one thing after another, so that two of three nodes are there. */
export function createDisturbances({ fleet, cluster, random }: DisturbancesOptions) {
  const possible = names.filter((name) => cluster || !name.includes('node'))
  const done: Record<string, number> = Object.fromEntries(possible.map((name) => [name, 0]))
  let current: string = calm
  let lost = 0

  const absence = () => shortestAbsence + random() * (longestAbsence - shortestAbsence)
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)] as Item

  async function strike(signal: NodeJS.Signals) {
    await fleet.strike(Math.floor(random() * fleet.urls.length), random() * 2000, signal)
  }

  async function disturbNode({ nodes, untilReady, lostCertifications }: Galera, name: Name) {
    const node = pick(nodes)
    const ends = ['node killed', 'node stopped', 'process and node killed'].includes(name)
    if (ends) lost += await lostCertifications([node])
    if (name === 'node stopped') await node.stop()
    else if (ends) await node.kill()
    else if (name === 'node frozen') node.freeze()
    else await node.isolate(true)
    await sleep(absence())
    if (ends) node.rejoin()
    else if (name === 'node frozen') node.thaw()
    else await node.isolate(false)
    await untilReady()
  }

  return {
    longest,
    /** How often each thing happened. */
    done,
    current: () => current,
    /** Lets something happen, until all is well again. */
    async go() {
      // Each comes about as often as the others.
      const least = Math.min(...Object.values(done))
      const name = pick(possible.filter((each) => done[each] === least))
      done[name] = (done[name] ?? 0) + 1
      current = name
      const parts = []
      if (name.startsWith('process')) parts.push(strike(name === 'process stopped' ? 'SIGTERM' : 'SIGKILL'))
      if (cluster && name.includes('node')) parts.push(disturbNode(cluster, name))
      await Promise.all(parts)
      current = calm
    },
    /** Transactions that lost against those of other nodes, and were run anew; null where nobody knows. */
    lostCertifications: async () => (cluster ? lost + (await cluster.lostCertifications()) : null),
  }
}
