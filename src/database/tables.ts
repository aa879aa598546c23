import type { Generated } from 'kysely'

/** The rows as both dialects give them; every column is explained in db/migrations. Times are unix milliseconds, but those that the CRM gives the mirror are seconds. */
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
    contact_id: number | null
    company_id: number | null
    cards_request_at: number | null
    edition: Generated<number>
    lead_marked: number | null
    products_check_at: number | null
    products_expected: number | null
    address: string | null
    duplicated_at: number | null
    body_digest: string | null
    original_id: string | null
    truncated: Generated<number>
  }
  attempts: {
    message_id: string
    number: number
    started_at: number
    finished_at: number | null
    outcome: string | null
    reason: string | null
    error: string | null
    host: string | null
    config_version: string | null
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
    sent_at: number | null
    host: string | null
    orders: number | null
  }
  sessions: {
    id: string
    data: string
    expires_at: number
  }
  connections: {
    account: string
    version: number
    kind: ConnectionKind
    base_url: string | null
    configured_url: string
    configured_token: string | null
    access_token: string | null
    refresh_token: string | null
    refused_as: string | null
    access_expires_at: number | null
    connected_at: number | null
    refreshed_at: number | null
    lease_owner: string | null
    lease_until: number | null
    quiet_until: number | null
    account_id: number | null
    account_name: string | null
    user_id: number | null
    user_name: string | null
    is_admin: number | null
    lost_reason: string | null
    lost_error: string | null
    lost_at: number | null
    paused_until: number | null
    delivery_owner: string | null
    delivery_until: number | null
    people_until: number | null
    stopped_at: number | null
    stopped_by: string | null
  }
  checkups: {
    account: string
    begun_at: number
    ended_at: number | null
    found_at: number | null
    errors: Generated<number>
    report: string | null
    trouble: string | null
  }
  mirror_lists: {
    id: Generated<number>
    account: string
    crm_account: number
    list: string
    fill_number: Generated<number>
    filled_at: number | null
    read_at: number | null
    changes_until: number | null
    filling_until: number | null
    data: string | null
    digest: string | null
  }
  mirror_items: {
    list_id: number
    id: number
    created_at: number
    updated_at: number
    seen: number
    data: string | null
  }
  mirror_keys: {
    list_id: number
    kind: string
    digest: string
    id: number
  }
  mirror_rereads: {
    list_id: number
    id: number
    asked_at: number
  }
  passwords: {
    login: string
    password: string
    invitation: string
  }
}

export type ConnectionKind = 'oauth' | 'long_lived' | 'none'

export const messageStates = ['pending', 'delivered', 'held', 'dead', 'rejected'] as const
export type MessageState = (typeof messageStates)[number]
export type StepState = 'planned' | 'sent' | 'confirmed' | 'failed' | 'unknown'
