import type { Generated } from 'kysely'

/** Who uses the pages and what they have done there; shops that use the order API. */
export interface PeopleTables {
  sessions: {
    id: string
    data: string
    expires_at: number
    login: string | null
    address: string | null
    agent: string | null
    created_at: number | null
    seen_at: number | null
  }
  passwords: {
    login: string
    password: string
    invitation: string
  }
  people: {
    login: string
    name: string
    roles: string
    password: string | null
    invitation: string | null
    invited_until: number | null
    created_at: number
    created_by: string
    closed_at: number | null
    closed_by: string | null
  }
  first_link: {
    id: number
    nonce: string
    until: number
  }
  tries: {
    name: string
    count: number
    until: number
    next_at: number
  }
  audit: {
    id: string
    at: number
    login: string
    address: string | null
    action: string
    target: string | null
    was: string | null
    became: string | null
  }
  saved_views: {
    id: string
    login: string
    name: string
    query: string
    created_at: number
  }
  checklist: {
    item: string
    at: number
    login: string
  }
  api_users: {
    source: string
    name: string
    email: string
    password: string | null
    invitation: string | null
    invited_until: number | null
    partner_id: string | null
    form: string | null
    rate_requests: number | null
    rate_seconds: number | null
    next_code: Generated<number>
    created_at: number
    created_by: string
    blocked_at: number | null
    blocked_by: string | null
  }
  api_tokens: {
    id: Generated<number>
    source: string
    digest: string
    created_at: number
    created_by: string
    used_at: number | null
  }
}
