import type { Generated } from 'kysely'

/** Of the processes that run: what they count, watch over and tell each other. */
export interface ProcessTables {
  tallies: {
    slot_at: number
    received: Generated<number>
    delivered: Generated<number>
    failed: Generated<number>
    times: string | null
  }
  tally_mark: {
    id: number
    counted_until: number
  }
  instances: {
    id: string
    host: string
    version: string
    started_at: number
    seen_at: number
    requests: number
    busiest: number
    answered_at: number | null
    settings: string
    settings_read_at: number
    settings_faults: string
  }
  alerts: {
    account: string
    rule: string
    state: 'ok' | 'raised'
    since: number
    told_at: number | null
    details: string | null
  }
  alert_messages: {
    id: string
    account: string
    recipient: string
    rule: string
    kind: 'raised' | 'more' | 'over'
    at: number
    since: number
    details: string | null
    due_at: number | null
    tries: Generated<number>
    sent_at: number | null
    error: string | null
  }
  retention: {
    task: string
    reached_at: number | null
    reached_id: string | null
    removed: Generated<number>
    removed_at: number | null
    ended_at: number | null
  }
  retention_later: {
    task: string
    message_id: string
  }
  duties: {
    account: string
    duty: string
    owner: string
    held_until: number
  }
  notices: {
    account: string
    kind: 'settings' | 'caches'
    number: number
    asked_at: number
  }
  rate_limits: {
    name: string
    full_at: number
  }
}
