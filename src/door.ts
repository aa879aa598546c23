import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Config } from './config/load.ts'
import { createHealth, type HealthOptions } from './health.ts'
import { listen } from './listen.ts'

/** Ms. Who sends slowly holds up nobody else, but does not stay for ever either. */
const patience = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 5_000,
  keepAliveTimeout: 65_000,
}
/** Ms in which nothing of a request or its answer gets any further: who does not read is not waited for either. */
const idlePatienceMs = 120_000
/** Ms that the end waits for the first byte. */
const silentPatienceMs = 1000

interface DoorOptions extends Omit<HealthOptions, 'basePath'> {
  app: Pick<Config['app'], 'socket' | 'host' | 'port' | 'basePath'>
}

/** Where requests come in, and whoever watches looks: opened before anything is ready, closed when everybody has his answer. */
export function createDoor({ app, ...parts }: DoorOptions) {
  const health = createHealth({ ...parts, basePath: app.basePath })
  const http = createServer(patience, health.listener)
  http.timeout = idlePatienceMs
  const connections = new Set<Socket>()
  http.on('connection', (socket) => connections.add(socket.once('close', () => connections.delete(socket))))
  let address = app.host

  return {
    /** Throws ListenError. */
    async open() {
      await listen(http, app)
      if (app.socket !== null) return
      const { port } = http.address() as AddressInfo
      address = `http://${app.host}:${port}${app.basePath}`
    },

    /** From now on, requests are answered. */
    isReady: health.isReady,

    /** Where it was opened. */
    address: () => address,

    async close() {
      await health.leave()
      const closed = new Promise((resolve) => http.close(resolve))
      // Those that were busy when it began, too, as soon as they have their answer.
      const farewell = setInterval(() => http.closeIdleConnections(), 100)
      // Browsers open some on suspicion, and Node takes those for busy.
      const dismissal = setTimeout(() => {
        for (const socket of connections) if (socket.bytesRead === 0) socket.destroy()
      }, silentPatienceMs)
      await closed
      clearTimeout(dismissal)
      clearInterval(farewell)
    },

    /** Answers or not. */
    slam() {
      http.close()
      http.closeAllConnections()
    },
  }
}
