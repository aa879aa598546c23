import pretty from 'pino-pretty'

type Line = Record<string, unknown>

/** What a line begins with, and what few look for while they watch: the JSON lines have all of it. */
const leftOut: ReadonlySet<string> = new Set([
  ...['level', 'time', 'msg', 'channel', 'err'],
  ...['method', 'path', 'status', 'ms', 'bytes', 'request'],
  ...['outcome', 'batch', 'waited_ms', 'attempt_ms', 'total_ms', 'source'],
])

/** A line each, for people: time, level, channel, what happened, and then the rest; the stack of an error below it. */
export function createTerminal() {
  return pretty({
    colorize: true,
    colorizeObjects: false,
    translateTime: 'SYS:HH:MM:ss',
    hideObject: true,
    sync: true,
    ignore: 'pid,hostname',
    customColors: 'message:reset,debug:blue,info:green,warn:yellow,error:red,fatal:bgRed',
    messageFormat: (line, messageKey) => describe(line, String(line[messageKey] ?? '')),
  })
}

function describe(line: Line, message: string) {
  const { channel = '', err, method, path, status, total_ms } = line
  const ms = line['ms'] ?? total_ms
  const what = channel === 'request' ? `${method} ${path} ${status}` : message
  const fields = Object.entries(line)
    .filter(([key]) => !leftOut.has(key))
    .map(([key, value]) => `${grey(`${key}=`)}${inWords(value)}`)
  const words = [grey(String(channel).padEnd(10)), what, ...(ms === undefined ? [] : [grey(`${ms} ms`)]), ...fields]
  return words.join(' ') + (err ? describeError(err as Line) : '')
}

function describeError({ type, message, code, stack }: Line) {
  const said = `${type ?? 'Error'}: ${message}${code ? ` (${code})` : ''}`
  return `\n    ${said}${stack ? `\n${grey(String(stack))}` : ''}`
}

function inWords(value: unknown) {
  return Array.isArray(value) ? value.join(', ') : String(value)
}

function grey(text: string) {
  return `\u001b[90m${text}\u001b[39m`
}
