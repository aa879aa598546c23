import { type Order, textOf } from '../order/order.ts'
import {
  type createFieldFinder,
  describeReference,
  type FieldReference,
  type FieldTarget,
} from './amo-fields.mapper.ts'
import { completeValues, convertValue, mergeValues } from './field-values.ts'
import { type Form, isConstant, isQuoting, type Mapping } from './form.ts'
import { looseText } from './loose-text.ts'
import { valueAt } from './order-values.ts'
import type { ApiValue, CrmAccount, Entity, FieldValue, MappingWarning } from './plan.ts'

/** Targets of a mapping that are no custom fields. */
export const systemFields = [
  'lead_name',
  'lead_price',
  'contact_first_name',
  'contact_last_name',
  'contact_second_name',
  'contact_name',
  'company_name',
] as const
export type SystemField = (typeof systemFields)[number]

export interface MappedValues {
  system: Partial<Record<SystemField, string>>
  fields: Record<Entity, FieldValue[]>
  warnings: MappingWarning[]
}

interface Placed {
  /** Our name of the field. */
  name: string
  target: FieldTarget
  values: ApiValue[]
  text: string
  isSaid: boolean
}

type Target = { name: string } & (
  | { system: SystemField }
  | { system?: never; found: FieldTarget | null; reference: FieldReference }
)

interface Options {
  amoFields: Record<string, FieldReference>
  findField: ReturnType<typeof createFieldFinder>
  account: CrmAccount
}

/** What one form makes of an order's values: parts of the lead and its people, and custom fields. */
export function createValueMapping(form: Form, { amoFields, findField, account }: Options) {
  const entries = Object.entries(form.mapping).map(([source, mapping]) => ({
    source,
    mapping,
    translate: createDictionary(mapping.values),
    targets: targetsOf(mapping, { amoFields, findField }),
  }))
  const ofTheOrder = entries.filter(({ source }) => !isConstant(source))
  const constants = entries.filter(({ source }) => isConstant(source))

  return function mapValues(order: Order): MappedValues {
    const system: MappedValues['system'] = {}
    const warnings: MappingWarning[] = []
    const placed = new Map<string, Placed[]>()

    function place(target: Target, value: unknown, fallback: string | undefined, isSaid: boolean) {
      if (target.system) {
        const text = textOf(value).trim()
        const earlier = system[target.system]
        if (earlier && earlier !== text) warnings.push(notKept(target.name, earlier))
        system[target.system] = text
        return
      }
      const { name, found, reference } = target
      if (!found) {
        warnings.push({
          code: 'field_unknown',
          params: { field: describeReference(name, reference), value: textOf(value) },
        })
        return
      }
      const { values, problem } = convertValue(found, name, value, account)
      if (problem) warnings.push(problem)
      const earlier = placed.get(name) ?? []
      if (values.length > 0)
        placed.set(name, [...earlier, { name, target: found, values, text: textOf(value), isSaid }])
      else if (fallback && fallback !== value) {
        warnings.push({ code: 'value_default', params: { field: found.field.name, value: fallback } })
        place(target, fallback, undefined, isSaid)
      }
    }

    /** A constant stands in place of what the order says. */
    function replace(target: Target, value: string, fallback: string | undefined) {
      const before = placed.get(target.name)?.length ?? 0
      place(target, value, fallback, false)
      const after = placed.get(target.name) ?? []
      if (after.length > before) placed.set(target.name, after.slice(before))
    }

    for (const { source, mapping, translate, targets } of ofTheOrder) {
      const sent = valueAt(order, source)
      const value = isBlank(sent) ? mapping.default : translate(sent)
      if (!isBlank(value)) for (const target of targets) place(target, value, mapping.default, !isBlank(sent))
    }
    // They come last, so that they may speak of what the order has made.
    for (const { mapping, targets } of constants) {
      const value = fillIn(mapping.value ?? '', system)
      if (value !== '') for (const target of targets) replace(target, value, mapping.default)
    }
    return { system, fields: gather([...placed.values()].flat(), warnings), warnings }
  }
}

/** Where a mapping leads to; what amo-fields.mapper does not name is left out. */
export function targetsOf({ mapped_id }: Mapping, { amoFields, findField }: Omit<Options, 'account'>): Target[] {
  return [mapped_id].flat().flatMap((name): Target[] => {
    if (isSystemField(name)) return [{ name, system: name }]
    const reference = Object.hasOwn(amoFields, name) ? amoFields[name] : undefined
    return reference ? [{ name, reference, found: findField(reference) }] : []
  })
}

export function isSystemField(name: string): name is SystemField {
  return (systemFields as readonly string[]).includes(name)
}

function createDictionary(values: Mapping['values']) {
  if (!values) return (value: unknown) => value
  const words = new Map(Object.entries(values).map(([word, meaning]) => [looseText(word), meaning]))
  return (value: unknown) => words.get(looseText(textOf(value))) ?? words.get('*') ?? value
}

function isBlank(value: unknown) {
  return value === undefined || value === null || textOf(value).trim() === ''
}

/** `entity###contact_name` and its like in a constant; what is none of them stays as it is written. */
function fillIn(text: string, system: MappedValues['system']) {
  if (!isQuoting(text)) return text
  return text
    .replace(/entity###(\w+)/g, (written, name: string) => {
      if (name === 'contact_name') return contactName(system)
      return isSystemField(name) ? (system[name] ?? '') : written
    })
    .trim()
}

/** As it was mapped, or put together in the order of Russian documents. */
export function contactName(system: MappedValues['system']) {
  const { contact_name, contact_last_name, contact_first_name, contact_second_name } = system
  return contact_name || [contact_last_name, contact_first_name, contact_second_name].filter(Boolean).join(' ')
}

/** Several values of one field, such as two kinds of phone, become one value of it. */
function gather(placed: Placed[], warnings: MappingWarning[]) {
  const byField = new Map<number, Placed>()
  for (const later of placed) {
    const { id, type } = later.target.field
    const earlier = byField.get(id)
    const merged = earlier ? merge(type, earlier, later) : later
    if (earlier && !holds(merged.values, earlier.values)) warnings.push(notKept(earlier.name, earlier.text))
    byField.set(id, merged)
  }
  const fields: MappedValues['fields'] = { leads: [], contacts: [], companies: [] }
  for (const { name, target, values: merged, text, isSaid } of byField.values()) {
    const { id, entity } = target.field
    const { values, problem } = completeValues(target, name, merged, text)
    if (problem) warnings.push(problem)
    if (values.length > 0) fields[entity].push({ fieldId: id, field: name, values, text, isSaid })
  }
  return fields
}

function merge(type: string, earlier: Placed, later: Placed): Placed {
  const values = mergeValues(type, earlier.values, later.values)
  const isReplaced = values === later.values
  const joined = { ...earlier, values, text: `${earlier.text}, ${later.text}`, isSaid: earlier.isSaid || later.isSaid }
  return isReplaced ? later : joined
}

function holds(merged: ApiValue[], earlier: ApiValue[]) {
  const partsOf = (values: ApiValue[]) =>
    values
      .flatMap((value): unknown[] => (isObject(value['value']) ? Object.entries(value['value']) : [value]))
      .map((part) => JSON.stringify(part))
  const kept = new Set(partsOf(merged))
  return partsOf(earlier).every((part) => kept.has(part))
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** Of two values on one place the later one counts. */
function notKept(field: string, value: string): MappingWarning {
  return { code: 'value_not_kept', params: { field, value } }
}
