import type { Report } from '../http/batch.ts'
import type { Field, FieldChoice, FieldValue } from '../store/entities.ts'

type Sent = Record<string, unknown>
type Check = (field: Field, sent: Sent, path: string, report: Report) => FieldValue | undefined

const longestText = 256

const checks: Record<string, Check> = {
  text: (_field, sent, path, report) => text(sent, path, report, longestText),
  textarea: (_field, sent, path, report) => text(sent, path, report),
  url: (_field, sent, path, report) => text(sent, path, report),
  streetaddress: (_field, sent, path, report) => text(sent, path, report),
  tracking_data: (_field, sent, path, report) => text(sent, path, report),
  numeric,
  price: numeric,
  monetary: numeric,
  checkbox,
  date: moment,
  date_time: moment,
  birthday: moment,
  select: choice,
  radiobutton: choice,
  multiselect: choice,
  category: choice,
  multitext,
}

const entity = ['contacts', 'companies', 'leads']
const everywhere = [...entity, 'catalogs']

/** Which kinds of entity can have a field of a type. */
export const fieldPlaces: Record<string, string[]> = {
  text: everywhere,
  numeric: everywhere,
  checkbox: everywhere,
  select: everywhere,
  multiselect: everywhere,
  date: everywhere,
  url: everywhere,
  date_time: everywhere,
  textarea: everywhere,
  radiobutton: everywhere,
  streetaddress: everywhere,
  file: everywhere,
  multitext: ['contacts', 'companies'],
  smart_address: entity,
  birthday: entity,
  legal_entity: entity,
  monetary: entity,
  tracking_data: ['leads'],
  chained_list: ['leads'],
  price: ['catalogs'],
  category: ['catalogs'],
  items: ['catalogs'],
  linked_entity: ['catalogs'],
  supplier: ['catalogs'],
  payer: ['catalogs'],
}

export const choiceTypes = ['select', 'multiselect', 'radiobutton']

/** The types whose values `query` finds. */
export const textLike = ['text', 'textarea', 'url', 'streetaddress', 'numeric', 'multitext', 'tracking_data']

export function isSingle(type: string) {
  return type in checks && type !== 'multitext' && type !== 'multiselect'
}

/** One entry of a field's `values`, as it is stored and read back. Types without rules here are taken as they come. */
export function checkValue(field: Field, sent: Sent, path: string, report: Report): FieldValue | undefined {
  const check = checks[field.type]
  return check ? check(field, sent, path, report) : sent
}

function text(sent: Sent, path: string, report: Report, longest = Number.POSITIVE_INFINITY): FieldValue | undefined {
  const { value } = sent
  if (typeof value !== 'string') return wrongType(report, path, 'string')
  if ([...value].length > longest) {
    const detail = `This value is too long. It should have ${longest} characters or less.`
    report('TooLong', `${path}.value`, detail)
    return undefined
  }
  return { value }
}

// What is not a number is stored as nothing, without an error.
function numeric(_field: Field, { value }: Sent, path: string, report: Report): FieldValue | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return wrongType(report, path, 'numeric')
  const isNumber = value !== '' && Number.isFinite(Number(value))
  return { value: isNumber ? String(value).trim() : '' }
}

function checkbox(_field: Field, { value }: Sent, path: string, report: Report): FieldValue | undefined {
  return typeof value === 'boolean' ? { value } : wrongType(report, path, 'bool')
}

const rfc3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/

function moment(_field: Field, { value }: Sent, path: string, report: Report): FieldValue | undefined {
  if (typeof value === 'number' && Number.isInteger(value)) return { value }
  const parsed = typeof value === 'string' && rfc3339.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(parsed) ? wrongType(report, path, 'int') : { value: Math.floor(parsed / 1000) }
}

function choice(field: Field, sent: Sent, path: string, report: Report): FieldValue | undefined {
  const found = findChoice(field.choices ?? [], sent)
  if (!found) {
    report('NotSupportedChoice', `${path}.${choiceKey(sent) ?? 'value'}`)
    return undefined
  }
  return { value: found.value, enum_id: found.id, enum_code: found.code }
}

// A phone or an e-mail without a kind is taken for a work one.
function multitext(field: Field, sent: Sent, path: string, report: Report): FieldValue | undefined {
  if (typeof sent['value'] !== 'string') return wrongType(report, path, 'string')
  const key = choiceKey(sent, ['enum_id', 'enum_code'])
  const [first] = field.choices ?? []
  const kind = key === undefined ? first : findChoice(field.choices ?? [], { [key]: sent[key] })
  if (key !== undefined && !kind) {
    report('NotSupportedChoice', `${path}.${key}`)
    return undefined
  }
  return { value: sent['value'], ...(kind ? { enum_id: kind.id, enum_code: kind.code } : {}) }
}

function findChoice(choices: FieldChoice[], sent: Sent): FieldChoice | undefined {
  const key = choiceKey(sent)
  if (key === 'enum_id') return choices.find((each) => each.id === sent[key])
  if (key === 'enum_code') return choices.find((each) => each.code !== null && each.code === sent[key])
  return key === 'value' ? choices.find((each) => each.value === sent[key]) : undefined
}

function choiceKey(sent: Sent, keys = ['enum_id', 'enum_code', 'value']) {
  return keys.find((key) => sent[key] !== undefined && sent[key] !== null)
}

function wrongType(report: Report, path: string, type: string): undefined {
  report('InvalidType', `${path}.value`, `This value should be of type ${type}.`)
}
