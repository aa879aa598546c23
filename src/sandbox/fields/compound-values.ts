import { z } from 'zod'
import { type Report, readShape } from '../http/batch.ts'
import type { FieldValue } from '../store/entities.ts'

const text = z.string().nullish()
const number = z.union([z.number(), z.string()]).nullish()

const legalEntity = z.strictObject({
  name: z.string().min(1),
  entity_type: z.literal([1, 2]).nullish(),
  vat_id: text,
  kpp: text,
  address: text,
  real_address: text,
  bank_account_number: text,
  director: text,
  tax_registration_reason_code: text,
  bank_code: text,
  unp: text,
  bin: text,
  egrpou: text,
  mfo: text,
  oked: text,
  external_uid: text,
})

const item = z.strictObject({
  sku: text,
  description: text,
  unit_price: number,
  quantity: number,
  unit_type: text,
  discount: z.strictObject({ type: z.enum(['amount', 'percentage']), value: z.number() }).nullish(),
  vat_rate_id: z.int().nullish(),
  external_uid: text,
})

// Worked out by amoCRM; what was read can be sent back.
const computedKeys = {
  product_id: z.unknown().optional(),
  vat_rate_value: z.unknown().optional(),
  total_sum: z.unknown().optional(),
  is_discount_recalculated: z.unknown().optional(),
  is_total_sum_recalculated: z.unknown().optional(),
  bonus_points_per_purchase: z.unknown().optional(),
  metadata: z.unknown().optional(),
}

/** A line of an invoice, with what amoCRM adds to it. */
const invoiceLine = z.strictObject({ ...item.shape, ...computedKeys }).transform((line) => ({
  ...line,
  product_id: line.product_id ?? null,
  vat_rate_value: line.vat_rate_value ?? 0,
  total_sum: totalOf(line),
  is_discount_recalculated: false,
  is_total_sum_recalculated: false,
  bonus_points_per_purchase: 0,
  metadata: line.metadata ?? [],
}))

function totalOf({ unit_price, quantity, discount }: z.infer<typeof item>): number {
  const sum = Number(unit_price ?? 0) * Number(quantity ?? 0)
  const { type = 'amount', value = 0 } = discount ?? {}
  return type === 'amount' ? sum - value : sum * (1 - value / 100)
}

const linkedEntity = z.strictObject({
  name: text,
  entity_id: z.int(),
  entity_type: z.enum(['contacts', 'companies', 'catalog_elements']),
  catalog_id: z.int().nullish(),
})

const file = z.strictObject({
  file_uuid: z.string(),
  version_uuid: text,
  file_name: text,
  file_size: z.int().nullish(),
})

const payer = z.looseObject({ name: text, entity_id: z.int().nullish(), entity_type: text })

/** Entries of the types whose values are more than one word. */
export const compoundShapes: Record<string, z.ZodType<FieldValue>> = {
  legal_entity: z.strictObject({ value: legalEntity }),
  items: z.strictObject({ value: invoiceLine }),
  linked_entity: z.strictObject({ value: linkedEntity }),
  file: z.strictObject({ value: file }),
  payer: z.strictObject({ value: payer, type: z.enum(['legal', 'individual']).optional() }),
  supplier: z.strictObject({ value: z.strictObject({ entity_id: z.int() }) }),
  // The only one without a `value`.
  chained_list: z.strictObject({ catalog_id: z.int(), catalog_element_id: z.int() }),
}

export function readCompound(type: string, sent: unknown, path: string, report: Report): FieldValue | undefined {
  const shape = compoundShapes[type]
  return shape && readShape(shape, sent, report, path.split('.'))
}
