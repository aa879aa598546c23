import { cleanMessage, cleanPath, cleanStack, cleanStatement, cleanText } from './clean-text.ts'

type Kind = 'id' | 'text' | 'number' | 'flag' | 'list' | 'path' | 'network' | 'statement' | 'said' | 'error'

/**
 * All that a line of the log can hold beside its time, level and message, and nothing else ever gets out. `id` is a word
 * of our own making, `text` is looked through for secrets and people's data, `said` is what an error says.
 */
const logFields = {
  channel: 'id',
  /** Id of the message, by which an order is followed from its request to its lead. */
  message: 'id',
  /** Of a request, by X-Request-Id. */
  request: 'id',
  /** Of an address: `203.0.113.0/24`, and never all of it. */
  network: 'network',
  source: 'id',
  reason: 'id',
  outcome: 'id',
  state: 'id',
  action: 'id',
  method: 'id',
  path: 'path',
  status: 'number',
  bytes: 'number',
  duplicate: 'flag',
  lead: 'number',
  attempt: 'number',
  /** Ms. */
  ms: 'number',
  /** Ms from the arrival of an order to this attempt. */
  waited_ms: 'number',
  /** Ms from there to its end. */
  attempt_ms: 'number',
  /** Ms from the arrival to the end. */
  total_ms: 'number',
  /** To the CRM, for the batch that the order was in. */
  requests: 'number',
  /** Orders in the batch. */
  batch: 'number',
  retry_in_ms: 'number',
  error: 'said',
  err: 'error',
  count: 'number',
  queued: 'number',
  faults: 'list',
  keys: 'list',
  needsRestart: 'list',
  version: 'id',
  run: 'id',
  /** Of a person who works here. */
  login: 'text',
  target: 'text',
  via: 'id',
  lane: 'id',
  call: 'text',
  statement: 'statement',
  url: 'text',
  baseUrl: 'text',
  code: 'id',
  folder: 'text',
  edition: 'number',
  /** Of a crash, and how many there were. */
  at: 'id',
  times: 'number',
  /** Of a setting of the database's server: what is wrong, and what it has to be. */
  kind: 'id',
  setting: 'id',
  value: 'id',
  wanted: 'id',
  /** Of what is old: what was deleted, and how much of it. */
  task: 'id',
  removed: 'number',
  days: 'number',
  dropped: 'list',
} as const satisfies Record<string, Kind>

const kinds: ReadonlyMap<string, Kind> = new Map(Object.entries(logFields))
const told = new WeakSet<Error>()

/** The named fields alone, each fit to be read by strangers; of all others the names. For pino's `formatters.log`. */
export function allowedFields(details: object): Record<string, unknown> {
  const fields: Record<string, unknown> = {}
  const dropped: string[] = []
  for (const key of Object.keys(details)) {
    const value: unknown = (details as Record<string, unknown>)[key]
    if (value === undefined || value === null) continue
    const kind = kinds.get(key)
    const fit = kind === undefined ? undefined : fitToPrint(kind, value)
    if (fit === undefined) dropped.push(nameOf(key))
    else fields[key] = fit
  }
  if (dropped.length > 0) fields['dropped'] = dropped
  return fields
}

/** Undefined when it is not of the kind. */
function fitToPrint(kind: Kind, value: unknown): unknown {
  if (kind === 'error') return describeError(value)
  if (kind === 'number') return typeof value === 'number' ? value : undefined
  if (kind === 'flag') return typeof value === 'boolean' ? value : undefined
  if (kind === 'list') return Array.isArray(value) ? value.filter(isText).slice(0, mostItems).map(cleanText) : undefined
  if (typeof value !== 'string') return undefined
  if (kind === 'id') return isOurs(value) ? value : cleanText(value)
  if (kind === 'path') return cleanPath(value)
  if (kind === 'said') return cleanMessage(value)
  if (kind === 'network') return /^[\da-f:.]+\/\d+$/i.test(value) ? value : undefined
  if (kind === 'statement') return cleanStatement(value)
  return kind === 'text' ? cleanText(value) : undefined
}

const mostItems = 50

function isText(value: unknown) {
  return typeof value === 'string'
}

function isOurs(word: string) {
  if (!/^[\w.:-]{1,64}$/.test(word)) return false
  return word.length < 10 || (!/^\d+$/.test(word) && (word.length < 40 || !/^[\w-]+$/.test(word)))
}

/** A key can be somebody's value, too: that of an object that was spread. */
function nameOf(key: string) {
  return /^[a-z][a-z_]{0,30}$/i.test(key) ? key : '…'
}

/** An error as a stranger may see it: no statement, no request, no headers, nothing of what it was about. */
function describeError(error: unknown) {
  if (!(error instanceof Error)) return { message: cleanMessage(String(error)) }
  const isAgain = told.has(error)
  told.add(error)
  const { cause, stack } = error
  return {
    ...named(error),
    // Whoever tells of it once more points to the first telling.
    ...(stack && !isAgain ? { stack: cleanStack(stack, error.message) } : {}),
    ...(cause instanceof Error ? { cause: named(cause) } : {}),
  }
}

function named(error: Error) {
  const { code, status } = error as { code?: unknown; status?: unknown }
  return {
    type: isOurs(error.name) ? error.name : 'Error',
    message: whatItSays(error),
    ...(typeof code === 'string' && isOurs(code) ? { code } : {}),
    ...(typeof status === 'number' ? { status } : {}),
  }
}

/** Some errors know which part of what they say is ours. */
export function whatItSays(error: unknown) {
  if (!(error instanceof Error)) return cleanMessage(String(error))
  const { logged } = error as { logged?: unknown }
  if (typeof logged === 'string') return cleanText(logged)
  return cleanMessage(error.message)
}
