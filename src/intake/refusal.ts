/** A request that is not stored. `reason` is the word in the answer, `message` what a person reads. */
export class Refusal extends Error {
  override name = 'Refusal'
  readonly status: number
  readonly reason: RefusalReason
  /** Key of the text in the translations, and what is filled into it. */
  readonly text: string
  readonly params: Record<string, string | number>

  constructor(reason: RefusalReason, text: string = reason, params: Record<string, string | number> = {}) {
    super(reason)
    this.status = statuses[reason]
    this.reason = reason
    this.text = `intake.${text}`
    this.params = params
  }
}

const statuses = {
  empty: 400,
  unreadable: 400,
  unauthorized: 401,
  method_not_allowed: 405,
  too_large: 413,
  unsupported_type: 415,
  store_unavailable: 503,
} as const

type RefusalReason = keyof typeof statuses
