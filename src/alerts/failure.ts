/** A message could not be sent. What it says is shown to people and holds no secret. */
export class AlertFailure extends Error {
  override name = 'AlertFailure'
  /** Ms after which the receiver wants to hear of it again. */
  readonly retryAfter: number

  constructor(message: string, retryAfter = 0) {
    super(message)
    this.retryAfter = retryAfter
  }
}

/** Characters. */
const longest = 300

/** What went wrong, in one short line, without these secrets. */
export function failureOf(error: unknown, secrets: (string | undefined)[]) {
  if (error instanceof AlertFailure) return error
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const { code } = cause as { code?: unknown }
  const words = cause instanceof Error ? cause.message : String(cause)
  return new AlertFailure(withoutSecrets([code, words].filter(Boolean).join(': '), secrets))
}

export function withoutSecrets(text: string, secrets: (string | undefined)[]) {
  let clean = text
  for (const secret of secrets) if (secret) clean = clean.replaceAll(secret, '…')
  return clean.replace(/\s+/g, ' ').trim().slice(0, longest)
}
