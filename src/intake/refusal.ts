import { refusalReasons } from '../inbox/message.ts'

/** A request that is no order yet. `reason` is the word in the answer, `message` what a person reads. */
export class Refusal extends Error {
  override name = 'Refusal'
  readonly status: number
  readonly reason: AnsweredReason
  /** Key of the text in the translations, and what is filled into it. */
  readonly text: string
  readonly params: Record<string, string | number>
  /** After how many seconds the sender may come again; null where that would not help. */
  readonly retryAfter: number | null

  constructor(
    reason: AnsweredReason,
    text: string = reason,
    params: Record<string, string | number> = {},
    retryAfter: number | null = null,
  ) {
    super(reason)
    this.status = statuses[reason]
    this.reason = reason
    this.text = `intake.${text}`
    this.params = params
    this.retryAfter = retryAfter
  }
}

/** An order that was read, and is not as its sender was told to send it. */
export class InvalidOrder extends Refusal {
  override name = 'InvalidOrder'
  /** What is wrong with it, for its sender and for people; a line each. */
  readonly problems: string[]

  constructor(problems: string[]) {
    super('invalid')
    this.problems = problems
  }
}

/** @param wait ms until there is room for the next one */
export function rateLimited(wait: number) {
  const seconds = Math.ceil(wait / 1000)
  return new Refusal('rate_limited', 'rate_limited', { seconds }, seconds)
}

/** What is merely knocking at the wrong address, or ours to mend, is not kept. */
export const answeredReasons = [...refusalReasons, 'method_not_allowed', 'store_unavailable'] as const
type AnsweredReason = (typeof answeredReasons)[number]

const statuses: Record<AnsweredReason, number> = {
  empty: 400,
  unreadable: 400,
  invalid: 400,
  unauthorized: 401,
  bad_signature: 401,
  address_not_allowed: 401,
  method_not_allowed: 405,
  too_large: 413,
  unsupported_type: 415,
  rate_limited: 429,
  store_unavailable: 503,
}
