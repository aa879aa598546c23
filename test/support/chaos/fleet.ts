import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../mariadb.ts'
import { type ParomProcess, startProcess } from '../process.ts'

const stopPatienceMs = 15_000
const restartPause = 1000
const mostStarts = 10

/**
 * Several servers on one database, each on a port that stays its own.
 * @param envOf of the server with that index
 */
export async function startFleet(envOf: (index: number) => Record<string, string>, size: number) {
  const ports = await Promise.all(Array.from({ length: size }, freePort))
  const start = (port: number) => startProcess({ ...envOf(ports.indexOf(port)), PORT: String(port) })
  const servers = new Map<number, ParomProcess>()
  const printed: string[] = []
  let killed = 0
  let failedStarts = 0
  // One after the other: the first makes the tables.
  for (const port of ports) servers.set(port, await start(port))

  /** As a supervisor does. */
  async function startAgain(port: number, tries = 1): Promise<ParomProcess> {
    try {
      return await start(port)
    } catch (error) {
      printed.push(`-- ${port} did not start: ${error}\n`)
      failedStarts += 1
      if (tries === mostStarts) throw error
    }
    await sleep(restartPause)
    return startAgain(port, tries + 1)
  }

  async function signal(name: NodeJS.Signals) {
    return Promise.all([...servers.values()].map((server) => server.kill(name)))
  }

  return {
    urls: ports.map((port) => `http://127.0.0.1:${port}`),
    killed: () => killed,
    failedStarts: () => failedStarts,
    /** All that they printed, the dead ones first. */
    output: () => [...printed, ...[...servers.values()].map((server) => server.output())].join(''),
    running: () => [...servers.values()],
    /** Ends one of them and starts it again after a pause, in ms; gives its exit code. */
    async strike(index: number, pause: number, signal: NodeJS.Signals = 'SIGKILL') {
      const port = ports[index] ?? 0
      const victim = servers.get(port)
      const exitCode = await victim?.kill(signal)
      printed.push(victim?.output() ?? '', `-- killed ${port}\n`)
      killed += 1
      await sleep(pause)
      servers.set(port, await startAgain(port))
      return exitCode
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
