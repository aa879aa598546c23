/** What should exist in the CRM for one order. The dry run shows it, the delivery makes it so. */
export interface Plan {
  /** Name of the form in request.mapper. */
  form: string
  partnerId: string | null
  lead: PlannedLead
  /** The buyer's own card beside the partner's; null when the form makes none or the order names nobody. */
  contact: PlannedContact | null
  company: PlannedCompany | null
  /** One entry per product; repeated lines are added up. */
  products: PlannedProduct[]
  /** What to do about a partner or a product that the account does not have. */
  fallbacks: Fallbacks
  note: string
  /** What could not be placed. It stands on the order's page and in the note. */
  warnings: MappingWarning[]
}

export interface PlannedLead {
  name: string
  /** Whole units of the account's currency; null leaves the budget empty. */
  price: number | null
  /** Null: the account's main pipeline. */
  pipelineId: number | null
  /** Null: the pipeline's first stage. */
  statusId: number | null
  responsible: Responsible
  tags: string[]
  fields: FieldValue[]
}

/** A user's id, whoever answers for the main contact, or whom the CRM takes. */
export type Responsible = number | 'contact' | null

export interface PlannedContact {
  name: string
  /** Whether the order says so, or it is what the nameless are called. */
  isNamed: boolean
  firstName: string
  lastName: string
  /** As the order has them; by any of them the buyer is looked for before a card is made. */
  phones: string[]
  emails: string[]
  responsible: Responsible
  tags: string[]
  fields: FieldValue[]
}

export interface PlannedCompany {
  /** By it the company is looked for before a card is made. */
  name: string
  responsible: Responsible
  tags: string[]
  fields: FieldValue[]
}

export interface PlannedProduct {
  name: string
  /** The shop's article number; empty when the order has none. */
  sku: string
  /** Of one piece; null when the order does not say. */
  price: number | null
  quantity: number
}

export interface Fallbacks {
  /** `create` makes a contact with the partner's id. */
  partner: 'warn' | 'create' | { contactId: number }
  /** What a contact made for the partner is called; empty where none is. */
  partnerName: string
  /** `create` makes an element of the catalog. */
  product: 'warn' | 'create'
  /** By what products are found, in this order. */
  productMatch: ('name' | 'sku')[]
}

export interface FieldValue {
  fieldId: number
  /** Our name of the field, from amo-fields.mapper. */
  field: string
  /** As amoCRM takes them. https://www.amocrm.ru/developers/content/crm_platform/custom-fields */
  values: ApiValue[]
  /** What the order said, for people. */
  text: string
  /** Whether the order itself speaks of it, and not a constant or a default alone. */
  isSaid: boolean
}

/** One entry of a field's `values`: `{ value }`, `{ enum_id }`, `{ value, enum_code }` … */
export type ApiValue = Record<string, unknown>

export interface MappingWarning {
  /** The text stands in the translations as `warning.<code>`. */
  code: string
  params: Record<string, string>
}

/** What mapping has to know of the account. */
export interface CrmAccount {
  /** IANA name. */
  timeZone: string
  /** Of leads, contacts and companies. */
  fields: CrmField[]
  pipelines: CrmPipeline[]
  /** Null where the token may not know them. */
  users: { id: number; name: string; isActive: boolean }[] | null
}

export type Entity = 'leads' | 'contacts' | 'companies'

export interface CrmField {
  entity: Entity
  id: number
  name: string
  code: string | null
  type: string
  /** Of a list; of a phone or an e-mail its kinds. */
  choices: { id: number; value: string; code: string | null }[]
  /** Worked out by the CRM: nobody writes to it. */
  isComputed: boolean
  /** The catalogs of a chained list, from the outermost. */
  catalogIds: number[]
}

export interface CrmPipeline {
  id: number
  name: string
  isArchive: boolean
  /** Those that a lead can be made in: all but the unsorted ones. */
  statuses: { id: number; name: string }[]
}

/** A text of the translations, in the language of the installation. */
export type Translate = (key: string, params?: Record<string, string | number>) => string
