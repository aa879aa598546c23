import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

export type CheckpointThread = ReturnType<typeof startCheckpoints>

/**
 * Moves what was committed from the write-ahead log into the database file, in a thread of its own:
 * on the event loop every request would wait for that, every few hundred orders again.
 * @param failed called when it cannot go on
 */
export function startCheckpoints(file: string, failed: () => void) {
  const worker = new Worker(new URL('checkpoint-thread.mjs', import.meta.url), {
    workerData: file,
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 },
  })
  worker.on('error', failed)
  worker.unref()
  const exited = once(worker, 'exit').catch(() => {})
  return {
    async stop() {
      // Else a process that has nothing left to do would end before.
      worker.ref()
      worker.postMessage('stop')
      await exited
    },
  }
}
