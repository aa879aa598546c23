import type { Generated } from 'kysely'
import type { CrmTables } from './crm-tables.ts'
import type { PeopleTables } from './people-tables.ts'
import type { ProcessTables } from './process-tables.ts'

/** The rows as both dialects give them; every column is explained in db/migrations. Times are unix milliseconds, but those that the CRM gives the mirror are seconds. */
export interface Tables extends InboxTables, CrmTables, PeopleTables, ProcessTables {}

/** Orders, what is done for them, and runs that send many again. */
interface InboxTables {
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
    total: number | null
    delivered_at: number | null
    test: 'sent' | 'cleaned' | null
    format: 'create-order' | 'buy-click' | 'callback' | null
    erased_at: number | null
    erased_for: 'age' | 'buyer' | null
  }
  search_keys: {
    value: string
    message_id: string
    kind: string
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
  runs: {
    id: string
    account: string
    name: string
    created_at: number
    created_by: string
    scope: string
    unfinished: string | null
    state: RunState
    position: string | null
    total: Generated<number>
    queued: Generated<number>
    retrying: Generated<number>
    delivered: Generated<number>
    failed: Generated<number>
    skipped: Generated<number>
    worked_ms: Generated<number>
    moved_at: number | null
    ended_at: number | null
    version: Generated<number>
    lease_owner: string | null
    lease_until: number | null
  }
  run_items: {
    run_id: string
    message_id: string
    outcome: RunOutcome
    detail: string | null
    attempt: number | null
  }
}

export const messageStates = ['pending', 'delivered', 'held', 'dead', 'rejected'] as const
export type MessageState = (typeof messageStates)[number]
export const runStates = ['running', 'paused', 'cancelled', 'done'] as const
export type RunState = (typeof runStates)[number]
export const runOutcomes = ['failed', 'retrying', 'skipped', 'delivered', 'queued', 'waiting'] as const
export type RunOutcome = (typeof runOutcomes)[number]
export type StepState = 'planned' | 'sent' | 'confirmed' | 'failed' | 'unknown'
