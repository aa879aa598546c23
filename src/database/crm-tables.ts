import type { Generated } from 'kysely'

/** What is known of the CRM: how it is reached, and what was read from it. */
export interface CrmTables {
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
}

export type ConnectionKind = 'oauth' | 'long_lived' | 'none'
