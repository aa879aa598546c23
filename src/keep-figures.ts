import type { Instances } from './database/instances.ts'
import type { Inbox } from './inbox/inbox.ts'

interface KeepFiguresOptions {
  inbox: Pick<Inbox, 'tally'>
  instances: Pick<Instances, 'tellOfThisOne' | 'forgetThisOne'>
  log: { warn: (details: object, message: string) => void }
}

const everyMs = 15_000

/** Keeps up to date what the overview tells. */
export function keepFigures({ inbox, instances, log }: KeepFiguresOptions) {
  const stopping = new AbortController()
  let running = Promise.resolve()
  let isWaiting = false

  async function look() {
    isWaiting = false
    await instances.tellOfThisOne()
    await inbox.tally(stopping.signal)
  }

  /** Counts what has come since; one more time is enough for all who ask meanwhile. */
  function wake() {
    if (isWaiting) return
    isWaiting = true
    running = running.then(look).catch((err: unknown) => log.warn({ err }, 'figures could not be kept up to date'))
  }

  const timer = setInterval(wake, everyMs)
  wake()
  return {
    wake,
    async stop() {
      clearInterval(timer)
      stopping.abort()
      await running
      await instances.forgetThisOne().catch(() => {})
    },
  }
}
