import { decimalText, parseNumber } from '../numbers.ts'
import { type Converted, type Given, refused, taken } from './converted.ts'

/** amoCRM stores what is no number, or too large for one, as nothing and says no word; so it is not sent. */
export function convertNumber(given: Given): Converted {
  const number = typeof given.value === 'number' ? given.value : parseNumber(given.text)
  const text = number === null ? null : decimalText(number)
  return text === null ? refused(given, 'value_not_number') : taken([{ value: text }])
}
