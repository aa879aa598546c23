import type { FieldTarget } from './amo-fields.mapper.ts'
import type { ApiValue, CrmAccount, CrmField } from './plan.ts'
import { convertAddress } from './values/addresses.ts'
import { convertCheckbox } from './values/checkboxes.ts'
import { convertChoice, convertChoices } from './values/choices.ts'
import { type Converted, type Given, refused, taken, trimmedText } from './values/converted.ts'
import { convertDate } from './values/dates.ts'
import { convertLegalEntity } from './values/legal-entities.ts'
import { convertMultitext } from './values/multitexts.ts'
import { convertNumber } from './values/numbers.ts'
import { convertChain, convertFile } from './values/references.ts'
import { convertText, convertTextarea, convertUrl } from './values/texts.ts'

/** Those of invoices are left out (items, payer, supplier, linked_entity): only catalogs have them. */
const converters = new Map<string, (given: Given) => Converted>([
  ['text', convertText],
  ['streetaddress', convertText],
  ['tracking_data', convertText],
  ['textarea', convertTextarea],
  ['url', convertUrl],
  ['numeric', convertNumber],
  ['monetary', convertNumber],
  ['price', convertNumber],
  ['checkbox', convertCheckbox],
  ['date', convertDate],
  ['birthday', convertDate],
  ['date_time', convertDate],
  ['select', convertChoice],
  ['radiobutton', convertChoice],
  ['category', convertChoice],
  ['multiselect', convertChoices],
  ['multitext', convertMultitext],
  ['smart_address', convertAddress],
  ['legal_entity', convertLegalEntity],
  ['chained_list', convertChain],
  ['file', convertFile],
])

/**
 * A value of an order as amoCRM takes it. No value makes it throw; what does not fit is told in the problem.
 * https://www.amocrm.ru/developers/content/crm_platform/custom-fields
 */
export function convertValue(
  target: FieldTarget,
  /** Our name of the field. */
  name: string,
  value: unknown,
  { timeZone }: Pick<CrmAccount, 'timeZone'>,
): Converted {
  const text = trimmedText(value)
  if (text === '') return taken([])
  const { type, isComputed } = target.field
  const given = { target, field: describeField(target.field, name), value, text, timeZone }
  if (isComputed) return refused(given, 'field_computed')
  const convert = converters.get(type)
  return convert ? convert(given) : refused(given, 'field_type', { type })
}

/** How a person finds the field, in amoCRM and in amo-fields.mapper. */
export function describeField({ name: crmName }: Pick<CrmField, 'name'>, name: string) {
  return `${crmName} (${name})`
}

type Join = (earlier: ApiValue[], later: ApiValue[]) => ApiValue[]
const joinWhole: Join = (earlier, later) => joined(earlier, later, (value) => JSON.stringify(value))

/** Types of which several values of an order make one. */
const joins = new Map<string, Join>([
  ['multitext', joinWhole],
  ['multiselect', joinWhole],
  ['smart_address', (earlier, later) => joined(earlier, later, ({ enum_code }) => enum_code)],
  ['legal_entity', (earlier, later) => [{ value: Object.assign({}, earlier[0]?.['value'], later[0]?.['value']) }]],
])

export function isJoined(type: string) {
  return joins.has(type)
}

/** What several values of an order make of one field: phones join, keys join, of anything else the later one counts. */
export function mergeValues(type: string, earlier: ApiValue[], later: ApiValue[]): ApiValue[] {
  if (later.length === 0) return earlier
  return joins.get(type)?.(earlier, later) ?? later
}

/** Each key once and in its first place, with the later of two values. */
function joined(earlier: ApiValue[], later: ApiValue[], keyOf: (value: ApiValue) => unknown) {
  return [...new Map([...earlier, ...later].map((value) => [keyOf(value), value])).values()]
}

/**
 * The merged values as they can be sent: amoCRM takes no legal entity without a name, and refuses the whole lead for it.
 * `text` is what the order said.
 */
export function completeValues(target: FieldTarget, name: string, values: ApiValue[], text: string): Converted {
  const isNameless =
    target.field.type === 'legal_entity' && values.some(({ value }) => !Object.hasOwn(Object(value), 'name'))
  if (!isNameless) return taken(values)
  return {
    values: [],
    problem: { code: 'value_no_name', params: { field: describeField(target.field, name), value: text } },
  }
}
