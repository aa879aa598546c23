import { chmodSync, lstatSync, unlinkSync } from 'node:fs'
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
    if (!isCode(error, 'EADDRINUSE') || !(await isLeftBehind(socket))) throw error
    unlinkSync(socket)
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

/** The socket of a process that died: nobody takes connections there. What is no socket is left alone. */
function isLeftBehind(path: string) {
  if (!lstatSync(path).isSocket()) return false
  return new Promise<boolean>((resolve) => {
    const probe = connect(path)
    probe.once('connect', () => {
      probe.destroy()
      resolve(false)
    })
    probe.once('error', (error) => resolve(isCode(error, 'ECONNREFUSED')))
  })
}

function isCode(error: unknown, code: string) {
  return error instanceof Error && 'code' in error && error.code === code
}
