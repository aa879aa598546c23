import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const root = join(import.meta.dirname, '../..')

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
    env: { PATH: process.env['PATH'] ?? '', ...env },
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
  const url = `http://127.0.0.1:${env['PORT']}/health/ready`
  for (let tries = 0; tries < 200; tries++) {
    if (server.child.exitCode !== null) throw new Error(`the server ended at once:\n${server.output()}`)
    const ready = await fetch(url).then(
      (response) => response.ok,
      () => false,
    )
    if (ready) return server
    await sleep(50)
  }
  await server.kill('SIGKILL')
  throw new Error(`the server did not become ready:\n${server.output()}`)
}
