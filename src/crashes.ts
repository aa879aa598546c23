import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export type Crashes = ReturnType<typeof createCrashes>

export interface Crash {
  /** Unix ms. */
  at: number
  pid: number
  /** What went wrong, in the words of the error. */
  reason: string
  /** Where, innermost first. */
  stack: string[]
}

const mostKept = 20
const longestReason = 1000
const deepest = 6

/** Why processes of this machine ended or could not start. In a file: the database may be the very reason. */
export function createCrashes(folder: string, now = Date.now) {
  const file = join(folder, 'crashes.json')

  /** @param since Unix ms. Newest first */
  function recent(since = 0): Crash[] {
    try {
      const kept: Crash[] = JSON.parse(readFileSync(file, 'utf8'))
      return kept.filter(({ at }) => at >= since)
    } catch {
      return []
    }
  }

  return {
    recent,

    /** Nothing more can be done when it cannot be written. */
    keep(error: unknown) {
      const [reason, stack] = error instanceof Error ? [error.message || error.name, error.stack ?? ''] : [error, '']
      const places = stack.split('\n').filter((line) => line.startsWith('    at '))
      const crash: Crash = {
        at: now(),
        pid: process.pid,
        reason: String(reason).slice(0, longestReason),
        stack: places.slice(0, deepest).map((line) => line.trim()),
      }
      try {
        mkdirSync(folder, { recursive: true })
        writeFileSync(`${file}.${process.pid}`, JSON.stringify([crash, ...recent()].slice(0, mostKept), null, 2))
        renameSync(`${file}.${process.pid}`, file)
      } catch {}
    },
  }
}
