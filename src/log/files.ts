import { join } from 'node:path'
import { pino } from 'pino'

export interface LogFilesOptions {
  folder: string
  /** The newest that are kept, those of earlier runs and of other processes included. */
  most: number
  /** Bytes after which a file of the same day begins. */
  size?: number
}

type Thread = ReturnType<typeof pino.transport> & { writableNeedDrain?: boolean }

/**
 * Lines into files, by a thread of its own: a disk that is slow or full holds up nobody.
 * @param troubled told why nothing can be written, once until it can be again
 * @param now unix ms
 */
export function createLogFiles(
  { size = 100_000_000, ...options }: LogFilesOptions,
  troubled: (code: string) => void,
  now = Date.now,
) {
  const thread: Thread = pino.transport({
    target: join(import.meta.dirname, 'files-thread.mjs'),
    options: { ...options, size },
  })
  const closed = new Promise<void>((resolve) => thread.once('close', resolve))
  let lost = 0
  let isOver = false
  thread.on('trouble', ({ code }: { code: string }) => troubled(code))
  thread.on('error', ({ message }: Error) => {
    if (!isOver) troubled(message)
    isOver = true
  })

  return {
    write(line: string) {
      if (isOver) return
      // It is megabytes behind.
      if (thread.writableNeedDrain) return void lost++
      if (lost > 0) thread.write(lostLine(lost, now()))
      lost = 0
      thread.write(line)
    },
    /** Fulfilled once all is written and the thread has ended. */
    close() {
      if (!isOver) thread.end()
      isOver = true
      return closed
    },
  }
}

function lostLine(count: number, at: number) {
  const line = { level: 'error', time: new Date(at).toISOString(), channel: 'app', count, msg: 'log lines were lost' }
  return `${JSON.stringify(line)}\n`
}
