import { pino } from 'pino'
import pretty from 'pino-pretty'

export type Log = ReturnType<typeof createLog>

/** JSON lines for machines, short ones in a terminal. Bodies, headers and tokens are never passed to it. */
export function createLog(level: string) {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, serializers: { err: describeError } }
  if (!process.stdout.isTTY) return pino(options)
  return pino(options, pretty({ colorize: true, translateTime: 'SYS:HH:MM:ss', singleLine: true, sync: true }))
}

/** A database's error carries the statement with the order in it; none of that is logged. */
function describeError(error: unknown) {
  if (!(error instanceof Error)) return { message: String(error).slice(0, longestMessage) }
  const { code } = error as { code?: unknown }
  return {
    type: error.name,
    message: error.message.slice(0, longestMessage),
    code,
    stack: error.stack?.slice(0, 4 * longestMessage),
  }
}

const longestMessage = 1000
