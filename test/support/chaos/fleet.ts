import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../mariadb.ts'
import { type ParomProcess, startProcess } from '../process.ts'

const stopPatienceMs = 15_000

/** Several servers on one database, each on a port that stays its own. */
export async function startFleet(env: Record<string, string>, size: number) {
  const ports = await Promise.all(Array.from({ length: size }, freePort))
  const start = (port: number) => startProcess({ ...env, PORT: String(port) })
  const servers = new Map<number, ParomProcess>()
  const printed: string[] = []
  let killed = 0
  // One after the other: the first makes the tables.
  for (const port of ports) servers.set(port, await start(port))

  async function signal(name: NodeJS.Signals) {
    return Promise.all([...servers.values()].map((server) => server.kill(name)))
  }

  return {
    urls: ports.map((port) => `http://127.0.0.1:${port}`),
    killed: () => killed,
    /** All that they printed, the dead ones first. */
    output: () => [...printed, ...[...servers.values()].map((server) => server.output())].join(''),
    /** Kills one of them and starts it again after a pause, in ms. */
    async strike(index: number, pause: number) {
      const port = ports[index] ?? 0
      const victim = servers.get(port)
      await victim?.kill('SIGKILL')
      printed.push(victim?.output() ?? '', `-- killed ${port}\n`)
      killed += 1
      await sleep(pause)
      servers.set(port, await start(port))
    },
    /** Gives the exit codes; null of one that did not stop in time. */
    async stop() {
      const impatience = setTimeout(() => void signal('SIGKILL'), stopPatienceMs)
      const exitCodes = await signal('SIGTERM')
      clearTimeout(impatience)
      return exitCodes
    },
    kill: () => signal('SIGKILL'),
  }
}
