import { createServer, type Server } from 'node:http'
import { createApp } from './app.ts'
import { type Context, createContext } from './context.ts'
import { type Credentials, credentials } from './oauth/credentials.ts'
import { createPresenter } from './present/present.ts'
import { plantSeed } from './seed/seed.ts'
import type { Seed } from './seed/seed-shape.ts'
import { showState } from './seed/state.ts'

export interface SandboxOptions {
  /** 0 takes any free port. */
  port?: number
  host?: string
  /** Where the state is kept; without it everything is forgotten on closing. */
  file?: string
  seed?: Seed
  now?: () => number
  log?: (line: string) => void
}

interface Sandbox {
  url: string
  credentials(): Credentials
  state(): ReturnType<typeof showState>
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** Starts a local amoCRM. A state file that already holds an account is gone on with; `seed` is for a new one. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { port = 0, host = '127.0.0.1', file, seed, now = Date.now, log = () => {} } = options
  const context = createContext({ file, now, log })
  const server = createServer({ keepAliveTimeout: 65_000 }, createApp(context))
  server.once('close', context.faults.stop)
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${await listen(server, port, host)}`
  const close = async () => {
    await Promise.all([stop(server), context.sender.close()])
  }
  // Only now: the file may belong to the sandbox that already has the port.
  await prepare(context, seed).catch((error) => close().then(() => Promise.reject(error)))
  context.sender.wake()
  return {
    url,
    credentials: () => credentials(context, url),
    state: () => showState(context, createPresenter(context.store, url)),
    close,
    [Symbol.asyncDispose]: close,
  }
}

async function prepare({ store, clock }: Context, seed: Seed | undefined) {
  store.load()
  if (store.accounts.size === 0) plantSeed(store, clock, seed)
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
