import { pino } from 'pino'
import pretty from 'pino-pretty'

export type Log = ReturnType<typeof createLog>

/** JSON lines for machines, short ones in a terminal. Bodies, headers and tokens are never passed to it. */
export function createLog(level: string) {
  if (!process.stdout.isTTY) return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime })
  return pino(
    { level, base: null },
    pretty({ colorize: true, translateTime: 'SYS:HH:MM:ss', singleLine: true, sync: true }),
  )
}
