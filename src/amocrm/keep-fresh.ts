import type { Connection } from './connection.ts'

const lookAtTokensEveryMs = 60_000

/** Renews the tokens in time, whether there are orders or not. */
export function keepFresh(connection: Connection, log: { error: (details: object, message: string) => void }) {
  let running = Promise.resolve()
  const wake = () => {
    running = running.then(connection.refreshIfDue).catch((err: unknown) => {
      log.error({ err }, 'amoCRM tokens could not be renewed')
    })
  }
  const timer = setInterval(wake, lookAtTokensEveryMs)
  wake()
  return {
    wake,
    async stop() {
      clearInterval(timer)
      await running
    },
  }
}
