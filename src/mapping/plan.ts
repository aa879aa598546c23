/** What should exist in the CRM for one order. The dry run shows it, the delivery makes it so. */
export interface Plan {
  /** Name of the form in request.mapper. */
  form: string
  partnerId: string | null
  lead: {
    name: string
    /** Whole units of the account's currency; null leaves the budget empty. */
    price: number | null
    pipelineId: number
    statusId: number
    tags: string[]
    fields: FieldValue[]
  }
  /** One entry per product; repeated lines are added up. */
  products: PlannedProduct[]
  note: string
  /** What could not be placed. It stands on the order's page and in the note. */
  warnings: MappingWarning[]
}

export interface FieldValue {
  fieldId: number
  /** Our name of the field, from amo-fields.mapper. */
  field: string
  value: string
}

export interface PlannedProduct {
  name: string
  quantity: number
}

export interface MappingWarning {
  /** The text stands in the translations as `warning.<code>`. */
  code: string
  params: Record<string, string>
}

/** A custom field of the account, as far as mapping has to know it. */
export interface CrmField {
  id: number
  name: string
  code: string | null
  type: string
}

/** A text of the translations, in the language of the installation. */
export type Translate = (key: string, params?: Record<string, string | number>) => string
