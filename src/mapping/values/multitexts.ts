import { findChoice } from './choices.ts'
import { type Converted, type Given, taken, takenWith, textsOf } from './converted.ts'

/** Phones, e-mails and the like, each of a kind. One of an unknown kind is still a phone. */
export function convertMultitext(given: Given): Converted {
  const { field, part } = given.target
  const wanted = part === null ? undefined : findChoice(field, part)
  const kind = wanted ?? findChoice(field, 'WORK') ?? field.choices[0]
  const key = kind === undefined ? {} : kind.code ? { enum_code: kind.code } : { enum_id: kind.id }
  const entries = textsOf(given.value).flatMap((text) => text.split(separator))
  const distinct = [...new Set(entries.map((entry) => entry.trim()))].filter(Boolean)
  const { isOne, otherwise } = kinds.get(field.code ?? '') ?? anyText
  const values = distinct.filter(isOne).map((value) => ({ value, ...key }))
  const others = distinct.filter((entry) => !isOne(entry))
  if (others.length > 0) return takenWith(values, given, otherwise, { value: others.join(', ') })
  return part === null || wanted ? taken(values) : takenWith(values, given, 'value_kind_unknown', { part })
}

const anyText = { isOne: () => true, otherwise: '' }

/** Who must fill in a phone or an e-mail and will not, writes “no”. */
const kinds = new Map([
  ['EMAIL', { isOne: (text: string) => /\S@\S/.test(text), otherwise: 'value_not_email' }],
  ['PHONE', { isOne: (text: string) => /\d/.test(text), otherwise: 'value_not_phone' }],
])

/** An extension stays with its number: `+7 495 123-45-67, доб. 89`. */
const separator = /[,;\n](?! ?(?:доб|вн|ext|#))|\s\/\s/iu
