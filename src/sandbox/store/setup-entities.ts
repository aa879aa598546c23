import type { Field } from './entities.ts'

/** What a stage is about, for a newcomer, a trained or an experienced manager. */
export interface StatusDescription {
  level: 'newbie' | 'candidate' | 'master'
  description: string
}

export interface LossReason {
  id: number
  name: string
  sort: number
  created_at: number
  updated_at: number
}

export interface FieldExtras {
  is_required?: boolean | undefined
  is_visible?: boolean | undefined
  settings?: unknown
  group_id?: string | null | undefined
  required_statuses?: { status_id: number; pipeline_id: number }[] | null | undefined
  hidden_statuses?: { status_id: number; pipeline_id: number }[] | null | undefined
  chained_lists?: { title?: string | null; catalog_id: number; parent_catalog_id?: number | null }[] | null | undefined
  search_in?: string | null | undefined
  remind?: string | null | undefined
  tracking_callback?: string | null | undefined
}

export interface FieldGroup {
  id: string
  entity_type: Field['entity_type']
  catalog_id: number | null
  name: string
  sort: number
}
