import { chmodSync, lstatSync, rmSync } from 'node:fs'
import type { Server } from 'node:http'
import { connect } from 'node:net'

interface Place {
  /** Path of a socket; null to listen on host and port. */
  socket: string | null
  host: string
  port: number
}

/** So that the group's members, as the web server before Parom is one, may connect to a socket. */
const socketMode = 0o660

/** The message is Node's own. */
export class ListenError extends Error {
  override name = 'ListenError'
  /** Somebody alive listens there. */
  readonly isTaken: boolean

  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
    this.isTaken = isCode(cause, 'EADDRINUSE')
  }
}

/** Throws ListenError. */
export async function listen(http: Server, place: Place) {
  await listenAt(http, place).catch((error: unknown) => {
    throw new ListenError(error)
  })
}

async function listenAt(http: Server, { socket, host, port }: Place) {
  if (socket === null) return listenOn(http, { host, port })
  await listenOn(http, { path: socket }).catch(async (error: unknown) => {
    if (!isCode(error, 'EADDRINUSE')) throw error
    await clearAway(socket, error)
    await listenOn(http, { path: socket })
  })
  chmodSync(socket, socketMode)
}

function listenOn(http: Server, where: { path: string } | { host: string; port: number }) {
  return new Promise<void>((resolve, reject) => {
    http.once('error', reject)
    http.listen(where, () => {
      http.off('error', reject)
      resolve()
    })
  })
}

/** Takes away the socket of a process that died: nobody takes connections there. Throws `taken` of any other, and of what is no socket. */
async function clearAway(path: string, taken: unknown) {
  const found = look(path)
  // Whoever had it has just taken it away.
  if (!found) return
  if (!found.isSocket || !(await isDead(path))) throw taken
  const now = look(path)
  if (!now) return
  // Another one that starts has found it dead as well, and listens in its place.
  if (now.which !== found.which) throw taken
  rmSync(path, { force: true })
}

/** Null where nothing is. */
function look(path: string) {
  const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false })
  return stats ? { isSocket: stats.isSocket(), which: `${stats.ino} ${stats.ctimeNs}` } : null
}

function isDead(path: string) {
  return new Promise<boolean>((resolve) => {
    const probe = connect(path)
    probe.once('connect', () => {
      probe.destroy()
      resolve(false)
    })
    probe.once('error', (error) => resolve(isCode(error, 'ECONNREFUSED') || isCode(error, 'ENOENT')))
  })
}

function isCode(error: unknown, code: string) {
  return error instanceof Error && 'code' in error && error.code === code
}
