/** What a failed call means, apart from what it says. */
export type AmocrmErrorKind =
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
  if (status >= 500) return new AmocrmError('unavailable', message, { status, mayHaveHappened: true })
  return new AmocrmError('rejected', message, { status })
}

interface Problem {
  title?: string
  detail?: string
  hint?: string
  retry_after?: number
  'validation-errors'?: { request_id?: string; errors?: { code?: string; path?: string; detail?: string }[] }[]
}

function describeBody(body: unknown) {
  if (typeof body !== 'object' || body === null) return ''
  const { title, detail, hint, 'validation-errors': invalid = [] } = body as Problem
  const faults = invalid.flatMap(({ errors = [] }) =>
    errors.map((fault) => `${fault.path}: ${fault.code} ${fault.detail ?? ''}`.trim()),
  )
  const texts = [title, detail, hint, ...faults].filter(Boolean)
  return texts.length > 0 ? ` ${texts.join('; ')}` : ''
}

function retryAfterOf(body: unknown, header: string | undefined) {
  const inBody = typeof body === 'object' && body !== null ? (body as Problem).retry_after : undefined
  const seconds = Number(header ?? inBody)
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : null
}
