import { type DestinationStream, type Logger, pino } from 'pino'
import { inBatches } from './batches.ts'
import { allowedFields } from './fields.ts'
import { createLogFiles, type LogFilesOptions } from './files.ts'
import { createOutput } from './output.ts'
import { createTerminal } from './terminal.ts'

export type Log = Logger

/** What a line is about; the channels of the PHP script's log. */
type Channel = 'request' | 'app' | 'auth' | 'profiling' | 'exceptions'
export type Channels = ReturnType<typeof channelsOf>

interface LogOptions {
  level: string
  /** In which files are kept beside what goes to standard output; null for none. */
  files?: LogFilesOptions | null
  /** Where lines go in place of standard output. */
  output?: DestinationStream
  /** Unix ms. */
  now?: () => number
}

/**
 * JSON lines for machines, short ones in a terminal. Whatever is passed to it, named fields alone get out, cleaned of what
 * looks like secrets and people's data. A line that bears an error is of the channel `exceptions`, whoever wrote it.
 */
export function createLog({ level, files = null, output, now = Date.now }: LogOptions): Log {
  const log: Log = pino(
    {
      level,
      base: null,
      timestamp: createTimestamp(now),
      // allowedFields describes errors itself, and must see all that they bear to do so.
      serializers: { err: (error: unknown) => error },
      formatters: { level: (label) => ({ level: label }), log: allowedFields },
      hooks: {
        logMethod(args, method) {
          const [details, message, ...rest] = args as [unknown, unknown, ...unknown[]]
          const err = errorIn(details)
          if (err === undefined) return method.apply(this, args)
          const fields = details instanceof Error ? { err } : details
          // Left alone, pino takes the error's own words for the message.
          method.apply(exceptions, [fields, message ?? 'unexpected error', ...rest] as never)
        },
      },
    },
    createDestination(output, files && createLogFiles(files, tellTrouble, now)),
  )
  const { child } = log
  // What a child is born with, pino lets through as it is.
  log.child = function (this: Log, bindings: object) {
    return child.call(this, allowedFields(bindings))
  } as typeof child
  const exceptions = log.child({ channel: 'exceptions' })
  const app = log.child({ channel: 'app' })

  function tellTrouble(code: string) {
    app.error({ code }, 'log files cannot be written')
  }

  return log
}

function errorIn(details: unknown) {
  if (details instanceof Error) return details
  return (typeof details === 'object' && details !== null && (details as { err?: unknown }).err) || undefined
}

/** A terminal is written to at once: somebody looks. */
function createDestination(output: DestinationStream | undefined, files: DestinationStream | null): DestinationStream {
  const direct = output ?? (process.stdout.isTTY ? createTerminal() : null)
  if (!direct) return inBatches(files ? [createOutput(), files] : [createOutput()])
  if (!files) return direct
  const later = inBatches([files])
  return {
    write(line) {
      direct.write(line)
      later.write(line)
    },
  }
}

/** Many lines are of the same ms. */
function createTimestamp(now: () => number) {
  let latest = 0
  let text = ''
  return () => {
    const at = now()
    if (at !== latest) text = `,"time":"${new Date(at).toISOString()}"`
    latest = at
    return text
  }
}

/** The log by what its lines are about. */
export function channelsOf(log: Log) {
  const open = (channel: Channel) => log.child({ channel })
  const all = {
    request: open('request'),
    app: open('app'),
    auth: open('auth'),
    profiling: open('profiling'),
    exceptions: open('exceptions'),
  }
  return {
    ...all,
    setLevel(level: string) {
      for (const each of [log, ...Object.values(all)]) each.level = level
    },
  }
}
