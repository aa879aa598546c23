import type { Config } from './config/load.ts'
import type { Translate } from './config/translate.ts'
import type { Log } from './log/log.ts'
import { startSandbox } from './sandbox/server.ts'

/** Something about this machine keeps Parom from starting; the message is for the person at the terminal. */
export class StartError extends Error {
  override name = 'StartError'
}

/** The local amoCRM of `npm start`: one that runs on its port already, or a new one in this process. Gives the settings that lead to it. */
export async function connectToSandbox({ sandbox, amo }: Config, log: Log, translate: Translate) {
  const { port, baseUrl, file } = sandbox
  const own = await startSandbox({ port, file }).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return null
    throw error
  })
  const ask = async (path: string, body?: object) => {
    const post = body && { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
    return (await (await fetch(`${baseUrl}/__sandbox/${path}`, post)).json()) as Record<string, string>
  }
  try {
    await ask('settings', { redirect_uri: amo.redirectUri, disconnect_url: `${amo.redirectUri}/disconnected` })
    const { client_id = '', client_secret = '', access_token = '' } = await ask('credentials')
    if (!own) log.info({ baseUrl }, 'sandbox runs already and is used')
    return {
      amo: { ...amo, baseUrl, auth_url: baseUrl, client_id, client_secret, access_token },
      close: async () => own?.close(),
    }
  } catch {
    await own?.close()
    throw new StartError(translate('start.port_taken', { port, variable: 'SANDBOX_PORT' }))
  }
}
