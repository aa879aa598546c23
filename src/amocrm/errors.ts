/** What a failed call means, apart from what it says. */
type AmocrmErrorKind =
  | 'not_connected' // nothing was sent: there is no token
  | 'unavailable' // no answer, or an answer of the machines before the CRM
  | 'rate_limited'
  | 'unauthorized'
  | 'payment_required'
  | 'forbidden'
  | 'blocked' // for asking too often; the machines before the CRM say so, in HTML
  | 'rejected' // the CRM understood the request and refuses it

/** One thing that the CRM has against a request. */
export interface CrmFault {
  /** The request id of the item, or its index; null when the CRM names none. */
  item: string | null
  /** Into the item, by the indexes of what was sent: `custom_fields_values.3.values.0.value`. */
  path: string
  code: string
  detail: string
  /** What we call the place that the path leads to; null while nobody has looked. */
  field: string | null
}

interface ErrorDetails {
  status?: number
  mayHaveHappened?: boolean
  retryAfter?: number | null
  faults?: CrmFault[]
  cause?: unknown
}

/** A call to amoCRM that failed. */
export class AmocrmError extends Error {
  override name = 'AmocrmError'
  readonly kind: AmocrmErrorKind
  /** Null when no answer came. */
  readonly status: number | null
  /** Whether the CRM may have done the work all the same. */
  readonly mayHaveHappened: boolean
  /** How long, in ms, the CRM asks to be left alone. */
  readonly retryAfter: number | null
  readonly faults: readonly CrmFault[]
  /** The message without the faults. */
  readonly summary: string
  /** What of it may stand in a log: the CRM quotes what it was sent. */
  readonly logged: string

  constructor(kind: AmocrmErrorKind, summary: string, details: ErrorDetails = {}) {
    super([summary, ...(details.faults ?? []).map(describeFault)].join('; '), { cause: details.cause })
    this.kind = kind
    this.summary = summary
    this.logged = describeForLog(summary, details)
    this.status = details.status ?? null
    this.mayHaveHappened = details.mayHaveHappened ?? false
    this.retryAfter = details.retryAfter ?? null
    this.faults = details.faults ?? []
  }

  /** Whether the same call may do later, without anybody mending anything. */
  get temporary() {
    return this.kind === 'unavailable' || this.kind === 'rate_limited'
  }
}

/** Whether the CRM understood a request and refuses it. */
export function isRejected(error: unknown): error is AmocrmError {
  return error instanceof AmocrmError && error.kind === 'rejected'
}

/** For `catch`: what the token has no right to see is null. */
export function nullIfForbidden(error: unknown) {
  if (error instanceof AmocrmError && error.kind === 'forbidden') return null
  throw error
}

/** The call and its status, and at which places something is wrong with it. */
function describeForLog(summary: string, { faults = [] }: ErrorDetails) {
  const call = summary.replace(/(: HTTP \d+)\b.*$/s, '$1')
  const places = faults.map(({ path, code }) => `${path}: ${code}`).filter((place) => /^[\w.: ]{1,100}$/.test(place))
  return [call, ...places].join('; ')
}

function describeFault({ item, path, code, detail, field }: CrmFault) {
  const place = field === null ? path : `«${field}» (${path})`
  return `${item === null || item === '0' ? '' : `${item} `}${place}: ${[code, detail].filter(Boolean).join(' ')}`
}

/** The same error, its faults called by our names of the places; `nameOf` gives null where we have none. */
export function withFieldNames(error: AmocrmError, nameOf: (fault: CrmFault) => string | null): AmocrmError {
  return withFaults(
    error,
    error.faults.map((fault) => ({ ...fault, field: nameOf(fault) })),
  )
}

export function withFaults(error: AmocrmError, faults: CrmFault[]): AmocrmError {
  const { kind, summary, status, mayHaveHappened, retryAfter } = error
  return new AmocrmError(kind, summary, {
    ...(status !== null && { status }),
    mayHaveHappened,
    retryAfter,
    faults,
    cause: error,
  })
}

/** A refusal by status and body. Bodies may be HTML: machines before the CRM answer for it. */
export function errorOfAnswer(
  method: string,
  call: string,
  { status, body, retryAfter }: { status: number; body: unknown; retryAfter: number | null },
): AmocrmError {
  const refusal = (kind: AmocrmErrorKind, details: ErrorDetails = {}) =>
    new AmocrmError(kind, `${call}: HTTP ${status}${describeBody(body)}`, {
      status,
      faults: faultsOf(body),
      ...details,
    })
  if (status === 429) return refusal('rate_limited', { retryAfter })
  if (status === 401) return refusal('unauthorized')
  if (status === 402) return refusal('payment_required')
  if (status === 403) return refusal(body === undefined ? 'blocked' : 'forbidden')
  // An address that is not there, asked for what every order needs, is the account's trouble and not the order's.
  if (status < 400 || (status === 404 && method === 'GET')) return refusal('unavailable')
  if (status === 408 || status === 425 || status >= 500)
    return refusal('unavailable', { mayHaveHappened: true, retryAfter })
  return refusal('rejected')
}

/** Ms that a refusal asks to be left alone, by its header or else by its body; null when it does not say. */
export function retryAfterOf(body: unknown, headers: Record<string, unknown>) {
  const asked = [headers['retry-after'], asRecord(body)['retry_after']].map((text) => secondsOf(text, headers['date']))
  const seconds = asked.find((each) => each > 0)
  return seconds === undefined ? null : seconds * 1000
}

/** Of a number of seconds, or of a date by the clock of whoever sent it; NaN of anything else. */
function secondsOf(value: unknown, date: unknown) {
  const text = textOf(value).trim()
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : (Date.parse(text) - Date.parse(textOf(date))) / 1000
}

/** As far as it is of the documented shape; anything may come. */
function describeBody(body: unknown) {
  const { title, detail, hint } = asRecord(body)
  const texts = [title, detail, hint].filter((text) => typeof text === 'string' && text !== '')
  return texts.length > 0 ? ` ${texts.join('; ')}` : ''
}

function faultsOf(body: unknown): CrmFault[] {
  return asList(asRecord(body)['validation-errors']).flatMap((entry) => {
    const { request_id, errors } = asRecord(entry)
    return asList(errors).map((fault) => {
      const { path, code, detail } = asRecord(fault)
      return {
        item: textOf(request_id) || null,
        path: textOf(path),
        code: textOf(code),
        detail: textOf(detail),
        field: null,
      }
    })
  })
}

function textOf(value: unknown) {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}
