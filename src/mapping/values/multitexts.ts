import { findChoice } from './choices.ts'
import { type Converted, type Given, taken, takenWith, textsOf } from './converted.ts'

/** Phones, e-mails and the like, each of a kind. One of an unknown kind is still a phone. */
export function convertMultitext(given: Given): Converted {
  const { field, part } = given.target
  const wanted = part === null ? undefined : findChoice(field, part)
  const kind = wanted ?? findChoice(field, 'WORK') ?? field.choices[0]
  const key = kind === undefined ? {} : kind.code ? { enum_code: kind.code } : { enum_id: kind.id }
  const entries = textsOf(given.value).flatMap((text) => text.split(separator))
  const values = [...new Set(entries.map((entry) => entry.trim()))].filter(Boolean).map((value) => ({ value, ...key }))
  return part === null || wanted ? taken(values) : takenWith(values, given, 'value_kind_unknown', { part })
}

/** An extension stays with its number: `+7 495 123-45-67, доб. 89`. */
const separator = /[,;\n](?! ?(?:доб|вн|ext|#))/iu
