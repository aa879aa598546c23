/** What the sandbox keeps. Shapes follow the API, without what is computed on reading (`_links`, names of fields). */

import type { FieldExtras, StatusDescription } from './setup-entities.ts'

export type EntityType = 'leads' | 'contacts' | 'companies'
export const entityTypes: readonly EntityType[] = ['leads', 'contacts', 'companies']

export interface Account {
  id: number
  name: string
  subdomain: string
  country: string
  currency: string
  currency_symbol: string
  timezone: string
  timezone_offset: string
  created_at: number
}

export interface User {
  id: number
  name: string
  email: string
  lang: string
  /** Setting the account up is for administrators only. */
  is_admin: boolean
  /** One that is disabled cannot do anything any more. */
  is_active?: boolean
}

export interface Status {
  id: number
  name: string
  sort: number
  color: string
  type: 0 | 1
  descriptions?: StatusDescription[]
}

/** The last two statuses of every pipeline. */
export const wonStatus = 142
export const lostStatus = 143

export const isClosed = (statusId: number) => statusId === wonStatus || statusId === lostStatus

export interface Pipeline {
  id: number
  name: string
  sort: number
  is_main: boolean
  is_unsorted_on?: boolean
  is_archive?: boolean
  statuses: Status[]
}

export interface FieldChoice {
  id: number
  /** Of a category: the one that it is under. */
  parent_id?: number | null
  value: string
  sort: number
  code: string | null
}

export interface Field {
  id: number
  entity_type: EntityType | 'catalogs'
  catalog_id: number | null
  name: string
  type: string
  code: string | null
  sort: number
  is_api_only: boolean
  is_predefined: boolean
  /** `enums` of the API, or `nested` where the type is category. */
  choices: FieldChoice[] | null
  currency: string | null
  /** What only some types and owners have; the API shows the rest as not set. */
  more?: FieldExtras
}

export interface FieldValue {
  value?: unknown
  enum_id?: number
  enum_code?: string | null
  [key: string]: unknown
}

export interface FilledField {
  field_id: number
  values: FieldValue[]
}

export interface Card {
  id: number
  name: string
  responsible_user_id: number
  created_by: number
  updated_by: number
  created_at: number
  updated_at: number
  fields: FilledField[]
  tags: number[]
  /** When it last changed, by the sandbox's clock; `updated_at` can be set by a client. */
  touched_ms: number
  /** In the trash, where a person has put it. */
  is_deleted: boolean
  /** Came with an unsorted entity that nobody has accepted yet. */
  is_unsorted: boolean
}

export interface Contact extends Card {
  first_name: string
  last_name: string
}

export type Company = Card

export interface Lead extends Card {
  price: number
  status_id: number
  pipeline_id: number
  loss_reason_id: number | null
  closed_at: number | null
}

export interface Catalog {
  id: number
  name: string
  type: string
  sort: number
  can_add_elements?: boolean
  can_show_in_cards?: boolean
  /** Whether an element can go with several leads. */
  can_link_multiple?: boolean
  created_by: number
  updated_by?: number
  created_at: number
  updated_at?: number
}

export interface Element {
  id: number
  catalog_id: number
  name: string
  created_by: number
  updated_by: number
  created_at: number
  updated_at: number
  fields: FilledField[]
  touched_ms: number
  is_deleted: boolean
}

export interface Link {
  id: string
  entity_type: EntityType
  entity_id: number
  to_entity_type: EntityType | 'catalog_elements'
  to_entity_id: number
  catalog_id: number | null
  quantity: number | null
  price_id: number | null
  main_contact: boolean | null
}

export interface Note {
  id: number
  entity_type: EntityType
  entity_id: number
  note_type: string
  params: Record<string, unknown>
  responsible_user_id: number
  created_by: number
  /** Absent until somebody changes the note. */
  updated_by?: number
  created_at: number
  updated_at: number
}

export interface Unsorted {
  id: string
  category: 'forms' | 'sip'
  source_uid: string
  source_name: string
  pipeline_id: number
  created_at: number
  updated_at: number
  metadata: Record<string, unknown>
  lead_id: number
  contact_id: number | null
  company_id: number | null
  outcome: 'accepted' | 'declined' | null
  /** Of what it was made from: the same does not come twice. */
  print: string
}

export interface Tag {
  id: number
  entity_type: EntityType
  name: string
  color: string | null
}

export interface Task {
  id: number
  text: string
  task_type_id: number
  complete_till: number
  duration: number
  is_completed: boolean
  result: string | null
  entity_type: EntityType | null
  entity_id: number | null
  responsible_user_id: number
  created_by: number
  updated_by: number
  created_at: number
  updated_at: number
}
