import type { RateLimit } from '../inbox/token-bucket.ts'

/** Who may send orders, as the configuration says. */
export interface Source {
  id: string
  /** SHA-256 of each token that lets in; without any no token is asked for. */
  tokens: Buffer[]
  /** Keys of which one must have signed the body, in the scheme of Standard Webhooks; without any no signature is asked for. */
  signingSecrets: Buffer[]
  /** Addresses and CIDR blocks that it may come from; without any from everywhere. */
  allowedAddresses: string[]
  /** What a stored order is answered with; null: our own JSON. */
  answer: { status: number; contentType: string; body: string } | null
  rateLimit: RateLimit | null
  /** Where its own id of the order may stand, the first one found counts. */
  dedupeBy: { in: 'header' | 'field'; name: string }[]
  /** Ms in which the same body without such an id is the same order again. */
  dedupeWindow: number
}
