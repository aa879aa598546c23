import { fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'

/** How senders can be slow: they say nothing, or a byte a second of the head or of the body, or stop in the middle of the body. */
const kinds = ['silent', 'slow head', 'slow body', 'half a body'] as const
type Kind = (typeof kinds)[number]
type Counts = Record<Kind, number>

interface Report {
  open: Counts
  /** Connections that have come about at any time. */
  opened: number
  finished: boolean
}

/** Slow senders in a process of their own, since each end of a connection needs a file of its process. */
export function startCrowd(port: number, sizes: Counts) {
  const child = fork(import.meta.filename, [String(port), JSON.stringify(sizes)], { execArgv: [] })
  let report: Report = { open: noCounts(), opened: 0, finished: false }
  child.on('message', (message) => {
    report = message as Report
  })
  return { report: () => report, leave: () => void child.kill('SIGKILL') }
}

/** How many connections one process may have here. */
export function mostConnections() {
  const limit = /Max open files\s+\d+\s+(\d+|unlimited)/.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]
  return limit === 'unlimited' ? Number.POSITIVE_INFINITY : Number(limit) - filesBesides
}

const filesBesides = 500

function noCounts(): Counts {
  return { silent: 0, 'slow head': 0, 'slow body': 0, 'half a body': 0 }
}

const head = 'POST /api/order/create HTTP/1.1\r\nHost: shop\r\nContent-Type: application/x-www-form-urlencoded\r\n'
const headOfLong = `${head}Content-Length: 100000\r\n\r\n`

const beginnings: Record<Kind, string> = {
  silent: '',
  'slow head': head,
  'slow body': headOfLong,
  'half a body': headOfLong + 'a='.padEnd(50_000, 'x'),
}
const slowly: ReadonlyMap<Kind, string> = new Map([
  ['slow head', 'X-More: y\r\n'],
  ['slow body', 'x'],
])

/** Connections that come about at the same time; more than the server's queue of new ones would only wait. */
const openingAtOnce = 200

async function crowd(port: number, sizes: Counts) {
  const open = noCounts()
  const writing = new Map<Socket, string>()
  let opened = 0
  let finished = false
  const waiting = kinds.flatMap((kind) => Array.from({ length: sizes[kind] }, () => kind))

  const openOne = (kind: Kind) =>
    new Promise<void>((resolve) => {
      const more = slowly.get(kind)
      const socket = connect({ port, host: '127.0.0.1' }, () => {
        opened += 1
        open[kind] += 1
        if (beginnings[kind]) socket.write(beginnings[kind])
        if (more) writing.set(socket, more)
        socket.once('close', () => {
          open[kind] -= 1
          writing.delete(socket)
        })
        resolve()
      })
      socket.resume()
      socket.on('error', () => resolve())
    })

  setInterval(() => process.send?.({ open, opened, finished } satisfies Report), 250)
  setInterval(() => {
    for (const [socket, more] of writing) socket.write(more)
  }, 1000)
  const opener = async () => {
    for (let kind = waiting.pop(); kind; kind = waiting.pop()) await openOne(kind)
  }
  await Promise.all(Array.from({ length: openingAtOnce }, opener))
  finished = true
}

if (process.argv[1] === import.meta.filename) {
  process.on('disconnect', () => process.exit())
  await crowd(Number(process.argv[2]), JSON.parse(process.argv[3] ?? '{}'))
}
