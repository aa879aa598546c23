import { type Order, type Product, textOf } from '../order/order.ts'
import { type FieldReference, placeText } from './amo-fields.mapper.ts'
import { noteText } from './note.ts'
import { parseNumber } from './numbers.ts'
import type { CrmField, FieldValue, MappingWarning, Plan, PlannedProduct, Translate } from './plan.ts'

export interface Form {
  pipeline_id: number
  status_id: number
  lead_name: string
  /** By field of the order; a key `custom###…` stands for a constant, its `value`. */
  mapping: Record<string, { mapped_id: string | string[]; value?: string | undefined }>
  /** By field and value of the order: what to do otherwise. */
  logic: Record<string, Record<string, Route>>
  /** Texts, or `mapping###<field>` for the values that the order has there. */
  tags: { lead: string[] }
}

interface Route {
  pipeline_id?: number | undefined
  status_id?: number | undefined
}

export interface Rules {
  forms: Record<string, Form>
  amoFields: Record<string, FieldReference>
  /** The custom fields of leads in the account. */
  leadFields: CrmField[]
  translate: Translate
}

/** Turns an order into what should exist in the CRM. No input makes it throw. */
export function mapOrder(order: Order, rules: Rules): Plan {
  const { name: form, rules: formRules } = chooseForm(order, rules.forms)
  const mapped = mapFields(order, formRules, rules)
  const { products, warnings } = addUp(order.products)
  return {
    form,
    partnerId: partnerIdOf(order),
    lead: {
      name: leadName(mapped.leadName ?? formRules.lead_name, order.products, rules.translate),
      price: mapped.price,
      ...route(order, formRules),
      tags: leadTags(order, formRules.tags.lead),
      fields: mapped.fields,
    },
    products,
    note: noteText(order, rules.translate),
    warnings: [...mapped.warnings, ...warnings],
  }
}

function chooseForm(order: Order, forms: Record<string, Form>) {
  const wanted = textOf(order.meta['form_id'])
  const name = Object.hasOwn(forms, wanted) ? wanted : 'default'
  const rules = forms[name]
  if (!rules) throw new Error('request.mapper has no form "default"')
  return { name, rules }
}

/** The last rule that fits wins, pipeline and stage each for itself. */
function route(order: Order, { logic, pipeline_id, status_id }: Form) {
  const chosen = { pipelineId: pipeline_id, statusId: status_id }
  for (const [field, rules] of Object.entries(logic)) {
    for (const value of fieldValues(order, field)) {
      const rule = Object.hasOwn(rules, value) ? rules[value] : undefined
      chosen.pipelineId = rule?.pipeline_id ?? chosen.pipelineId
      chosen.statusId = rule?.status_id ?? chosen.statusId
    }
  }
  return chosen
}

const fromField = 'mapping###'

function leadTags(order: Order, tags: string[]) {
  const texts = tags.flatMap((tag) =>
    tag.startsWith(fromField) ? fieldValues(order, tag.slice(fromField.length)) : tag,
  )
  return [...new Set(texts)]
}

/** A field's values; several are parted by commas. */
function fieldValues(order: Order, field: string) {
  return fieldText(order, field)
    .split(',')
    .map((value) => value.trim())
    .filter(Boolean)
}

function fieldText({ fields, meta }: Order, field: string) {
  return textOf(fields[field] ?? meta[field])
}

interface MappedFields {
  leadName: string | null
  price: number | null
  fields: FieldValue[]
  warnings: MappingWarning[]
}

function mapFields(order: Order, form: Form, { amoFields, leadFields }: Rules): MappedFields {
  const mapped: MappedFields = { leadName: null, price: null, fields: [], warnings: [] }
  for (const [requestField, { mapped_id, value }] of Object.entries(form.mapping)) {
    const text = requestField.startsWith('custom###') ? (value ?? '') : fieldText(order, requestField)
    if (text === '') continue
    for (const target of [mapped_id].flat()) {
      if (target === 'lead_name') mapped.leadName = text
      else if (target === 'lead_price') placePrice(mapped, text)
      else placeField(mapped, target, amoFields, text, leadFields)
    }
  }
  return mapped
}

const highestPrice = 1e12

function placePrice(mapped: MappedFields, text: string) {
  const amount = parseNumber(text)
  if (amount === null || amount < 0 || amount > highestPrice)
    mapped.warnings.push({ code: 'price_invalid', params: { value: text } })
  else mapped.price = Math.round(amount)
}

/** Two request fields on one target: the last one wins. What is no field is a part of a contact, which is not made yet. */
function placeField(
  mapped: MappedFields,
  target: string,
  amoFields: Rules['amoFields'],
  text: string,
  leadFields: CrmField[],
) {
  const reference = Object.hasOwn(amoFields, target) ? amoFields[target] : undefined
  if (!reference) return
  const { value, warning } = placeText(target, reference, text, leadFields)
  if (value) mapped.fields = [...mapped.fields.filter(({ fieldId }) => fieldId !== value.fieldId), value]
  if (warning) mapped.warnings.push(warning)
}

const longestName = 255

/** The note holds every product, so the name of a lead with many may be cut. */
function leadName(base: string, products: Product[], translate: Translate) {
  const name =
    [base, ...products.map((product) => product.name)].filter(Boolean).join(', ') || translate('default.lead_name')
  const characters = Array.from(name)
  return characters.length <= longestName ? name : `${characters.slice(0, longestName - 1).join('')}…`
}

function partnerIdOf({ meta }: Order) {
  const id = textOf(meta['customer_id']).trim()
  return id === '' || id === '0' ? null : id
}

function addUp(lines: Product[]): { products: PlannedProduct[]; warnings: MappingWarning[] } {
  const quantities = new Map<string, number>()
  const warnings: MappingWarning[] = []
  for (const { name, quantity } of lines) {
    const number = parseNumber(quantity) ?? 0
    if (number <= 0) warnings.push({ code: 'quantity_invalid', params: { name, quantity } })
    quantities.set(name, (quantities.get(name) ?? 0) + (number > 0 ? number : 1))
  }
  return { products: [...quantities].map(([name, quantity]) => ({ name, quantity })), warnings }
}
