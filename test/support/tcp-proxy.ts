import { connect, createServer, type Socket } from 'node:net'
import { Transform } from 'node:stream'

/**
 * Stands before a TCP server and can be cut, as a network or a server can.
 * @param onSent told of what clients send
 */
export async function startTcpProxy(target: { host: string; port: number }, onSent = (_bytes: Buffer) => {}) {
  const sockets = new Set<Socket>()
  let cut = false
  let delayMs = 0
  let isFrozen = false
  const late = () =>
    new Transform({ transform: (chunk, _encoding, passOn) => void setTimeout(() => passOn(null, chunk), delayMs) })
  const server = createServer((client) => {
    if (cut) return void client.destroy()
    if (isFrozen) return void sockets.add(client)
    const upstream = connect(target)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => sockets.delete(socket))
    }
    client.on('close', () => upstream.destroy())
    // What an upstream said before it hung up is still on its way.
    upstream.on('close', (isBroken) => void (isBroken && client.destroy()))
    client.on('data', onSent)
    client.pipe(upstream)
    upstream.pipe(late()).pipe(client)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    cut() {
      cut = true
      for (const socket of sockets) socket.destroy()
    },
    mend() {
      cut = false
    },
    /** Lets nothing more through, and hangs up on nobody: as a machine that stands still. */
    freeze() {
      isFrozen = true
      for (const socket of sockets) socket.pause()
    },
    /** Makes every answer come so many ms later. */
    slow(ms: number) {
      delayMs = ms
    },
    close: () => {
      for (const socket of sockets) socket.destroy()
      return new Promise((resolve) => server.close(resolve))
    },
  }
}
