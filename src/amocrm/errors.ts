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

  constructor(
    kind: AmocrmErrorKind,
    message: string,
    details: { status?: number; mayHaveHappened?: boolean; retryAfter?: number | null; cause?: unknown } = {},
  ) {
    super(message, { cause: details.cause })
    this.kind = kind
    this.status = details.status ?? null
    this.mayHaveHappened = details.mayHaveHappened ?? false
    this.retryAfter = details.retryAfter ?? null
  }
}

/** A refusal by status and body. Bodies may be HTML: machines before the CRM answer for it. */
export function errorOfAnswer(
  method: string,
  call: string,
  status: number,
  body: unknown,
  retryAfterHeader: string | undefined,
): AmocrmError {
  const message = `${call}: HTTP ${status}${describeBody(body)}`
  if (status === 429)
    return new AmocrmError('rate_limited', message, { status, retryAfter: retryAfterOf(body, retryAfterHeader) })
  if (status === 401) return new AmocrmError('unauthorized', message, { status })
  if (status === 402) return new AmocrmError('payment_required', message, { status })
  if (status === 403) return new AmocrmError(body === undefined ? 'blocked' : 'forbidden', message, { status })
  // An address that is not there, asked for what every order needs, is the account's trouble and not the order's.
  if (status < 400 || (status === 404 && method === 'GET')) return new AmocrmError('unavailable', message, { status })
  if (status === 408 || status === 425 || status >= 500)
    return new AmocrmError('unavailable', message, { status, mayHaveHappened: true })
  return new AmocrmError('rejected', message, { status })
}

/** As far as it is of the documented shape; anything may come. */
function describeBody(body: unknown) {
  const { title, detail, hint, 'validation-errors': invalid } = asRecord(body)
  const faults = asList(invalid).flatMap((item) => asList(asRecord(item)['errors']).map(describeFault))
  const texts = [title, detail, hint, ...faults].filter((text) => typeof text === 'string' && text !== '')
  return texts.length > 0 ? ` ${texts.join('; ')}` : ''
}

function describeFault(fault: unknown) {
  const { path, code, detail } = asRecord(fault)
  return [`${path}:`, code, detail].filter(Boolean).join(' ')
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function retryAfterOf(body: unknown, header: string | undefined) {
  const seconds = Number(header ?? asRecord(body)['retry_after'])
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : null
}
