/** What is told about the account: its events, and webhooks with what was sent to them. */

export interface AccountEvent {
  id: string
  type: string
  entity_type: string
  entity_id: number
  created_by: number
  created_at: number
  value_before: EventValue[]
  value_after: EventValue[]
  /** When it happened by the sandbox's clock. */
  at_ms: number
}

/** One word for what is told, such as `lead_status`, and what it is. */
export type EventValue = Record<string, Record<string, unknown>>

export interface Webhook {
  id: number
  destination: string
  settings: string[]
  sort: number
  disabled: boolean
  created_by: number
  created_at: number
  updated_at: number
}

/** One request to a webhook's address, with every attempt at it. */
export interface Delivery {
  id: number
  /** `null` for what a trigger of the digital pipeline sends, which is tried once. */
  webhook_id: number | null
  destination: string
  events: string[]
  body: string
  created_ms: number
  /** `lost` and `cancelled` were never going to be tried, or no longer are. */
  state: 'waiting' | 'delivered' | 'given_up' | 'lost' | 'cancelled'
  next_attempt_ms: number | null
  attempts: DeliveryAttempt[]
}

export interface DeliveryAttempt {
  at_ms: number
  took_ms: number
  /** 0 where there was no answer. */
  status: number
  error: string | null
}
