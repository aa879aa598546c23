import type { PhpArray, PhpValue } from './php.ts'

/** Readings of a PHP value as what we want it to be; undefined where it is something else. */

export function asArray(value: PhpValue | undefined): PhpArray | undefined {
  return value instanceof Map ? value : undefined
}

export function asText(value: PhpValue | undefined): string | undefined {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' ? value : undefined
}

/** Also a number in a text; not negative. */
export function asWholeNumber(value: PhpValue | undefined): number | undefined {
  const number = typeof value === 'string' && /^\s*\d+\s*$/.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : undefined
}

/** A list of texts; a single text is a list of one. */
export function asTexts(value: PhpValue | undefined): string[] {
  const values = value instanceof Map ? [...value.values()] : [value]
  return values.map(asText).filter((text): text is string => text !== undefined && text !== '')
}
