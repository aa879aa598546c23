import { looseText } from '../loose-text.ts'
import { type Converted, type Given, refused, taken } from './converted.ts'

const yes = 'да 1 true yes y on вкл включено включен есть так + ✓ ✔ checked истина'
const no = 'нет 0 false no n off выкл выключено выключен нету ні - − – ложь'

const answers = new Map([
  ...yes.split(' ').map((word) => [word, true] as const),
  ...no.split(' ').map((word) => [word, false] as const),
])

export function convertCheckbox(given: Given): Converted {
  const value = answers.get(looseText(given.text))
  return value === undefined ? refused(given, 'value_not_yes_no') : taken([{ value }])
}
