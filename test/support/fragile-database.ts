import { renameSync } from 'node:fs'
import { inject } from 'vitest'
import { type ParomOptions, startParom } from './parom.ts'
import { startTcpProxy } from './tcp-proxy.ts'

/** A Parom whose database can be taken away and given back. */
export async function startWithFragileDatabase(name: string, url: string, options: Partial<ParomOptions> = {}) {
  if (name === 'SQLite') {
    const parom = await startParom({ ...options, databaseUrl: url })
    const file = url.slice('sqlite:'.length)
    return {
      parom,
      takeAway: () => renameSync(file, `${file}.away`),
      giveBack: () => renameSync(`${file}.away`, file),
      close: () => parom.close(),
    }
  }
  const proxy = await startTcpProxy({ host: '127.0.0.1', port: Number(new URL(inject('mariadbUrl')).port) })
  const through = new URL(url)
  through.port = String(proxy.port)
  const parom = await startParom({ ...options, databaseUrl: through.href })
  return { parom, takeAway: proxy.cut, giveBack: proxy.mend, close: () => parom.close().then(proxy.close) }
}
