import { textOf } from '../../order/order.ts'
import type { FieldTarget } from '../amo-fields.mapper.ts'
import type { ApiValue, MappingWarning } from '../plan.ts'

/** What amoCRM is to be sent. Values may stand beside a problem: a text that was cut, the known ones of several choices. */
export interface Converted {
  values: ApiValue[]
  problem: MappingWarning | null
}

export interface Given {
  target: FieldTarget
  /** The field as people are told of it: the account's name and ours. */
  field: string
  /** As the order has it. */
  value: unknown
  /** The same as one text, trimmed and not empty. */
  text: string
  timeZone: string
}

export const taken = (values: ApiValue[]): Converted => ({ values, problem: null })

export const refused = (given: Given, code: string, params?: Record<string, string>): Converted =>
  takenWith([], given, code, params)

export function takenWith(
  values: ApiValue[],
  { field, text }: Given,
  code: string,
  params: Record<string, string> = {},
): Converted {
  return { values, problem: { code, params: { field, value: text, ...params } } }
}

/** Lone halves of characters would make amoCRM refuse the whole request. */
export const trimmedText = (value: unknown) => textOf(value).toWellFormed().trim()

/** The texts of a list, or of an object as PHP makes of a list with gaps; any other value is a list of one. */
export function textsOf(value: unknown): string[] {
  const items = typeof value === 'object' && value !== null ? Object.values(value) : [value]
  return items.map(trimmedText).filter(Boolean)
}

/** What stands between commas, semicolons and the ends of lines. */
export function partsOf(text: string): string[] {
  return text
    .split(/[,;\n]/)
    .map((part) => part.trim())
    .filter(Boolean)
}

/** The entries of a nested object; null for what is none. */
export function entriesOf(value: unknown): [key: string, text: string][] | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  return Object.entries(value).map(([key, item]) => [key, trimmedText(item)])
}
