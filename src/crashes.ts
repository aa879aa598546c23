import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cleanStack } from './log/clean-text.ts'
import { whatItSays } from './log/fields.ts'

export type Crashes = ReturnType<typeof createCrashes>

interface Crash {
  /** Unix ms. */
  at: number
  pid: number
  /** What went wrong: what of the error's words may stand in a log. */
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

    /** Nothing more can be done when it cannot be written. @param isOurs whether its words are our own, and no data in them */
    keep(error: unknown, isOurs = false) {
      const [own, name, stack] =
        error instanceof Error ? [error.message, error.name, error.stack ?? ''] : [String(error), '', '']
      const places = cleanStack(stack, own).split('\n').filter(Boolean)
      const crash: Crash = {
        at: now(),
        pid: process.pid,
        reason: ((isOurs ? own : whatItSays(error)) || name).slice(0, longestReason),
        stack: places.slice(0, deepest).map((line) => line.trim()),
      }
      try {
        mkdirSync(folder, { recursive: true })
        const kept = JSON.stringify([crash, ...recent()].slice(0, mostKept), null, 2)
        writeFileSync(`${file}.${process.pid}`, kept, { mode: 0o600 })
        renameSync(`${file}.${process.pid}`, file)
      } catch {}
    },
  }
}
