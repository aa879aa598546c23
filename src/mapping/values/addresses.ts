import type { ApiValue } from '../plan.ts'
import { type Converted, entriesOf, type Given, refused, taken, takenWith } from './converted.ts'
import { countryCode } from './countries.ts'

export const addressLines = ['address_line_1', 'address_line_2', 'city', 'state', 'zip', 'country']
const usualLine = 'address_line_1'

/** One line of an address, or an object with several. */
export function convertAddress(given: Given): Converted {
  const { part } = given.target
  const entries = part === null ? entriesOf(given.value) : null
  if (entries) return convertLines(entries, given)
  const line = part?.trim().toLowerCase() ?? usualLine
  if (!addressLines.includes(line)) {
    return takenWith([{ value: given.text, enum_code: usualLine }], given, 'value_kind_unknown', { part: line })
  }
  const value = lineOf(line, given.text)
  return value ? taken([value]) : refused(given, 'value_not_country')
}

function convertLines(entries: [string, string][], given: Given): Converted {
  const values: ApiValue[] = []
  const unplaced: string[] = []
  for (const [key, text] of entries) {
    const line = key.trim().toLowerCase()
    const value = addressLines.includes(line) ? lineOf(line, text) : null
    if (value && text !== '') values.push(value)
    else if (text !== '') unplaced.push(key)
  }
  return unplaced.length === 0
    ? taken(values)
    : takenWith(values, given, 'value_keys_unknown', { keys: unplaced.join(', ') })
}

function lineOf(line: string, text: string): ApiValue | null {
  const value = line === 'country' ? countryCode(text) : text
  return value === null ? null : { value, enum_code: line }
}
