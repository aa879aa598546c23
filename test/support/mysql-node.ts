import { once } from 'node:events'
import type { Server, Socket } from 'node:net'
import { type Connection, createServer } from 'mysql2'

type Answer = 'ok' | 'nothing' | 'hang up' | { code: number; message: string }

interface Standing {
  version: string
  /** Of the server, beside its version. */
  variables: Record<string, string>
  wsrepReady: 'ON' | 'OFF'
  /** To what is neither a question about the server nor a setting. */
  answer: (statement: string) => Answer
}

/** What mysql2 does not tell of its server's side. */
interface Peer extends Connection {
  stream: Socket
  sequenceId: number
  serverHandshake(options: object): void
  writeOk(result?: object): void
  writeError(error: object): void
  writeTextResult(rows: object[], columns: object[]): void
}

/** Speaks as much of a MySQL server's language as it takes to refuse, and remembers what it was asked. */
export async function startMysqlNode(initial: Partial<Standing> = {}) {
  const standing: Standing = { version: '8.0.36', variables: {}, wsrepReady: 'ON', answer: () => 'ok', ...initial }
  const asked: string[] = []
  const settings: string[] = []
  const peers = new Set<Peer>()
  const server = createServer(() => {}) as ReturnType<typeof createServer> & { _server: Server }
  server.on('connection', (connection) => {
    const peer = connection as unknown as Peer
    peers.add(peer)
    peer.on('error', () => {})
    peer.stream.on('close', () => peers.delete(peer))
    peer.serverHandshake({
      ...{ protocolVersion: 10, serverVersion: standing.version, connectionId: 1, statusFlags: 2, characterSet: 45 },
      ...{ capabilityFlags: everythingButTls, authCallback: (_: unknown, done: () => void) => welcome(peer, done) },
    })
    peer.on('query', (statement: string) => inSequence(peer, () => reply(peer, statement)))
    let prepared = ''
    peer.on('stmt_prepare', (statement: string) => {
      // A setting is told of as if it were to be prepared.
      if (/^SET/.test(statement)) {
        settings.push(statement)
        return inSequence(peer, () => peer.writeOk())
      }
      prepared = statement
      inSequence(peer, () => peer.stream.write(isPrepared))
    })
    peer.on('stmt_execute', () => inSequence(peer, () => reply(peer, prepared)))
  })
  server.listen(0)
  await once(server._server, 'listening')
  const address = server._server.address()
  const port = typeof address === 'object' && address ? address.port : 0

  function reply(peer: Peer, statement: string) {
    if (statement.startsWith('SHOW GLOBAL VARIABLES')) {
      const { version, variables } = standing
      return writePairs(peer, { version, autocommit: 'ON', ...variables })
    }
    if (statement.startsWith('SHOW GLOBAL STATUS')) return writePairs(peer, { wsrep_ready: standing.wsrepReady })
    asked.push(statement)
    const answer = standing.answer(statement)
    if (answer === 'hang up') peer.stream.destroy()
    else if (answer === 'ok') peer.writeOk({ affectedRows: 1 })
    else if (answer !== 'nothing') peer.writeError(answer)
  }

  function hangUp() {
    for (const peer of peers) peer.stream.destroy()
  }

  return {
    /** As it stands in a URL. */
    host: `127.0.0.1:${port}`,
    /** May be changed at any time. */
    standing,
    asked,
    settings,
    connections: () => peers.size,
    hangUp,
    close() {
      hangUp()
      return new Promise<void>((resolve) => server._server.close(() => resolve()))
    },
  }
}

const everythingButTls = 0xfff7df

/** As number 1, without columns or values. */
const isPrepared = Buffer.from([12, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])

function welcome(peer: Peer, done: () => void) {
  done()
  peer.sequenceId = 0
}

/** Each statement begins to count anew. */
function inSequence(peer: Peer, answer: () => void) {
  peer.sequenceId = 1
  answer()
  peer.sequenceId = 0
}

function writePairs(peer: Peer, pairs: Record<string, string>) {
  const column = (name: string) => ({
    ...{ catalog: 'def', schema: '', table: '', orgTable: '', orgName: name, name },
    ...{ characterSet: 45, columnLength: 100, columnType: 253, flags: 0, decimals: 0 },
  })
  const rows = Object.entries(pairs).map(([Variable_name, Value]) => ({ Variable_name, Value }))
  peer.writeTextResult(rows, [column('Variable_name'), column('Value')])
}
