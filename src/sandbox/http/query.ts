import type { Request } from 'express'

/** What `qs` makes of a query string. */
export type QueryValue = undefined | string | QueryValue[] | { [key: string]: QueryValue }

export const queryOf = (req: Request) => req.query as QueryValue

const defaultLimit = 50
const highestLimit = 250

/** Which part of a list is asked for; nobody is sure what more than 250 becomes. */
export function pageOf(query: QueryValue, aboveHighest = highestLimit): { page: number; limit: number } {
  const limit = positive(at(query, 'limit')) ?? defaultLimit
  return { page: positive(at(query, 'page')) ?? 1, limit: limit > highestLimit ? aboveHighest : limit }
}

export function withOf(query: QueryValue): Set<string> {
  return new Set(
    listOf(at(query, 'with'))
      .flatMap((text) => text.split(','))
      .map((word) => word.trim()),
  )
}

/** The value at a path such as `filter`, `entity_id`. */
export function at(query: QueryValue, ...path: string[]): QueryValue {
  let value = query
  for (const key of path) {
    if (value === undefined || typeof value === 'string' || Array.isArray(value)) return undefined
    value = value[key]
  }
  return value
}

/** `a=1`, `a[]=1&a[]=2` and `a[0]=1&a[7]=2` are all lists. */
export function listOf(value: QueryValue): string[] {
  if (value === undefined) return []
  if (typeof value === 'string') return [value]
  return Object.values(value).flatMap(listOf)
}

/** Whether a value is one of those asked for; who asks for none gets all. */
export const fits = (wanted: string[], value: unknown) => wanted.length === 0 || wanted.includes(String(value))

interface Range {
  from: number
  to: number
}

/** `a[from]=1&a[to]=2`; a single value means "from". */
export function rangeOf(value: QueryValue): Range | undefined {
  if (value === undefined) return undefined
  if (typeof value === 'string') return { from: Number(value), to: Number.POSITIVE_INFINITY }
  const edge = (key: string, otherwise: number) => {
    const text = at(value, key)
    return typeof text === 'string' ? Number(text) : otherwise
  }
  return { from: edge('from', Number.NEGATIVE_INFINITY), to: edge('to', Number.POSITIVE_INFINITY) }
}

/** Sorts by `order[field]=asc|desc`; without an order, or by a field that cannot be sorted by, ids ascend. */
export function inOrder<T extends { id: number }>(
  query: QueryValue,
  sortable: (keyof T & string)[],
  records: T[],
): T[] {
  const field = sortable.find((name) => at(query, 'order', name) !== undefined)
  const sign = field !== undefined && at(query, 'order', field) === 'desc' ? -1 : 1
  const rank = (record: T) => Number(record[field ?? 'id'])
  return records.toSorted((a, b) => sign * (rank(a) - rank(b) || a.id - b.id))
}

function positive(value: QueryValue): number | undefined {
  const number = typeof value === 'string' ? Number(value) : Number.NaN
  return Number.isInteger(number) && number > 0 ? number : undefined
}
