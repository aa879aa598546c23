import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type Nginx, siteName, startNginx } from './nginx.ts'
import { numberedOrders } from './numbered-orders.ts'
import type { Answer } from './order-stream.ts'
import { aloneOn, startProcess } from './process.ts'
import { compareWithStored } from './stored-orders.ts'

interface Restarts {
  databaseUrl: string
  perSecond: number
  /** Each ends one of the two processes, in turn, which is started again. */
  signals: NodeJS.Signals[]
  /** Ms of load before, between and after. */
  pauseMs?: number
  /** Told of each restart: how long it took to stop and to be ready again. */
  restarted?: (stopMs: number, startMs: number) => void
}

/** Two processes on sockets behind nginx, one ended and started after the other, while orders come in over connections that are kept. */
export async function restartUnderLoad({ databaseUrl, perSecond, signals, pauseMs = 250, restarted }: Restarts) {
  const folder = mkdtempSync(join(tmpdir(), 'parom-restarts-'))
  const sockets = ['1', '2'].map((name) => join(folder, `${name}.sock`))
  const alone = await aloneOn(databaseUrl)
  const start = (socket: string) =>
    startProcess({ ...alone, HOST: `unix:${socket}`, PUBLIC_URL: `https://${siteName}`, STATE_DIRECTORY: folder })
  const processes = await Promise.all(sockets.map(start))
  const nginx = await startNginx('parom-sockets.conf', { '/run/parom/': `${folder}/` })
  const load = startLoad(nginx, perSecond)
  const exitCodes: (number | null)[] = []

  await load.goOn(pauseMs)
  for (const [index, signal] of signals.entries()) {
    const turn = index % sockets.length
    const begun = performance.now()
    exitCodes.push((await processes[turn]?.kill(signal)) ?? null)
    const stopped = performance.now()
    processes[turn] = await start(sockets[turn] ?? '')
    restarted?.(stopped - begun, performance.now() - stopped)
    await load.goOn(pauseMs)
  }
  const answers = await load.stop()
  for (const each of processes) await each.kill('SIGTERM')
  const logs = nginx.logs()
  await nginx.close()
  rmSync(folder, { recursive: true, force: true })
  return { answers, exitCodes, logs, verdict: await compareWithStored(databaseUrl, answers) }
}

/** So many orders a second, whether those before are answered or not. */
function startLoad({ port, ca }: Nginx, perSecond: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: 20 })
  const { path, body: bodyOf, contentType } = numberedOrders.webhook
  const sending: Promise<Answer & { ms: number }>[] = []

  async function send(number: number) {
    const begun = performance.now()
    const body = bodyOf(number)
    const headers = { host: siteName, 'content-type': contentType, 'content-length': Buffer.byteLength(body) }
    const asked = request({ agent, host: '127.0.0.1', port, ca, servername: siteName, path, method: 'POST', headers })
    asked.end(body)
    const answer = await once(asked, 'response').then(
      async ([res]) => ({ status: res.statusCode as number, text: await text(res) }),
      (error: Error) => ({ status: 0, text: error.message }),
    )
    const { id = '', duplicate = false } = answer.status === 200 ? JSON.parse(answer.text) : {}
    return { number, status: answer.status, id, duplicate, retryAfter: Number.NaN, ms: performance.now() - begun }
  }

  const timer = setInterval(() => sending.push(send(sending.length)), 1000 / perSecond)
  return {
    goOn: (ms: number) => new Promise((resolve) => setTimeout(resolve, ms)),
    async stop() {
      clearInterval(timer)
      const answers = await Promise.all(sending)
      agent.destroy()
      return answers
    },
  }
}
