import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import qs from 'qs'

export type Destination = Awaited<ReturnType<typeof openDestination>>

interface Received {
  path: string
  type: string
  headers: string[]
  raw: string
  body: ReturnType<typeof JSON.parse>
}

/** Somebody's server that webhooks are sent to. */
export async function openDestination() {
  const received: Received[] = []
  let answer: (res: ServerResponse) => void = (res) => res.end()
  let arrived: (() => void) | undefined

  const server = createServer(async (req, res) => {
    const raw = await text(req)
    const body = qs.parse(raw, { depth: 10, arrayLimit: 1000 })
    received.push({
      path: req.url ?? '',
      type: req.headers['content-type'] ?? '',
      headers: Object.keys(req.headers),
      raw,
      body,
    })
    answer(res)
    arrived?.()
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo

  return {
    received,
    url: (path = '/') => `http://127.0.0.1:${port}${path}`,
    answerWith(status: number, headers: Record<string, string> = {}) {
      answer = (res) => void res.writeHead(status, headers).end()
    },
    neverAnswer() {
      answer = () => {}
    },
    /** Resolves when one more request has come. */
    next: () => new Promise<void>((resolve) => (arrived = resolve)),
    clear() {
      received.splice(0)
      answer = (res) => res.end()
    },
    close() {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    },
  }
}
