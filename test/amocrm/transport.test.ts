import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import https from 'node:https'
import { type AddressInfo, connect, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AmocrmError } from '../../src/amocrm/errors.ts'
import { clientWithToken, inHaste } from '../support/amocrm.ts'

/** A secret that both sides know takes the place of certificates. */
const psk = Buffer.from('0123456789abcdef')
const shared = { ciphers: 'PSK', maxVersion: 'TLSv1.2' } as const
const ofClient = { pskCallback: () => ({ psk, identity: 'parom' }), checkServerIdentity: () => undefined }

const serverOf = {
  http: (answer: RequestListener) => createServer(answer),
  https: (answer: RequestListener) => https.createServer({ ...shared, pskCallback: () => psk }, answer),
}

describe.each(['http', 'https'] as const)('a request over %s whose turn may end', (protocol) => {
  const usual = { ...https.globalAgent.options }
  let server: Server
  let way: Awaited<ReturnType<typeof startWay>>
  let requests: number
  let isOurs: boolean
  beforeEach(async () => {
    Object.assign(https.globalAgent.options, shared, ofClient)
    requests = 0
    isOurs = true
    server = serverOf[protocol]((request, response) => {
      requests += 1
      request.resume().on('end', () => response.end('{}'))
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    way = await startWay((server.address() as AddressInfo).port)
  })
  afterEach(() => {
    for (const name of [...Object.keys(shared), ...Object.keys(ofClient)])
      delete https.globalAgent.options[name as never]
    Object.assign(https.globalAgent.options, usual)
    way.close()
    server.close()
  })

  function createClient(timeoutMs = 5000) {
    const client = clientWithToken({
      baseUrl: `${protocol}://127.0.0.1:${way.port}`,
      token: 'a token',
      requestsPerSecond: inHaste,
      timeoutMs,
      turns: { inTurn: (_lane, call) => call(() => isOurs), paused: async () => {} },
    })
    return () =>
      client.request({ method: 'POST', path: '/api/v4/leads', body: [{ name: 'x' }] }).then(
        () => 'answered',
        (error: unknown) => (error instanceof AmocrmError ? error : expect.fail(String(error))),
      )
  }

  const notSent = { kind: 'rate_limited', status: null, mayHaveHappened: false }

  it('is not sent when it ended before there was a connection', async () => {
    isOurs = false
    expect(await createClient()()).toMatchObject(notSent)
    expect(requests).toBe(0)
    if (protocol === 'http') expect(way.bytes()).toBe(0)
  })

  it('is not sent when it ended before a connection could be used again, and the next one is', async () => {
    const post = createClient()
    expect([await post(), await post()]).toEqual(['answered', 'answered'])
    expect(way.connections()).toBe(1)
    isOurs = false
    const before = way.bytes()
    expect(await post()).toMatchObject(notSent)
    if (protocol === 'http') expect(way.bytes()).toBe(before)
    isOurs = true
    expect(await post()).toBe('answered')
    expect(requests).toBe(3)
  })

  it('has surely not happened when its connection breaks before it is there', async () => {
    server.close()
    expect(await createClient()()).toMatchObject({ kind: 'unavailable', mayHaveHappened: protocol === 'http' })
  })

  if (protocol === 'https')
    it.each([
      ['its turn ends', 5000, notSent],
      ['nobody waits any longer', 300, { kind: 'unavailable', mayHaveHappened: false }],
    ])('is not sent when %s while the two sides still greet each other', async (_case, timeoutMs, error) => {
      way.hold()
      const posting = createClient(timeoutMs)()
      await expect.poll(way.connections).toBe(1)
      if (timeoutMs > 1000) {
        isOurs = false
        way.letGo()
      }
      expect(await posting).toMatchObject(error)
      expect(requests).toBe(0)
    })
})

/** The network before a server: it counts, and may hold up what goes to the server. */
async function startWay(target: number) {
  const sockets = new Set<Socket>()
  let connections = 0
  let bytes = 0
  let letGo = () => {}
  let held: Promise<void> = Promise.resolve()
  const way = createTcpServer((client) => {
    connections += 1
    const upstream = connect(target, '127.0.0.1')
    for (const socket of [client, upstream]) {
      sockets.add(socket.on('error', () => client.destroy()))
      socket.on('close', () => upstream.destroy() && client.destroy())
    }
    client.on('data', async (chunk) => {
      bytes += chunk.length
      await held
      upstream.write(chunk)
    })
    upstream.pipe(client)
  })
  await once(way.listen(0, '127.0.0.1'), 'listening')
  return {
    port: (way.address() as AddressInfo).port,
    connections: () => connections,
    bytes: () => bytes,
    hold() {
      held = new Promise((resolve) => {
        letGo = resolve
      })
    },
    letGo: () => letGo(),
    close() {
      for (const socket of sockets) socket.destroy()
      way.close()
    },
  }
}
