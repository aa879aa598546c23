import type { Generated } from 'kysely'

/** The rows as both dialects give them; every column is explained in db/migrations. Times are unix milliseconds. */
export interface Tables {
  messages: {
    id: string
    account: string
    source: string
    received_at: number
    dedupe_key: string
    duplicates: Generated<number>
    content_type: string
    headers: string
    body: Uint8Array
    state: MessageState
    attempts: Generated<number>
    attempts_before: Generated<number>
    next_attempt_at: number | null
    lease_until: number | null
    reason: string | null
    error: string | null
    lead_request_at: number | null
    lead_id: number | null
    products_linked_at: number | null
    note_id: number | null
    warnings: string | null
    form: string | null
    order_number: string | null
    partner_id: string | null
    phone_digits: string | null
    email: string | null
  }
  attempts: {
    message_id: string
    number: number
    started_at: number
    finished_at: number | null
    outcome: string | null
    reason: string | null
    error: string | null
  }
  steps: {
    message_id: string
    attempt: number
    ordinal: number
    name: string
    state: StepState
    started_at: number
    finished_at: number | null
    http_status: number | null
    request: string | null
    answer: string | null
  }
  sessions: {
    id: string
    data: string
    expires_at: number
  }
}

export const messageStates = ['pending', 'delivered', 'held', 'dead'] as const
export type MessageState = (typeof messageStates)[number]
export type StepState = 'sent' | 'confirmed' | 'failed' | 'unknown'
