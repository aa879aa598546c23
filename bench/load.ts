import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { type StreamOptions, type StreamOutcome, streamOrders } from '../test/support/order-stream.ts'

interface Load extends Omit<StreamOptions, 'next' | 'keepLatencies'> {
  seconds: number
  /** Number of the first order; each following one is one higher. */
  first: number
}

export interface LoadOutcome extends StreamOutcome {
  seconds: number
  /** What the sender itself took of one core, 0 to 1. */
  ownCore: number
}

/** Sends orders at full speed from a process of its own. */
export async function load(options: Load): Promise<LoadOutcome> {
  const sender = fork(join(import.meta.dirname, 'load.ts'), [JSON.stringify(options)], { serialization: 'advanced' })
  const [outcome] = await once(sender, 'message')
  if (sender.exitCode === null) await once(sender, 'exit')
  return outcome as LoadOutcome
}

/** What that process does. */
async function send({ seconds, first, ...options }: Load): Promise<LoadOutcome> {
  let number = first
  const end = performance.now() + seconds * 1000
  const cpuBefore = process.cpuUsage()
  const begun = performance.now()
  const outcome = await streamOrders({
    ...options,
    keepLatencies: true,
    next: () => (performance.now() < end ? number++ : null),
  })
  const ms = performance.now() - begun
  const { user, system } = process.cpuUsage(cpuBefore)
  return { ...outcome, seconds: ms / 1000, ownCore: (user + system) / 1000 / ms }
}

if (process.send && process.argv[1] === import.meta.filename) {
  process.send(await send(JSON.parse(process.argv[2] ?? '{}')), () => process.disconnect())
}
