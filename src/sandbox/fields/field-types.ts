import { settingsOf } from '../control/settings.ts'
import type { Report } from '../http/batch.ts'
import type { Field, FieldChoice, FieldValue } from '../store/entities.ts'
import type { Store } from '../store/store.ts'
import { compoundShapes, readCompound } from './compound-values.ts'

type Sent = Record<string, unknown>

interface Place {
  store: Store
  field: Field
  path: string
  report: Report
}

type Check = (sent: Sent, place: Place) => FieldValue | undefined

const longestText = 256
const furthestMoment = 8_640_000_000_000

const checks: Record<string, Check> = {
  text: shortText,
  textarea: longText,
  url: text,
  streetaddress: text,
  tracking_data: text,
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
  smart_address: addressLine,
}

/** The types whose values `query` finds. */
export const textLike = ['text', 'textarea', 'url', 'streetaddress', 'numeric', 'multitext', 'tracking_data']

const severalEntries = [
  'multitext',
  'multiselect',
  'smart_address',
  'legal_entity',
  'items',
  'chained_list',
  'linked_entity',
]

export const isSingle = (type: string) => !severalEntries.includes(type)

/** One entry of a field's `values`, as it is stored and read back. */
export function checkValue(sent: Sent, place: Place): FieldValue | undefined {
  const { type } = place.field
  if (type in compoundShapes) return readCompound(type, sent, place.path, place.report)
  return checks[type]?.(sent, place)
}

function text({ value }: Sent, { path, report, store }: Place): FieldValue | undefined {
  if (typeof value === 'string') return { value }
  const isTaken = typeof value === 'number' && settingsOf(store).number_as_text === 'accept'
  return isTaken ? { value: String(value) } : wrongType(report, path, 'string')
}

function longText(sent: Sent, place: Place): FieldValue | undefined {
  const read = text(sent, place)
  const { textarea_max } = settingsOf(place.store)
  const isTooLong = textarea_max !== null && [...String(read?.value ?? '')].length > textarea_max
  return isTooLong ? tooLong(place, textarea_max) : read
}

function shortText(sent: Sent, place: Place): FieldValue | undefined {
  const read = text(sent, place)
  const characters = [...String(read?.value ?? '')]
  const { long_text, long_text_unit } = settingsOf(place.store)
  const kept = beginning(characters, long_text_unit === 'bytes' ? Buffer.byteLength : () => 1)
  if (kept.length === characters.length) return read
  return long_text === 'cut' ? { value: kept.join('') } : tooLong(place, longestText)
}

/** As many characters as there is room for. */
function beginning(characters: string[], sizeOf: (character: string) => number): string[] {
  let room = longestText
  const end = characters.findIndex((character) => {
    room -= sizeOf(character)
    return room < 0
  })
  return end === -1 ? characters : characters.slice(0, end)
}

function tooLong({ path, report }: Place, most: number): undefined {
  report('TooLong', `${path}.value`, `This value is too long. It should have ${most} characters or less.`)
}

// What is not a number, or too large for one, is stored as nothing, without an error.
function numeric({ value }: Sent, { path, report }: Place): FieldValue | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return wrongType(report, path, 'numeric')
  const written = String(value).trim()
  const isNumber =
    /^[-+]?\d+(\.\d+)?(e[-+]?\d+)?$/i.test(written) && Math.abs(Number(written)) <= Number.MAX_SAFE_INTEGER
  return { value: isNumber ? written : '' }
}

function checkbox({ value }: Sent, { path, report }: Place): FieldValue | undefined {
  return typeof value === 'boolean' ? { value } : wrongType(report, path, 'bool')
}

const rfc3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/

function moment({ value }: Sent, { path, report }: Place): FieldValue | undefined {
  if (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= furthestMoment) return { value }
  const parsed = typeof value === 'string' && rfc3339.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(parsed) ? wrongType(report, path, 'int') : { value: Math.floor(parsed / 1000) }
}

function choice(sent: Sent, { field, path, report }: Place): FieldValue | undefined {
  const found = findChoice(field.choices ?? [], sent)
  if (!found) {
    report('NotSupportedChoice', `${path}.${choiceKey(sent) ?? 'value'}`)
    return undefined
  }
  return { value: found.value, enum_id: found.id, enum_code: found.code }
}

// A phone or an e-mail without a kind is taken for a work one, which is the first; nobody is sure that it always is.
function multitext(sent: Sent, place: Place): FieldValue | undefined {
  const { field, path, report, store } = place
  if (choiceKey(sent, kindKeys) !== undefined) return kindOfText(field.choices ?? [], sent, place)
  if (typeof sent['value'] !== 'string') return wrongType(report, path, 'string')
  if (settingsOf(store).multitext_without_enum === 'refuse') return void report('FieldMissing', `${path}.enum_code`)
  const [first] = field.choices ?? []
  return { value: sent['value'], ...(first ? { enum_id: first.id, enum_code: first.code } : {}) }
}

const addressLines = ['address_line_1', 'address_line_2', 'city', 'state', 'zip', 'country'].map((code, index) => ({
  id: index + 1,
  value: code,
  sort: index + 1,
  code,
}))

function addressLine(sent: Sent, place: Place): FieldValue | undefined {
  const line = kindOfText(addressLines, sent, place)
  const isCountry = line?.enum_code !== 'country' || /^[A-Z]{2}$/.test(String(line.value))
  return isCountry ? line : void place.report('NotSupportedChoice', `${place.path}.value`)
}

const kindKeys = ['enum_id', 'enum_code']

/** A text of one of several kinds, such as a mobile phone. */
function kindOfText(kinds: FieldChoice[], sent: Sent, { path, report }: Place): FieldValue | undefined {
  if (typeof sent['value'] !== 'string') return wrongType(report, path, 'string')
  const key = choiceKey(sent, kindKeys)
  const kind = key === undefined ? undefined : findChoice(kinds, { [key]: sent[key] })
  if (kind) return { value: sent['value'], enum_id: kind.id, enum_code: kind.code }
  return void (key === undefined
    ? report('FieldMissing', `${path}.enum_id`)
    : report('NotSupportedChoice', `${path}.${key}`))
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
