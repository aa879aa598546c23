import type { Translate } from './config/translate.ts'
import type { Log } from './log.ts'
import { startSandbox } from './sandbox/server.ts'

/** Something about this machine keeps Parom from starting; the message is for the person at the terminal. */
export class StartError extends Error {
  override name = 'StartError'
}

/** The local amoCRM of `npm start`: one that runs on its port already, or a new one in this process. */
export async function connectToSandbox(
  { port, baseUrl, file }: { port: number; baseUrl: string; file: string },
  log: Log,
  translate: Translate,
) {
  const own = await startSandbox({ port, file }).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return null
    throw error
  })
  const accessToken = await fetch(`${baseUrl}/__sandbox/credentials`)
    .then(async (response) => ((await response.json()) as { access_token: string }).access_token)
    .catch(() => {
      throw new StartError(translate('start.port_taken', { port, variable: 'SANDBOX_PORT' }))
    })
  if (!own) log.info({ baseUrl }, 'a sandbox runs already and is used')
  return { baseUrl, accessToken, close: async () => own?.close() }
}
