import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from './mariadb.ts'

const root = join(import.meta.dirname, '../..')

/** So that each of hundreds of processes need not compile all anew. */
const compiled = join(root, 'node_modules/.cache/compiled')

/** What ends here by a fault is not told on the pages of who develops it. */
const ownState = join(tmpdir(), 'parom-tests')

export interface ParomProcess {
  child: ChildProcess
  /** All that it printed so far. */
  output(): string
  exited: Promise<number | null>
  kill(signal: NodeJS.Signals): Promise<number | null>
}

/** Runs one of the project's programs as a process of its own. */
export function run(file: string, args: string[], env: Record<string, string>, input?: string) {
  return runNode([file, ...args], env, input)
}

function runNode(args: string[], env: Record<string, string>, input?: string): ParomProcess {
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { PATH: process.env['PATH'] ?? '', NODE_COMPILE_CACHE: compiled, STATE_DIRECTORY: ownState, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let printed = ''
  child.stdout?.on('data', (chunk) => {
    printed += chunk
  })
  child.stderr?.on('data', (chunk) => {
    printed += chunk
  })
  child.stdin?.end(input ?? '')
  const exited = once(child, 'exit').then(([code]) => code as number | null)
  return {
    child,
    output: () => printed,
    exited,
    kill(signal) {
      child.kill(signal)
      return exited
    },
  }
}

/** The server as `npm start` runs it, ready for orders. */
export async function startProcess(env: Record<string, string>): Promise<ParomProcess> {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: { start: string } }
  const [, ...args] = scripts.start.split(' ')
  const server = runNode(args, env)
  const socketPath = /^unix:(.+)/.exec(env['HOST'] ?? '')?.[1]
  if (socketPath) return until(server, async () => (await askSocket(socketPath, '/health/ready')) === 200)
  return untilAnswered(server, `http://127.0.0.1:${env['PORT']}/health/ready`, ({ ok }) => ok)
}

/** Gives the status of the answer; null when there is none. */
export function askSocket(socketPath: string, path: string) {
  return new Promise<number | null>((resolve) => {
    get({ socketPath, path, agent: false }, (res) => resolve(res.resume().statusCode ?? null)).on('error', () =>
      resolve(null),
    )
  })
}

/** A `local` installation with a CRM that nobody answers for. */
export async function aloneOn(databaseUrl: string) {
  return {
    ENV_TYPE: 'local',
    PORT: String(await freePort()),
    DATABASE_URL: databaseUrl,
    AMO_BASE_URL: `http://127.0.0.1:${await freePort()}`,
    AMO_ACCESS_TOKEN: '',
    LOG_LEVEL: 'silent',
  }
}

/** Gives the server once it answers as wanted. */
export function untilAnswered(server: ParomProcess, url: string, isWanted: (response: Response) => boolean) {
  return until(server, () => fetch(url).then(isWanted, () => false))
}

async function until(server: ParomProcess, isSo: () => Promise<boolean>) {
  for (let tries = 0; tries < 200; tries++) {
    if (server.child.exitCode !== null) throw new Error(`the server ended at once:\n${server.output()}`)
    if (await isSo()) return server
    await sleep(50)
  }
  await server.kill('SIGKILL')
  throw new Error(`the server did not become ready:\n${server.output()}`)
}

/** Bytes of memory that a process has at the moment; none once it has ended. */
export function residentBytes(pid: number) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024
}

/** Seconds that a process has computed so far, in all its threads. */
export function cpuSeconds(pid: number) {
  // What follows the name of the program, which may hold blanks itself.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}

const ticksPerSecond = 100
